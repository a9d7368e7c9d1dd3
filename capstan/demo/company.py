"""The company of the demo world, raising a priced round after a SAFE: pipeline, commitments and payments.

Who reads what in its deal room is in `dealroom.py`.
"""

import random
from datetime import UTC, date, datetime, timedelta
from itertools import count

from capstan.demo.dealroom import deal_room
from capstan.demo.facts import Cents, Commitment, Fact, Investor, Payment, StageEvent, Vehicle

ROUND = "series-a"
SAFE = "safe-2025"
OPENED = datetime(2026, 3, 2, 13, 0, tzinfo=UTC)
STAGES = ("contacted", "meeting", "dd", "term_sheet", "committed")

PEOPLE = (
    "Adaeze Nwosu", "Bram Koster", "Clara Voss", "Dimitri Anagnos", "Elif Tandogan", "Farid Benhaddou",
    "Greta Lindqvist", "Hugo Marchetti", "Imani Okafor", "Jonah Feldstein", "Katya Rozman", "Leif Aasen",
    "Mireille Caron", "Noor van Dijk", "Oren Shalev", "Priya Raghunathan", "Quentin Duras", "Rosa Ibarra",
    "Stellan Brandt", "Tomoko Hayashida", "Ulrike Senn", "Vikram Desai", "Wanda Zielonka", "Xavier Puig",
    "Yara Haddad", "Zoltan Kerekes", "Anselm Riedl", "Beatriz Camacho", "Caspian Rowe", "Delphine Aubry",
)  # fmt: skip
FIRMS = (
    "Saltmarsh Ventures", "Ninth Meridian", "Graywater Capital", "Kettle Row", "Polder Seed", "Two Herons",
    "Basalt Peak Partners", "Halfmoon Bay Angels", "Ember & Alder", "Northing Capital", "Quiet Harbor",
    "Thornfield Growth", "Wick Street", "Amberline", "Cobble Hill Collective", "Driftless Fund",
    "Fenland Capital", "Glasswing Bridge", "Hearthside Angels", "Ironbark Ventures",
)  # fmt: skip


def _investors(numbers: random.Random) -> list[Investor]:
    rows = []
    for number in range(1, 61):
        first, last = PEOPLE[number % 30].split(" ", 1)
        if number > 30:
            last = PEOPLE[(number + 13) % 30].split(" ", 1)[1]
        name = f"{first} {last}"
        firm = FIRMS[number % 20] if number % 3 else None
        domain = firm.lower().replace(" & ", "-").replace(" ", "-") if firm else "angelmail"
        rows.append(
            Investor(
                f"inv-{number:03d}",
                name,
                firm,
                f"{name.lower().replace(' ', '.')}@{domain}.example",
                "venture_fund" if firm else "angel",
                numbers.choice(("US", "US", "US", "GB", "DE", "NL", "SE", "FR")),
            )
        )
    return rows


def _journeys(numbers: random.Random) -> dict[str, list[str]]:
    """Where each investor went in the priced round: how far, and whether it ended with a pass."""
    furthest = [0] * 14 + [1] * 16 + [2] * 12 + [3] * 6 + [4] * 12
    numbers.shuffle(furthest)
    journeys = {}
    for number, reached in enumerate(furthest, start=1):
        path = list(STAGES[: reached + 1])
        if reached < 4 and numbers.randint(0, 99) < (35, 60, 55, 35)[reached]:
            path.append("passed")
        journeys[f"inv-{number:03d}"] = path
    return journeys


def _pipeline(
    numbers: random.Random, journeys: dict[str, list[str]], sizes: dict[str, int]
) -> list[StageEvent]:
    rows: list[StageEvent] = []
    ids = count(1)
    for investor_id, path in journeys.items():
        latest = 198 - 30 * (len(path) - 1)
        at = OPENED + timedelta(days=numbers.randint(0, latest), minutes=numbers.randint(0, 480))
        before = None
        for stage in path:
            known = stage in STAGES[2:]
            rows.append(
                StageEvent(
                    f"se-{next(ids):04d}",
                    ROUND,
                    investor_id,
                    before,
                    stage,
                    Cents(sizes[investor_id]) if known else None,
                    "USD" if known else None,
                    at,
                    numbers.choice(("mara.ellison@orrerygrid.example", "theo.lund@orrerygrid.example")),
                    numbers.choice(("too early", "outside our thesis", "fund fully deployed", "valuation"))
                    if stage == "passed"
                    else None,
                )
            )
            before = stage
            at += timedelta(days=numbers.randint(4, 30), minutes=numbers.randint(0, 600))
    return rows


def _commitments(events: list[StageEvent], sizes: dict[str, int]) -> list[Commitment]:
    """The committed have signed or paid; those at the term sheet are soft-circled; one changed its mind."""
    now = {event.investor_id: event for event in events}
    rows: list[tuple[str, str, date | None]] = []
    for place, event in enumerate(item for item in now.values() if item.to_stage == "committed"):
        status = ("funded", "signed", "funded")[place % 3]
        rows.append((event.investor_id, status, event.occurred_at.date()))
    for place, event in enumerate(item for item in now.values() if item.to_stage == "term_sheet"):
        rows.append((event.investor_id, "soft_circled" if place else "cancelled", None))
    return [
        Commitment(f"c-{who}", ROUND, who, Cents(sizes[who]), "USD", status, signed)
        for who, status, signed in rows
    ]


def _payments(numbers: random.Random, commitments: list[Commitment]) -> list[Fact]:
    """Funded: paid, some after a failure or in two parts. Signed: pending, failing or part paid."""
    rows: list[Fact] = []
    ids = count(1)

    def attempt(
        item: Commitment, cents: int, status: str, day: int, number: int = 1, why: str | None = None
    ) -> None:
        signed = item.signed_on or date(2026, 9, 1)
        at = datetime(
            signed.year, signed.month, signed.day, 15, numbers.randint(0, 59), tzinfo=UTC
        ) + timedelta(days=day)
        rows.append(
            Payment(
                f"p-{next(ids):04d}",
                item.commitment_id,
                Cents(cents),
                item.currency_code,
                status,
                at,
                number,
                why,
            )
        )

    for place, item in enumerate(commitments):
        cents = item.amount.value
        if item.status == "funded":
            if place % 4 == 0:
                attempt(item, cents, "failed", 3, 1, "insufficient_funds")
                attempt(item, cents, "succeeded", 6, 2)
            elif place % 4 == 1:
                attempt(item, cents // 2, "succeeded", 4)
                attempt(item, cents - cents // 2, "succeeded", 11)
            else:
                attempt(item, cents, "succeeded", 5)
        elif item.status == "signed":
            if place % 3 == 0:
                attempt(item, cents, "failed", 3, 1, "card_declined")
                attempt(item, cents, "failed", 6, 2, "bank_account_closed")
            elif place % 3 == 1:
                attempt(item, cents // 4, "succeeded", 4)
                attempt(item, cents - cents // 4, "pending", 9)
            else:
                attempt(item, cents // 2, "refunded", 4)
                attempt(item, cents, "pending", 8)
    return rows


def orrery_grid() -> list[Fact]:
    """All facts of Orrery Grid: 60 investors in the pipeline of its Series A, a SAFE round before it."""
    numbers = random.Random(101)  # noqa: S311 (a story, not a secret)
    vehicles: list[Fact] = [
        Vehicle(SAFE, "Bridge SAFE 2025", "safe_round", "USD", Cents(1_500_000_00), Cents(2_000_000_00), 2025,
                date(2025, 4, 7), date(2025, 5, 2), date(2025, 9, 30), date(2025, 9, 30), "closed"),
        Vehicle(ROUND, "Series A", "priced_round", "USD", Cents(12_000_000_00), Cents(14_000_000_00), 2026,
                date(2026, 3, 2), date(2026, 8, 3), date(2026, 12, 18), None, "active"),
    ]  # fmt: skip
    investors = _investors(numbers)
    journeys = _journeys(numbers)
    sizes = {
        item.investor_id: numbers.choice((10, 15, 25, 40, 75, 110, 150)) * 10_000_00 for item in investors
    }
    events = _pipeline(numbers, journeys, sizes)
    commitments = _commitments(events, sizes)
    safe = [
        Commitment(f"s-{item.investor_id}", SAFE, item.investor_id, Cents((4 + place % 5) * 25_000_00), "USD",
                   "funded", date(2025, 5, 2) + timedelta(days=9 * place))
        for place, item in enumerate(investors[:11])
    ]  # fmt: skip
    return [
        *vehicles,
        *investors,
        *commitments,
        *safe,
        *events,
        *deal_room(numbers, ROUND, investors, events),
        *_payments(numbers, [*commitments, *safe]),
    ]
