"""Every number that `metric_values` should hold for a book: portfolio and commitment metrics."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from orchestration.lib.oracle.against_market import against_market
from orchestration.lib.oracle.book import Book, Vehicle
from orchestration.lib.oracle.cash_curve import cash_curve
from orchestration.lib.oracle.fees import Dated, fee_and_carry_answers
from orchestration.lib.oracle.holdings import Held, concentration, each_holding, gross, holdings_of
from orchestration.lib.oracle.index_accounts import index_accounts
from orchestration.lib.oracle.pacing import LIFE_YEARS, pacing
from orchestration.lib.oracle.pools import Holdings, Member, Standings, pool_answers
from orchestration.lib.oracle.questions import Answer, Answers, Asked, Made, Question, filed, multiples, ratio
from orchestration.lib.oracle.rate_of_return import Rate, rate_of_return
from orchestration.lib.oracle.rounds import round_answers
from orchestration.lib.oracle.standing import Ledger, Money, Standing, quarter_ends, signed, total
from orchestration.lib.oracle.without_facility import without_facility


def answers(book: Book, told_in: frozenset[str] = frozenset()) -> Answers:
    """All numbers of a tenant at every date they are shown for; `told_in`: what its people chose."""
    ledger = Ledger(book)
    found: Answers = {}
    positions: dict[str, dict[str, dict[date, Standing]]] = {}
    vehicles: Standings = {}
    holdings: Holdings = {}
    for vehicle in book.vehicles.values():
        mine = vehicles[vehicle.vehicle_id] = {}
        dated: Dated = []
        for as_of in ledger.as_ofs(vehicle):
            held = holdings_of(ledger, vehicle, as_of)
            for one in held:
                holdings.setdefault(one.holding.holding_id, {})[as_of] = one
            figures, mine[as_of] = _vehicle(ledger, vehicle, as_of, held)
            found |= figures | _investors(ledger, vehicle, as_of, positions)
            dated.append((as_of, mine[as_of].standing, held))
        found |= fee_and_carry_answers(ledger, vehicle, dated)
    for holding in book.holdings:
        holdings.setdefault(holding, {})
    for investor_id, held_in in positions.items():
        found |= _portfolio(ledger, investor_id, held_in, book.currency_code)
    found |= pool_answers(ledger, vehicles, holdings, told_in)
    now = _now(book)
    if now is not None:
        for vehicle_id, metric, value, unit in round_answers(ledger):
            found[Question(metric, "vehicle", vehicle_id, now, vehicle_id)] = Answer(value, unit, None)
    return found


def portfolios_told_in(book: Book, currency_code: str) -> Answers:
    """Every investor's whole portfolio at its dates, told in a currency; rpt_portfolio_in_currency."""
    ledger = Ledger(book)
    positions: dict[str, dict[str, dict[date, Standing]]] = {}
    for vehicle in book.vehicles.values():
        for as_of in ledger.as_ofs(vehicle):
            for investor_id, one in _positions(ledger, vehicle, as_of):
                positions.setdefault(investor_id, {}).setdefault(vehicle.vehicle_id, {})[as_of] = one
    found: Answers = {}
    for investor_id, held_in in positions.items():
        found |= _portfolio(ledger, investor_id, held_in, currency_code)
    return found


def _vehicle(ledger: Ledger, vehicle: Vehicle, as_of: date, held: list[Held]) -> tuple[Answers, Member]:
    ask: Asked = ("vehicle", vehicle.vehicle_id, as_of, vehicle.vehicle_id)
    standing, investors = ledger.vehicle(vehicle, as_of)
    found, rate = _performance(ledger, vehicle, None, standing, as_of, ask)
    members = sum(bool(one.commitment or one.flows) for one in investors)
    found[Question("investors", *ask)] = Answer(Fraction(members), "count", None)
    found |= gross(held, as_of, ask)
    found |= each_holding(held, as_of == ledger.latest(vehicle))
    found |= concentration(held, standing.worth.amount, ask)
    fx = "missing_rate" if standing.is_rate_missing else "ok"
    found |= filed(cash_curve(standing.flows, standing.commitment, fx), ask)
    if as_of == ledger.latest(vehicle):
        terms = ledger.book.terms.get(vehicle.vehicle_id)
        found |= pacing(vehicle, standing, as_of, (terms.life_years if terms else None) or LIFE_YEARS)
    return found, Member(standing, rate, vehicle.currency_code)


def _investors(
    ledger: Ledger, vehicle: Vehicle, as_of: date, positions: dict[str, dict[str, dict[date, Standing]]]
) -> Answers:
    found: Answers = {}
    for investor_id, one in _positions(ledger, vehicle, as_of):
        ask: Asked = ("investor", investor_id, as_of, vehicle.vehicle_id)
        found |= _performance(ledger, vehicle, investor_id, one, as_of, ask)[0]
        positions.setdefault(investor_id, {}).setdefault(vehicle.vehicle_id, {})[as_of] = one
    return found


def _positions(ledger: Ledger, vehicle: Vehicle, as_of: date) -> Iterator[tuple[str, Standing]]:
    """Each investor from the first cash on, and at the latest date."""
    for investor_id, first in ledger.holders(vehicle).items():
        if as_of == ledger.latest(vehicle) or (first and first <= as_of):
            yield investor_id, ledger.investor(vehicle, investor_id, as_of)


def _performance(
    ledger: Ledger, vehicle: Vehicle, investor_id: str | None, at: Standing, as_of: date, ask: Asked
) -> tuple[Answers, Rate | None]:
    nav = at.worth.amount
    fx = "missing_rate" if at.is_rate_missing else "ok"
    flows = [(day, amount) for day, amount in at.flows if amount is not None]
    rate: Rate | None = None
    if nav is not None and len(flows) == len(at.flows):
        # what all investors of a vehicle pay in on a day is one payment
        rate = rate_of_return([*(flows if investor_id else _daily(flows)), (as_of, nav)])
    status = "no_flows" if not at.flows else rate.status if rate else None
    ks_pme, alpha, pme_status = against_market(ledger.markets, vehicle.benchmark_code, at.flows, nav, as_of)
    age = Fraction((as_of - at.worth.valued_on).days) if at.worth.valued_on else None
    together = None if nav is None or at.unfunded is None else nav + at.unfunded
    own = [flow for flow in ledger.flows_of(vehicle) if investor_id in (None, flow.investor_id)]

    def nav_on(day: date) -> Money:
        if investor_id is None:
            return ledger.vehicle(vehicle, day)[0].worth.amount
        return ledger.investor(vehicle, investor_id, day).worth.amount

    made: list[Made] = [
        ("commitment_amount", at.commitment, "money", fx),
        ("contributed_amount", at.contributed, "money", fx),
        ("distributed_amount", at.distributed, "money", fx),
        ("recallable_amount", at.recallable, "money", fx),
        ("nav_amount", nav, "money", at.worth.status),
        ("nav_age_days", age, "days", at.worth.status),
        ("unfunded_amount", at.unfunded, "money", at.unfunded_status),
        ("total_exposure_amount", together, "money", at.worth.status),
        *multiples(at.contributed, at.distributed, nav, at.commitment, fx, at.worth.status),
        *_netted(at, fx),
        ("irr", rate.value if rate else None, "fraction", status),
        ("period_return", rate.period_return if rate else None, "fraction", status),
        ("ks_pme", ks_pme, "multiple", pme_status),
        ("direct_alpha", alpha, "fraction", pme_status),
        *index_accounts(ledger.markets, vehicle.benchmark_code, at.flows, nav, as_of, nav_on),
        *without_facility(ledger, vehicle.currency_code, own, nav, as_of),
    ]
    return filed(made, ask), rate


def _daily(flows: list[tuple[date, Fraction]]) -> list[tuple[date, Fraction]]:
    sides: dict[tuple[date, bool], Fraction] = defaultdict(Fraction)
    for day, amount in flows:
        sides[day, amount > 0] += amount
    return [(day, amount) for (day, _), amount in sides.items()]


def _netted(at: Standing, fx: str) -> list[Made]:
    """The other convention: what may be recalled counts neither as distributed nor as paid in."""
    nav, back, paid, recallable = at.worth.amount, at.distributed, at.contributed, at.recallable
    if back is None or paid is None or recallable is None:
        dpi = tvpi = None
    else:
        dpi = ratio(back - recallable, paid - recallable)
        tvpi = None if nav is None else ratio(back - recallable + nav, paid - recallable)
    return [("dpi_netted", dpi, "multiple", fx), ("tvpi_netted", tvpi, "multiple", at.worth.status)]


def _portfolio(
    ledger: Ledger, investor_id: str, positions: dict[str, dict[date, Standing]], to: str
) -> Answers:
    """All positions told in a currency: cash at the rate of its day, the rest at the date's."""
    dates = {day for dated in positions.values() for day in dated}
    found: Answers = {}
    for as_of in sorted(day for day in dates if day == max(dates) or day in quarter_ends(day, day)):
        held = {
            vehicle_id: dated[max(day for day in dated if day <= as_of)]
            for vehicle_id, dated in positions.items()
            if min(dated) <= as_of
        }
        made = _portfolio_at(ledger, investor_id, held, as_of, to)
        found |= filed(made, ("investor", investor_id, as_of, None))
    return found


def _portfolio_at(
    ledger: Ledger, investor_id: str, held: dict[str, Standing], as_of: date, to: str
) -> list[Made]:
    def told(vehicle_id: str, amount: Money) -> Money:
        currency = ledger.book.vehicles[vehicle_id].currency_code
        return None if amount is None else ledger.markets.convert(amount, currency, to, as_of)

    commitment = total(told(key, one.commitment) for key, one in held.items())
    unfunded = total(told(key, one.unfunded) for key, one in held.items())
    is_uncommitted = any(one.unfunded_status == "no_commitment" for one in held.values())
    unfunded_status = "no_commitment" if is_uncommitted else "missing_rate" if unfunded is None else "ok"
    nav = total(
        Fraction(0) if _holds_nothing(one) else told(key, one.worth.amount) for key, one in held.items()
    )
    flows = [
        flow
        for flow in ledger.book.flows
        if flow.investor_id == investor_id and flow.is_investor_cash and flow.on <= as_of
    ]
    cash = [(flow, ledger.markets.convert(flow.amount, flow.currency_code, to, flow.on)) for flow in flows]
    paid = total(amount for flow, amount in cash if flow.kind == "contribution")
    back = total(amount for flow, amount in cash if flow.kind == "distribution")
    is_missing = any(one.is_rate_missing or told(key, Fraction(1)) is None for key, one in held.items())
    fx = "missing_rate" if is_missing or any(amount is None for _, amount in cash) else "ok"
    known = [(flow.on, amount) for flow, item in cash if (amount := signed(flow, item)) is not None]
    rate = None
    if nav is not None and len(known) == len(cash):
        rate = rate_of_return([*known, (as_of, nav)])
    status = "no_flows" if not cash else rate.status if rate else None
    return [
        ("commitment_amount", commitment, "money", fx),
        ("contributed_amount", paid, "money", fx),
        ("distributed_amount", back, "money", fx),
        ("nav_amount", nav, "money", fx),
        ("unfunded_amount", unfunded, "money", unfunded_status),
        *multiples(paid, back, nav, commitment, fx, fx),
        ("irr", rate.value if rate else None, "fraction", status),
        ("period_return", rate.period_return if rate else None, "fraction", status),
        ("vehicles", Fraction(len(held)), "count", None),
        *without_facility(ledger, to, flows, nav, as_of),
    ]


def _holds_nothing(one: Standing) -> bool:
    return one.worth.amount == 0 or (not one.flows and one.worth.status == "missing")


def _now(book: Book) -> date | None:
    """The newest day the tenant has told us anything about, in its own time zone."""
    days = [flow.on for flow in book.flows] + [value.on for value in book.values]
    days += [item.signed_on for item in book.commitments if item.signed_on]
    instants = [move.at for move in book.moves] + [item.at for item in book.payments] + list(book.touched_at)
    days += [instant.astimezone(book.timezone).date() for instant in instants]
    return max(days, default=None)
