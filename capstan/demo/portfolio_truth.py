"""More true answers of the demo's managers: credit lines, pools, holdings, losses, J-curves, index accounts.

As in `truth`: from the facts alone, sums exact, ratios as fractions. Rates are left to an independent
solver; series of cash are given for it. Nothing here knows of SQL or of a file.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from capstan.demo.facts import Holding, IndexLevel, Transaction, Vehicle
from capstan.demo.truth import Rates, Truth
from capstan.demo.world import DemoTenant

Series = tuple[tuple[date, Decimal], ...]
FACILITY_COSTS = ("subscription_facility_interest", "subscription_facility_fees")
EXITED = ("realised", "written_off")


@dataclass(frozen=True)
class WithoutFacility:
    """What a standing would be without the line; `cash_flows` lie where capital would have been called."""

    contributed_amount: Decimal
    cash_flows: Series


@dataclass(frozen=True)
class Standing:
    """Money in, money out and value of a pool or a holding at a date; `nav_amount` None: not known."""

    contributed_amount: Decimal
    distributed_amount: Decimal
    nav_amount: Decimal | None
    cash_flows: Series

    @property
    def multiple(self) -> Fraction | None:
        """(Money out + value) / money in."""
        if self.nav_amount is None or not self.contributed_amount:
            return None
        return Fraction(self.distributed_amount + self.nav_amount) / Fraction(self.contributed_amount)


@dataclass(frozen=True)
class Curve:
    """Net cash at a date, its lowest point so far, and when it came back."""

    net_cash_amount: Decimal
    trough_amount: Decimal
    trough_on: date | None
    break_even_on: date | None


@dataclass(frozen=True)
class Concentration:
    """Losses and weights of a vehicle's holdings; None where a value is not known."""

    holdings: int
    loss_ratio_cost: Fraction | None
    loss_ratio_loss: Fraction | None
    loss_ratio_count: Fraction | None
    top_1_share: Fraction | None
    top_5_share: Fraction | None
    hhi: Fraction | None


@dataclass(frozen=True)
class IndexAccounts:
    """Series whose rates are the market comparisons, and the scale of PME+; None: there is none."""

    ln_pme: Series | None
    pme_plus: Series | None
    mpme: Series | None
    pme_plus_scale: Fraction | None


class PortfolioTruth:
    """Answers about one manager beyond `Truth`."""

    def __init__(self, tenant: DemoTenant):
        self.tenant = tenant
        self.truth = Truth(tenant)
        self.vehicles = [fact for fact in tenant.facts if isinstance(fact, Vehicle)]
        self.holdings = [fact for fact in tenant.facts if isinstance(fact, Holding)]

    def without_facility(
        self, vehicle_id: str, investor_id: str | None, as_of: date
    ) -> WithoutFacility | None:
        """As if capital had been called when the line was drawn; None where no call tells of one."""
        flows = self._calls_and_payouts(vehicle_id, investor_id, as_of)
        if not any(item.facility_drawn_on or item.category in FACILITY_COSTS for item in flows):
            return None
        kept = [item for item in flows if item.category not in FACILITY_COSTS]
        return WithoutFacility(
            sum((_amount(item) for item in kept if item.kind == "contribution"), Decimal(0)),
            tuple((item.facility_drawn_on or item.effective_on, _signed(item)) for item in kept),
        )

    def pool(self, vehicle_ids: Sequence[str], currency: str, as_of: date, rates: Rates) -> Standing:
        """Several vehicles as one, in a currency: flows at the rate of their day, values at the date's."""
        flows: list[tuple[date, Decimal]] = []
        values: list[Decimal | None] = []
        for vehicle in (item for item in self.vehicles if item.vehicle_id in vehicle_ids):
            own = vehicle.currency_code
            standing = self.truth.performance(vehicle.vehicle_id, None, as_of)
            flows += [(day, amount * rates.rate(own, currency, day)) for day, amount in standing.cash_flows]
            if standing.cash_flows:
                nav = standing.nav_amount
                values.append(None if nav is None else nav * rates.rate(own, currency, as_of))
        return _standing(flows, values)

    def holding(self, holding_id: str, as_of: date) -> Standing:
        """What went into a company, came out and is left of it."""
        flows = [
            (item.effective_on, _amount(item) * (-1 if item.kind == "investment" else 1))
            for item in self.truth.transactions
            if item.holding_id == holding_id and item.effective_on <= as_of
        ]
        return _standing(flows, [self._value_of(holding_id, as_of)])

    def curve(self, vehicle_id: str, as_of: date) -> Curve:
        """Net cash of all investors, day by day."""
        by_day: dict[date, Decimal] = {}
        for item in self._calls_and_payouts(vehicle_id, None, as_of):
            by_day[item.effective_on] = by_day.get(item.effective_on, Decimal(0)) + _signed(item)
        net, trough = Decimal(0), Decimal(0)
        trough_on: date | None = None
        back_on: date | None = None
        for day in sorted(by_day):
            net += by_day[day]
            if net < trough:
                trough, trough_on = net, day
            if trough < 0 <= net and back_on is None:
                back_on = day
        return Curve(net, trough, trough_on, back_on)

    def concentration(self, vehicle_id: str, as_of: date) -> Concentration:
        """Losses by cost, amount and count, and weights of the holdings in the fund's value."""
        known = [
            standing
            for item in self.holdings
            if item.vehicle_id == vehicle_id
            and (standing := self.holding(item.holding_id, as_of)).contributed_amount
        ]
        nav = self.truth.performance(vehicle_id, None, as_of).nav_amount
        if not known or any(item.nav_amount is None for item in known):
            return Concentration(len(known), None, None, None, None, None, None)
        cost = [Fraction(item.contributed_amount) for item in known]
        left = [Fraction(item.nav_amount or 0) for item in known]
        total = [Fraction(item.distributed_amount) + value for item, value in zip(known, left, strict=True)]
        lossy = [(paid, paid - worth) for paid, worth in zip(cost, total, strict=True) if worth < paid]
        weights = sorted((value / Fraction(nav) for value in left), reverse=True) if nav else None
        return Concentration(
            len(known),
            sum((paid for paid, _ in lossy), Fraction(0)) / sum(cost),
            sum((lost for _, lost in lossy), Fraction(0)) / sum(cost),
            Fraction(len(lossy), len(known)),
            None if weights is None else weights[0],
            None if weights is None else sum(weights[:5], Fraction(0)),
            None if weights is None else sum((weight * weight for weight in weights), Fraction(0)),
        )

    def value_after(self, vehicle_id: str, investor_id: str | None, day: date) -> Decimal | None:
        """What is held at the end of a day; None where it is not known or rolls below zero."""
        nav = self.truth.performance(vehicle_id, investor_id, day).nav_amount
        return None if nav is None or nav < 0 else nav

    def _calls_and_payouts(self, vehicle_id: str, investor_id: str | None, as_of: date) -> list[Transaction]:
        return [
            item
            for item in self.truth.transactions
            if item.vehicle_id == vehicle_id
            and item.kind in ("contribution", "distribution")
            and investor_id in (None, item.investor_id)
            and item.effective_on <= as_of
        ]

    def _value_of(self, holding_id: str, as_of: date) -> Decimal | None:
        """The last report of a company moved by the cash since; nothing once it is sold or written off."""
        moves = [item for item in self.truth.transactions if item.holding_id == holding_id]
        sold = next(item for item in self.holdings if item.holding_id == holding_id).status in EXITED
        last_move = max(item.effective_on for item in moves)
        known = [
            item for item in self.truth.valuations if item.holding_id == holding_id and item.as_of <= as_of
        ]
        last = max(known, key=lambda item: item.as_of, default=None)
        if sold and last_move <= as_of and (last is None or last.as_of <= last_move):
            return Decimal(0)
        if last is None:
            return None
        value = Decimal(last.nav_amount.value) / 100
        for item in moves:
            if last.as_of < item.effective_on <= as_of:
                value += _amount(item) * {"investment": 1, "proceeds": -1}.get(item.kind, 0)
        return value


class Levels:
    """Total-return indices of the platform: the last level on or before a day."""

    def __init__(self, platform: DemoTenant):
        self._paths: dict[str, tuple[list[date], list[Decimal]]] = {}
        for fact in platform.facts:
            if isinstance(fact, IndexLevel):
                days, levels = self._paths.setdefault(fact.index_code, ([], []))
                days.append(fact.on_date)
                levels.append(Decimal(fact.level))

    def level(self, index_code: str, day: date) -> Decimal:
        """KeyError for an unknown index."""
        days, levels = self._paths[index_code]
        return levels[bisect_right(days, day) - 1]


def index_accounts(
    flows: Series,
    as_of: date,
    nav: Decimal,
    level: Callable[[date], Decimal],
    value_after: Callable[[date], Decimal | None],
) -> IndexAccounts:
    """Accounts in an index beside gross flows; `value_after` is what was held after a payout."""
    days = sorted({day for day, _ in flows} | {as_of})
    paid = {day: -sum((a for d, a in flows if d == day and a < 0), Decimal(0)) for day in days}
    got = {day: sum((a for d, a in flows if d == day and a > 0), Decimal(0)) for day in days}
    grow = {day: Fraction(level(as_of)) / Fraction(level(day)) for day in days}
    grown_in = sum((Fraction(paid[day]) * grow[day] for day in days), Fraction(0))
    grown_out = sum((Fraction(got[day]) * grow[day] for day in days), Fraction(0))
    scale = (grown_in - Fraction(nav)) / grown_out if grown_out else None
    left = grown_in - grown_out

    def series(out: dict[date, Fraction], value: Fraction) -> Series:
        rows = [(day, _decimal(out[day] - Fraction(paid[day]))) for day in days]
        return (*rows, (as_of, _decimal(value)))

    account, sold = Fraction(0), {day: Fraction(0) for day in days}
    is_known = True
    for before, day in zip([None, *days[:-1]], days, strict=True):
        if before is not None:
            account *= Fraction(level(day)) / Fraction(level(before))
        account += Fraction(paid[day])
        if got[day]:
            held = nav if day == as_of else value_after(day)
            is_known = is_known and held is not None
            share = Fraction(got[day]) / (Fraction(got[day]) + Fraction(held or 0))
            sold[day] = share * account
            account -= sold[day]
    received = {day: Fraction(got[day]) for day in days}
    return IndexAccounts(
        ln_pme=None if left < 0 else series(received, left),
        pme_plus=None
        if scale is None or scale < 0
        else series({day: scale * amount for day, amount in received.items()}, Fraction(nav)),
        mpme=series(sold, account) if is_known else None,
        pme_plus_scale=scale,
    )


def _standing(flows: Iterable[tuple[date, Decimal]], values: Sequence[Decimal | None]) -> Standing:
    known = tuple(sorted(flows, key=lambda flow: flow[0]))
    total = None if None in values else sum((value for value in values if value is not None), Decimal(0))
    return Standing(
        -sum((amount for _, amount in known if amount < 0), Decimal(0)),
        sum((amount for _, amount in known if amount > 0), Decimal(0)),
        total,
        known,
    )


def _amount(item: Transaction) -> Decimal:
    return Decimal(item.amount.value) / 100


def _signed(item: Transaction) -> Decimal:
    return -_amount(item) if item.kind == "contribution" else _amount(item)


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)
