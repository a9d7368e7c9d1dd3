"""Every number that `metric_values` should hold for a book: portfolio and commitment metrics.

`beside` holds what the performance marts tell besides: sums and ages that are no metric of their own.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
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
from orchestration.lib.oracle.portfolios import Positions, portfolio
from orchestration.lib.oracle.questions import Answer, Answers, Asked, Made, Question, filed, multiples, ratio
from orchestration.lib.oracle.rate_of_return import Rate, rate_of_return
from orchestration.lib.oracle.rounds import round_answers
from orchestration.lib.oracle.standing import Ledger, Standing, Worth
from orchestration.lib.oracle.without_facility import without_facility


@dataclass(frozen=True)
class Computed:
    """All numbers of a tenant at every date they are shown for, and the standings that they follow from."""

    ledger: Ledger
    now: date | None
    positions: Positions
    vehicles: Standings
    holdings: Holdings
    answers: Answers
    beside: Answers


def computed(book: Book) -> Computed:
    """A tenant's numbers, from its rows."""
    ledger = Ledger(book)
    found: Answers = {}
    beside: Answers = {}
    positions: Positions = {}
    vehicles: Standings = {}
    holdings: Holdings = {}
    for vehicle in book.vehicles.values():
        mine = vehicles[vehicle.vehicle_id] = {}
        dated: Dated = []
        for as_of in ledger.as_ofs(vehicle):
            held = holdings_of(ledger, vehicle, as_of)
            for one in held:
                holdings.setdefault(one.holding.holding_id, {})[as_of] = one
            figures, mine[as_of] = _vehicle(ledger, vehicle, as_of, held, beside)
            found |= figures | _investors(ledger, vehicle, as_of, positions, beside)
            dated.append((as_of, mine[as_of].standing, held))
        found |= fee_and_carry_answers(ledger, vehicle, dated, beside)
    for holding in book.holdings:
        holdings.setdefault(holding, {})
    for investor_id, held_in in positions.items():
        found |= portfolio(ledger, investor_id, held_in, book.currency_code)
    found |= pool_answers(ledger, vehicles, holdings, beside)
    now = _now(book)
    if now is not None:
        for vehicle_id, metric, value, unit in round_answers(ledger):
            found[Question(metric, "vehicle", vehicle_id, now, vehicle_id)] = Answer(value, unit, None)
    return Computed(ledger, now, positions, vehicles, holdings, found, beside)


def _vehicle(
    ledger: Ledger, vehicle: Vehicle, as_of: date, held: list[Held], beside: Answers
) -> tuple[Answers, Member]:
    ask: Asked = ("vehicle", vehicle.vehicle_id, as_of, vehicle.vehicle_id)
    standing, investors = ledger.vehicle(vehicle, as_of)
    found, rate = _performance(ledger, vehicle, None, standing, as_of, ask, beside)
    members = sum(bool(one.commitment or one.flows) for one in investors)
    found[Question("investors", *ask)] = Answer(Fraction(members), "count", None)
    beside |= filed([("age_years", _age(standing, as_of), "years", None)], ask)
    found |= gross(held, as_of, ask)
    found |= each_holding(held, as_of == ledger.latest(vehicle), beside)
    found |= concentration(held, standing.worth.amount, ask, beside)
    fx = "missing_rate" if standing.is_rate_missing else "ok"
    found |= filed(cash_curve(standing.flows, standing.commitment, fx), ask)
    if as_of == ledger.latest(vehicle):
        terms = ledger.book.terms.get(vehicle.vehicle_id)
        found |= pacing(vehicle, standing, as_of, (terms.life_years if terms else None) or LIFE_YEARS)
    return found, Member(standing, rate, vehicle.currency_code)


def _age(at: Standing, as_of: date) -> float | None:
    """Years since the first flow, ACT/365 fixed."""
    first = min((day for day, _ in at.flows), default=None)
    return None if first is None else (as_of - first).days / 365


def _investors(
    ledger: Ledger, vehicle: Vehicle, as_of: date, positions: Positions, beside: Answers
) -> Answers:
    found: Answers = {}
    for investor_id, one in _positions(ledger, vehicle, as_of):
        ask: Asked = ("investor", investor_id, as_of, vehicle.vehicle_id)
        found |= _performance(ledger, vehicle, investor_id, one, as_of, ask, beside)[0]
        positions.setdefault(investor_id, {}).setdefault(vehicle.vehicle_id, {})[as_of] = one
    return found


def _positions(ledger: Ledger, vehicle: Vehicle, as_of: date) -> Iterator[tuple[str, Standing]]:
    """Each investor from the first cash on, and at the latest date."""
    for investor_id in ledger.holders(vehicle):
        if ledger.is_shown(vehicle, investor_id, as_of):
            yield investor_id, ledger.investor(vehicle, investor_id, as_of)


def _performance(
    ledger: Ledger,
    vehicle: Vehicle,
    investor_id: str | None,
    at: Standing,
    as_of: date,
    ask: Asked,
    beside: Answers,
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

    def worth_on(day: date) -> Worth:
        if investor_id is None:
            return ledger.vehicle(vehicle, day)[0].worth
        return ledger.investor(vehicle, investor_id, day).worth

    after_payouts: dict[date, Worth] = {}
    if vehicle.benchmark_code and nav is not None:
        payouts = {flow.on for flow in own if flow.kind == "distribution" and flow.on < as_of}
        after_payouts = {day: worth_on(day) for day in sorted(payouts)}
    ages = [
        0 if one.status == "closed" or one.valued_on is None else (day - one.valued_on).days
        for day, one in after_payouts.items()
        if one.amount is not None
    ]
    beside |= filed(
        [
            ("called_amount", at.called, "money", None),
            ("released_amount", at.released, "money", None),
            ("fees_amount", at.charged, "money", None),
            ("irr_roots", rate.roots if rate else None, "roots", None),
            ("mpme_nav_age_days", max(ages) if ages else None, "days", None),
        ],
        ask,
    )
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
        *index_accounts(
            ledger.markets,
            vehicle.benchmark_code,
            at.flows,
            nav,
            as_of,
            lambda day: after_payouts[day].amount,
        ),
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


def _now(book: Book) -> date | None:
    """The newest day the tenant has told us anything about, in its own time zone."""
    days = [flow.on for flow in book.flows] + [value.on for value in book.values]
    days += [item.signed_on for item in book.commitments if item.signed_on]
    instants = [move.at for move in book.moves] + [item.at for item in book.payments] + list(book.touched_at)
    days += [instant.astimezone(book.timezone).date() for instant in instants]
    return max(days, default=None)
