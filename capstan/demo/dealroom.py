"""The deal room of the demo's company: documents, who opened them (people, scanners, own team)."""

import random
from datetime import UTC, date, datetime, timedelta
from itertools import count

from capstan.demo.facts import Communication, DealRoom, Document, Fact, Investor, StageEvent, View

BROWSERS = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.5 Safari/605.1.15",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/141.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
)
MACHINES = (
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Mozilla/5.0 (compatible; Barracuda Sentinel/1.0 link scanner)",
    "python-requests/2.32.3",
)
TEAM = ("mara.ellison@orrerygrid.example", "theo.lund@orrerygrid.example")
DOCUMENTS = (
    ("d-01", "Series A deck", "pitch_deck", 18),
    ("d-02", "Financial model summary", "financials", 9),
    ("d-03", "Audited accounts 2025", "financials", 26),
    ("d-04", "Pro-forma cap table", "cap_table", 3),
    ("d-05", "Term sheet", "legal", 7),
    ("d-06", "Customer references", "other", 5),
    ("d-07", "Grid interconnection study", "other", 41),
)
OPENS_AT = {"meeting": 1, "dd": 4, "term_sheet": 6, "committed": 7}
SUBJECTS = (
    "Introduction",
    "Deck and next steps",
    "Diligence questions",
    "Reference calls",
    "Round timing",
    "Signing",
)


def deal_room(
    numbers: random.Random, vehicle_id: str, investors: list[Investor], events: list[StageEvent]
) -> list[Fact]:
    """All facts of the room; the further an investor came, the more documents it read."""
    opened = datetime(2026, 2, 27, 9, 0, tzinfo=UTC)
    facts: list[Fact] = [DealRoom("room-a", vehicle_id, "Series A data room", date(2026, 2, 27))]
    facts += [Document(key, "room-a", name, kind, pages, opened) for key, name, kind, pages in DOCUMENTS]
    ids = count(1)
    letters = count(1)
    people = {item.investor_id: item for item in investors}
    for event in events:
        investor = people[event.investor_id]
        facts.append(
            _letter(numbers, next(letters), vehicle_id, investor, event.occurred_at - timedelta(hours=3))
        )
        at = event.occurred_at + timedelta(hours=numbers.randint(1, 70))
        for key, _, _, pages in DOCUMENTS[: OPENS_AT.get(event.to_stage, 0)]:
            if numbers.randint(0, 99) < 30:
                continue
            facts.append(_visit(numbers, next(ids), key, pages, investor, at))
            at += timedelta(minutes=numbers.choice((3, 4, 90, 1600)))
        if event.to_stage in OPENS_AT and numbers.randint(0, 99) < 25:
            facts.append(_scan(numbers, next(ids), investor, event.occurred_at + timedelta(seconds=40)))
    for number in range(14):
        key, _, _, pages = DOCUMENTS[number % 7]
        facts.append(
            _own(
                numbers,
                next(ids),
                key,
                pages,
                TEAM[number % 2],
                opened + timedelta(days=number * 16, hours=5),
            )
        )
    return facts


def _pages(numbers: random.Random, pages: int) -> tuple[int, ...]:
    """Seconds spent on each page; a zero is a page not reached."""
    reached = numbers.randint(max(1, pages // 3), pages)
    return tuple(numbers.randint(4, 75) if page < reached else 0 for page in range(pages))


def _visit(
    numbers: random.Random, number: int, document: str, pages: int, who: Investor, at: datetime
) -> View:
    seconds = _pages(numbers, pages)
    agent = BROWSERS[numbers.randint(0, 2)]
    downloaded = numbers.randint(0, 99) < 15
    return View(
        f"v-{number:04d}", document, who.investor_id, who.email, at, sum(seconds), seconds, downloaded, agent
    )


def _scan(numbers: random.Random, number: int, who: Investor, at: datetime) -> View:
    agent = MACHINES[numbers.randint(0, 2)]
    return View(f"v-{number:04d}", "d-01", who.investor_id, who.email, at, 1, (1,) * 18, False, agent)


def _own(numbers: random.Random, number: int, document: str, pages: int, email: str, at: datetime) -> View:
    seconds = _pages(numbers, pages)
    return View(f"v-{number:04d}", document, None, email, at, sum(seconds), seconds, False, BROWSERS[0])


def _letter(
    numbers: random.Random, number: int, vehicle_id: str, who: Investor, at: datetime
) -> Communication:
    channel = numbers.choice(("email", "email", "email", "meeting", "call"))
    direction = numbers.choice(("outbound", "inbound"))
    return Communication(
        f"m-{number:04d}", vehicle_id, who.investor_id, channel, direction, at, numbers.choice(SUBJECTS)
    )
