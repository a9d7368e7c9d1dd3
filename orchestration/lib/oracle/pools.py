"""Vehicles pooled by vintage, strategy, currency, all of these or none; holdings by sector (METRICS 5)."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

import numpy as np

from orchestration.lib.oracle.book import Flow
from orchestration.lib.oracle.holdings import Held
from orchestration.lib.oracle.questions import Answers, Asked, Made, filed, multiples, ratio
from orchestration.lib.oracle.rate_of_return import Rate, rate_of_return
from orchestration.lib.oracle.standing import Ledger, Money, Standing, quarter_ends, signed, total
from orchestration.lib.oracle.without_facility import is_draw_unconverted, without_facility

MIN_MEMBERS = 8


@dataclass(frozen=True)
class Member:
    """A vehicle at one of its dates."""

    standing: Standing
    rate: Rate | None
    currency_code: str

    @property
    def is_something(self) -> bool:
        """Whether cash has moved or a value is known."""
        return bool(self.standing.flows) or bool(self.standing.worth.amount)


@dataclass
class Pool:
    """Which vehicles and holdings belong together, and the currency that is told."""

    by: str
    pool_id: str
    currency_code: str
    vehicles: set[str] = field(default_factory=set)
    holdings: set[str] = field(default_factory=set)


Standings = dict[str, dict[date, Member]]
Holdings = dict[str, dict[date, Held]]


TOLD_IN = "told_in"
VEHICLE = "vehicle"


def pool_answers(ledger: Ledger, vehicles: Standings, holdings: Holdings, beside: Answers) -> Answers:
    """Figures of every pool at quarter ends and its latest date. A member's last figures stay its figures."""
    known = {
        key: {day: one for day, one in dated.items() if one.is_something} for key, dated in vehicles.items()
    }
    owned = {
        key: {day: one for day, one in dated.items() if one.is_something} for key, dated in holdings.items()
    }
    found: Answers = {}
    for pool in _pools(ledger):
        if pool.by == "sector":
            days = {day for key in pool.holdings for day in owned[key]}
        else:
            days = {day for key in pool.vehicles for day in known[key]}
        for as_of in sorted(day for day in days if day == max(days) or day in quarter_ends(day, day)):
            found |= _figures(ledger, pool, known, owned, as_of, beside)
    return found


def _pools(ledger: Ledger) -> list[Pool]:
    own = ledger.book.currency_code
    told_in = ledger.book.told_in(None)
    pools: dict[str, Pool] = {}

    def pool(by: str, value: object, currency: str) -> Pool:
        key = by if value is None else f"{by}:{value}"
        return pools.setdefault(key, Pool(by, key, currency))

    for vehicle in ledger.book.vehicles.values():
        mine = [
            pool("all", None, own),
            pool("vintage", vehicle.vintage_year, own),
            pool("strategy", vehicle.strategy, own),
            pool("currency", vehicle.currency_code, vehicle.currency_code),
        ]
        if vehicle.vintage_year is not None and vehicle.strategy is not None:
            peers = f"{vehicle.vintage_year} / {vehicle.strategy} / {vehicle.currency_code}"
            mine.append(pool("peers", peers, vehicle.currency_code))
        mine += [pool(TOLD_IN, code, code) for code in told_in - {own}]
        mine += [
            pool(VEHICLE, f"{vehicle.vehicle_id} / {code}", code)
            for code in told_in - {vehicle.currency_code}
        ]
        inside = {
            item.holding_id for item in ledger.book.holdings.values() if item.vehicle_id == vehicle.vehicle_id
        }
        for one in mine:
            one.vehicles.add(vehicle.vehicle_id)
            one.holdings |= inside
    for holding in ledger.book.holdings.values():
        pool("sector", holding.sector, own).holdings.add(holding.holding_id)
    return list(pools.values())


def _figures(
    ledger: Ledger, pool: Pool, vehicles: Standings, holdings: Holdings, as_of: date, beside: Answers
) -> Answers:
    members = [
        vehicles[key][max(day for day in vehicles[key] if day <= as_of)]
        for key in sorted(pool.vehicles)
        if any(day <= as_of for day in vehicles[key])
    ]
    held = [
        holdings[key][max(day for day in holdings[key] if day <= as_of)]
        for key in sorted(pool.holdings)
        if any(day <= as_of for day in holdings[key])
    ]
    gross, is_gross_missing = _gross(ledger, pool, held, as_of)
    if pool.by == "sector":
        fx = "missing_rate" if is_gross_missing else "ok"
        made = _nothing_net(fx)
    else:
        made, is_missing = _net(ledger, pool, members, as_of)
        cash = [
            flow
            for key in pool.vehicles
            for flow in ledger.flows_of(ledger.book.vehicles[key])
            if flow.on <= as_of
        ]
        is_missing = is_missing or is_draw_unconverted(ledger, pool.currency_code, cash)
        fx = "missing_rate" if is_missing or is_gross_missing else "ok"
        made = [(metric, value, unit, fx if why == "fx" else why) for metric, value, unit, why in made]
    status = gross.rate.status if gross.rate else None
    together = None if gross.nav is None or gross.proceeds is None else gross.proceeds + gross.nav
    made += [
        ("holdings", Fraction(len(held)), "count", None),
        ("gross_irr", gross.rate.value if gross.rate else None, "fraction", status),
        ("gross_moic", ratio(together, gross.invested), "multiple", status),
    ]
    ask: Asked = ("pool", pool.pool_id, as_of, None)
    sums: list[Made] = [
        ("invested_amount", gross.invested, "money", None),
        ("proceeds_amount", gross.proceeds, "money", None),
        ("holdings_nav_amount", gross.nav, "money", None),
    ]
    beside |= filed(sums, ask)
    return filed(made, ask)


def _net(ledger: Ledger, pool: Pool, members: list[Member], as_of: date) -> tuple[list[Made], bool]:
    def told(member: Member, amount: Money) -> Money:
        if amount is None:
            return None
        return ledger.markets.convert(amount, member.currency_code, pool.currency_code, as_of)

    def worth(member: Member) -> Money:
        amount = member.standing.worth.amount
        return Fraction(0) if amount == 0 else told(member, amount)

    commitment = total(told(one, one.standing.commitment) for one in members)
    unfunded = total(told(one, one.standing.unfunded) for one in members)
    nav = total(worth(one) for one in members)
    flows = [
        flow
        for key in pool.vehicles
        for flow in ledger.flows_of(ledger.book.vehicles[key])
        if flow.is_investor_cash and flow.on <= as_of
    ]
    cash, paid, back = _cash(ledger, pool, flows)
    rate = _rate(cash, nav, as_of)
    is_missing = any(one.standing.is_rate_missing or told(one, Fraction(1)) is None for one in members)
    is_missing = is_missing or any(amount is None for _, amount in cash)
    rates = [
        float(one.rate.value)
        for one in members
        if one.rate and one.rate.value is not None and one.rate.is_annualized
    ]
    tvpis = [float(item) for one in members if (item := _tvpi(one.standing)) is not None]
    dpis = [
        float(item)
        for one in members
        if (item := ratio(one.standing.distributed, one.standing.contributed)) is not None
    ]
    unfunded_status = "ok" if unfunded is not None else "missing_rate" if is_missing else "no_commitment"
    why = "not_peers" if pool.by != "peers" else "too_few_members" if len(members) < MIN_MEMBERS else "ok"
    status = rate.status if rate else None
    made: list[Made] = [
        ("commitment_amount", commitment, "money", "fx"),
        ("contributed_amount", paid, "money", "fx"),
        ("distributed_amount", back, "money", "fx"),
        ("nav_amount", nav, "money", "fx"),
        ("unfunded_amount", unfunded, "money", unfunded_status),
        *multiples(paid, back, nav, commitment, "fx", "fx"),
        ("irr", rate.value if rate else None, "fraction", status),
        ("period_return", rate.period_return if rate else None, "fraction", status),
        ("vehicles", Fraction(len(members)), "count", None),
        ("mean_irr", float(np.mean(rates)) if rates else None, "fraction", None),
        ("median_irr", float(np.median(rates)) if rates else None, "fraction", None),
        ("members_with_irr", Fraction(len(rates)), "count", None),
        ("mean_tvpi", float(np.mean(tvpis)) if tvpis else None, "multiple", None),
        ("median_tvpi", float(np.median(tvpis)) if tvpis else None, "multiple", None),
        *without_facility(ledger, pool.currency_code, flows, nav, as_of),
    ]
    for name, unit, numbers in (
        ("irr", "fraction", rates),
        ("tvpi", "multiple", tvpis),
        ("dpi", "multiple", dpis),
    ):
        is_shown = pool.by == "peers" and len(numbers) >= MIN_MEMBERS
        made += [
            (f"{name}_p{at}", float(np.percentile(numbers, at)) if is_shown else None, unit, why)
            for at in (25, 50, 75)
        ]
    return made, is_missing


@dataclass(frozen=True)
class _Gross:
    """Of pooled holdings: what went in, came out and is left, and their rate of return."""

    invested: Money
    proceeds: Money
    nav: Money
    rate: Rate | None


def _gross(ledger: Ledger, pool: Pool, held: list[Held], as_of: date) -> tuple[_Gross, bool]:
    """The figures of a pool's holdings, and whether an exchange rate is missing."""
    if not held:
        return _Gross(None, None, None, None), False

    def told(one: Held, amount: Money) -> Money:
        currency = ledger.book.vehicles[one.holding.vehicle_id].currency_code
        return None if amount is None else ledger.markets.convert(amount, currency, pool.currency_code, as_of)

    nav = total(Fraction(0) if one.worth.amount == 0 else told(one, one.worth.amount) for one in held)
    inside = {one.holding.holding_id for one in held} | pool.holdings
    kinds = ("investment", "proceeds", "interest")
    flows = [
        flow
        for flow in ledger.book.flows
        if flow.kind in kinds
        and flow.on <= as_of
        and flow.holding_id in inside
        and ledger.is_own_holding(flow)
    ]
    cash, invested, proceeds = _cash(ledger, pool, flows)
    rate = _rate(cash, nav, as_of)
    is_missing = any(one.is_rate_missing or told(one, Fraction(1)) is None for one in held)
    is_missing = is_missing or any(amount is None for _, amount in cash)
    return _Gross(invested, proceeds, nav, rate), is_missing


def _cash(ledger: Ledger, pool: Pool, flows: list[Flow]) -> tuple[list[tuple[date, Money]], Money, Money]:
    """Signed flows in the pool's currency, and the sums paid in and received."""
    amounts = [
        ledger.markets.convert(flow.amount, flow.currency_code, pool.currency_code, flow.on) for flow in flows
    ]
    sides: dict[bool, list[Money]] = defaultdict(list)
    for flow, amount in zip(flows, amounts, strict=True):
        sides[flow.kind in ("contribution", "investment")].append(amount)
    cash = [(flow.on, signed(flow, amount)) for flow, amount in zip(flows, amounts, strict=True)]
    return cash, total(sides[True]), total(sides[False])


def _rate(cash: list[tuple[date, Money]], nav: Money, as_of: date) -> Rate | None:
    known = [(day, amount) for day, amount in cash if amount is not None]
    if nav is None or len(known) < len(cash):
        return None
    # a pool pays and receives once a day
    nets: dict[date, Fraction] = defaultdict(Fraction)
    for day, amount in known:
        nets[day] += amount
    return rate_of_return([*nets.items(), (as_of, nav)])


def _tvpi(standing: Standing) -> Fraction | None:
    if standing.distributed is None or standing.worth.amount is None:
        return None
    return ratio(standing.distributed + standing.worth.amount, standing.contributed)


def _nothing_net(fx: str) -> list[Made]:
    money = ("commitment_amount", "contributed_amount", "distributed_amount", "nav_amount")
    made: list[Made] = [(name, None, "money", fx) for name in money]
    made.append(("unfunded_amount", None, "money", None))
    made += [(name, None, "multiple", fx) for name in ("dpi", "rvpi", "tvpi", "pic")]
    made += [
        (name, None, "fraction", "gross_only") for name in ("irr", "period_return", "irr_without_facility")
    ]
    made.append(("tvpi_without_facility", None, "multiple", "gross_only"))
    made += [(name, None, "count", None) for name in ("vehicles", "members_with_irr")]
    made += [(name, None, "fraction", None) for name in ("mean_irr", "median_irr")]
    made += [(name, None, "multiple", None) for name in ("mean_tvpi", "median_tvpi")]
    return made + [
        (f"{name}_p{at}", None, unit, "not_peers")
        for name, unit in (("irr", "fraction"), ("tvpi", "multiple"), ("dpi", "multiple"))
        for at in (25, 50, 75)
    ]
