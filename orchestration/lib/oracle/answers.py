"""Every number that `metric_values` should hold for a book: portfolio and commitment metrics."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from orchestration.lib.oracle.against_market import against_market
from orchestration.lib.oracle.book import Book, Flow, Vehicle
from orchestration.lib.oracle.rate_of_return import Rate, rate_of_return
from orchestration.lib.oracle.rounds import round_answers
from orchestration.lib.oracle.standing import Ledger, Money, Standing, Worth, signed, total


@dataclass(frozen=True)
class Question:
    """Which number: as the key of `metric_values`; no vehicle is the investor's whole portfolio."""

    metric: str
    entity_type: str
    entity_id: str
    as_of: date
    vehicle_id: str | None


@dataclass(frozen=True)
class Answer:
    """The number (None: unknown) and the status it rests on; `unit` is the register's."""

    value: Fraction | float | None
    unit: str
    status: str | None


Answers = dict[Question, Answer]


def answers(book: Book) -> Answers:
    """All numbers of a tenant at every date they are shown for."""
    ledger = Ledger(book)
    found: Answers = {}
    now = _now(book)
    by_investor: dict[str, dict[str, dict[date, Standing]]] = {}
    for vehicle in book.vehicles.values():
        holders = ledger.holders(vehicle)
        latest = ledger.latest(vehicle)
        for as_of in ledger.as_ofs(vehicle):
            standing, _ = ledger.vehicle(vehicle, as_of)
            ask = ("vehicle", vehicle.vehicle_id, as_of, vehicle.vehicle_id)
            found |= _performance(ledger, vehicle, standing, as_of, ask)
            found |= _gross(ledger, vehicle, as_of, ask)
            members = 0
            for investor_id, first in holders.items():
                one = ledger.investor(vehicle, investor_id, as_of)
                members += bool(one.commitment or one.flows)
                if as_of == latest or (first and first <= as_of):
                    ask_one = ("investor", investor_id, as_of, vehicle.vehicle_id)
                    found |= _performance(ledger, vehicle, one, as_of, ask_one)
                    by_investor.setdefault(investor_id, {}).setdefault(vehicle.vehicle_id, {})[as_of] = one
            found[Question("investors", *ask)] = Answer(Fraction(members), "count", None)
    for investor_id, positions in by_investor.items():
        found |= _portfolio(ledger, investor_id, positions)
    found |= _holdings(ledger)
    if now is not None:
        for vehicle_id, metric, value, unit in round_answers(ledger):
            found[Question(metric, "vehicle", vehicle_id, now, vehicle_id)] = Answer(value, unit, None)
    return found


Asked = tuple[str, str, date, str | None]


def _performance(ledger: Ledger, vehicle: Vehicle, at: Standing, as_of: date, ask: Asked) -> Answers:
    nav = at.worth.amount
    fx = "missing_rate" if at.is_rate_missing else "ok"
    flows = [(day, amount) for day, amount in at.flows if amount is not None]
    is_known = len(flows) == len(at.flows)
    rate: Rate | None = None
    if nav is not None and is_known:
        rate = rate_of_return([*flows, (as_of, nav)])
    status = "no_flows" if not at.flows else rate.status if rate else None
    ks_pme, alpha, pme_status = against_market(ledger.markets, vehicle.benchmark_code, at.flows, nav, as_of)
    age = (as_of - at.worth.valued_on).days if at.worth.valued_on else None
    made: list[tuple[str, Fraction | float | None, str, str | None]] = [
        ("commitment_amount", at.commitment, "money", fx),
        ("contributed_amount", at.contributed, "money", fx),
        ("distributed_amount", at.distributed, "money", fx),
        ("recallable_amount", at.recallable, "money", fx),
        ("nav_amount", nav, "money", at.worth.status),
        ("nav_age_days", age, "days", at.worth.status),
        ("unfunded_amount", at.unfunded, "money", fx),
        *_multiples(at.contributed, at.distributed, nav, at.commitment, fx, at.worth.status),
        ("irr", rate.value if rate else None, "fraction", status),
        ("period_return", rate.period_return if rate else None, "fraction", status),
        ("ks_pme", ks_pme, "multiple", pme_status),
        ("direct_alpha", alpha, "fraction", pme_status),
    ]
    return {Question(metric, *ask): Answer(value, unit, why) for metric, value, unit, why in made}


def _multiples(
    paid: Money, back: Money, nav: Money, commitment: Money, fx: str, nav_status: str
) -> Iterator[tuple[str, Fraction | None, str, str | None]]:
    together = None if back is None or nav is None else back + nav
    yield "dpi", _ratio(back, paid), "multiple", fx
    yield "rvpi", _ratio(nav, paid), "multiple", nav_status
    yield "tvpi", _ratio(together, paid), "multiple", nav_status
    yield "pic", _ratio(paid, commitment), "multiple", fx


def _gross(ledger: Ledger, vehicle: Vehicle, as_of: date, ask: Asked) -> Answers:
    """What the vehicle put into its holdings and got out, before fees and carry."""
    held = [
        ledger.holding(holding, as_of)
        for holding in ledger.book.holdings.values()
        if holding.vehicle_id == vehicle.vehicle_id
    ]
    flows = [pair for pairs, _ in held for pair in pairs]
    counted = [worth for pairs, worth in held if pairs or worth.status != "missing"]
    nav = total(worth.amount for worth in counted) if held else None
    invested, proceeds = _in_and_out(flows)
    together = None if nav is None or proceeds is None else proceeds + nav
    known = [(flow.on, signed(flow, amount) or Fraction(0)) for flow, amount in flows if amount is not None]
    rate = None
    if nav is not None and flows and len(known) == len(flows):
        rate = rate_of_return([*known, (as_of, nav)])
    moic = _ratio(together, invested) if held else None
    status = rate.status if rate else None
    return {
        Question("gross_irr", *ask): Answer(rate.value if rate else None, "fraction", status),
        Question("gross_moic", *ask): Answer(moic, "multiple", status),
    }


def _in_and_out(flows: list[tuple[Flow, Money]]) -> tuple[Money, Money]:
    invested = total(amount for flow, amount in flows if flow.kind == "investment")
    return invested, total(amount for flow, amount in flows if flow.kind != "investment")


def _holdings(ledger: Ledger) -> Answers:
    found: Answers = {}
    for holding in ledger.book.holdings.values():
        vehicle = ledger.book.vehicles[holding.vehicle_id]
        as_of = ledger.latest(vehicle)
        flows, worth = ledger.holding(holding, as_of) if as_of else ([], Worth(None, "missing"))
        invested, proceeds = _in_and_out(flows)
        known = [
            (flow.on, signed(flow, amount) or Fraction(0)) for flow, amount in flows if amount is not None
        ]
        rate = None
        if as_of and worth.amount is not None and len(known) == len(flows):
            rate = rate_of_return([*known, (as_of, worth.amount)])
        status = "no_flows" if not flows else rate.status if rate else None
        day = as_of or _now(ledger.book)
        if day is None:
            continue
        together = None if worth.amount is None or proceeds is None else proceeds + worth.amount
        ask: Asked = ("holding", holding.holding_id, day, holding.vehicle_id)
        found |= {
            Question("invested_amount", *ask): Answer(invested, "money", None),
            Question("proceeds_amount", *ask): Answer(proceeds, "money", None),
            Question("nav_amount", *ask): Answer(worth.amount, "money", worth.status),
            Question("moic", *ask): Answer(_ratio(together, invested), "multiple", worth.status),
            Question("irr", *ask): Answer(rate.value if rate else None, "fraction", status),
        }
    return found


def _portfolio(ledger: Ledger, investor_id: str, positions: dict[str, dict[date, Standing]]) -> Answers:
    """All positions in the tenant's currency: cash at the rate of its day, the rest at the date's."""
    to = ledger.book.currency_code
    dates = {day for vehicle_id in positions for day in positions[vehicle_id]}
    latest = max(dates)
    own = [flow for flow in ledger.book.flows if flow.investor_id == investor_id and flow.is_investor_cash]
    cash = sorted(
        ((flow, ledger.markets.convert(flow.amount, flow.currency_code, to, flow.on)) for flow in own),
        key=lambda pair: pair[0].on,
    )
    found: Answers = {}
    for as_of in sorted(day for day in dates if _ends_quarter(day) or day == latest):
        held = {
            vehicle_id: by_date[max(day for day in by_date if day <= as_of)]
            for vehicle_id, by_date in positions.items()
            if min(by_date) <= as_of
        }
        if not held:
            continue

        def at_date(vehicle_id: str, amount: Money, as_of: date = as_of) -> Money:
            currency = ledger.book.vehicles[vehicle_id].currency_code
            return None if amount is None else ledger.markets.convert(amount, currency, to, as_of)

        commitment = total(at_date(key, one.commitment) for key, one in held.items())
        unfunded = total(at_date(key, one.unfunded) for key, one in held.items())
        nav = total(
            Fraction(0) if _holds_nothing(one) else at_date(key, one.worth.amount)
            for key, one in held.items()
        )
        until = [(flow, amount) for flow, amount in cash if flow.on <= as_of]
        paid = total(amount for flow, amount in until if flow.kind == "contribution")
        back = total(amount for flow, amount in until if flow.kind == "distribution")
        is_missing = (
            any(one.is_rate_missing for one in held.values())
            or any(at_date(key, Fraction(1)) is None for key in held)
            or any(amount is None for _, amount in until)
        )
        fx = "missing_rate" if is_missing else "ok"
        rate = None
        known = [
            (flow.on, signed(flow, amount) or Fraction(0)) for flow, amount in until if amount is not None
        ]
        if nav is not None and len(known) == len(until):
            rate = rate_of_return([*known, (as_of, nav)])
        status = "no_flows" if not until else rate.status if rate else None
        made: list[tuple[str, Fraction | float | None, str, str | None]] = [
            ("commitment_amount", commitment, "money", fx),
            ("contributed_amount", paid, "money", fx),
            ("distributed_amount", back, "money", fx),
            ("nav_amount", nav, "money", fx),
            ("unfunded_amount", unfunded, "money", fx),
            *_multiples(paid, back, nav, commitment, fx, fx),
            ("irr", rate.value if rate else None, "fraction", status),
            ("period_return", rate.period_return if rate else None, "fraction", status),
            ("vehicles", Fraction(len(held)), "count", None),
        ]
        for metric, value, unit, why in made:
            found[Question(metric, "investor", investor_id, as_of, None)] = Answer(value, unit, why)
    return found


def _holds_nothing(one: Standing) -> bool:
    return one.worth.amount == 0 or (not one.flows and one.worth.status == "missing")


def _ratio(part: Money, whole: Money) -> Fraction | None:
    return None if part is None or not whole else part / whole


def _ends_quarter(day: date) -> bool:
    return (day.month, day.day) in ((3, 31), (6, 30), (9, 30), (12, 31))


def _now(book: Book) -> date | None:
    """The newest day the tenant has told us anything about, in its own time zone."""
    days = [flow.on for flow in book.flows] + [value.on for value in book.values]
    days += [item.signed_on for item in book.commitments if item.signed_on]
    instants = [move.at for move in book.moves] + [item.at for item in book.payments] + list(book.touched_at)
    days += [instant.astimezone(book.timezone).date() for instant in instants]
    return max(days, default=None)
