"""Where an investor, a vehicle or a holding stands at a date: sums of cash, promises and the value held.

Amounts are exact fractions in the vehicle's currency, positive; None is unknown (no rate or value), never 0.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from orchestration.lib.oracle.book import Book, Flow, Holding, Value, Vehicle
from orchestration.lib.oracle.markets import Markets

Money = Fraction | None


def total(amounts: Iterable[Money]) -> Money:
    """The sum; unknown as soon as one part is."""
    known = Fraction(0)
    for amount in amounts:
        if amount is None:
            return None
        known += amount
    return known


@dataclass(frozen=True)
class Worth:
    """A value at a date, its status (reported, rolled, missing, refused, closed), its own day, and whether it
    is the sum of the investors' accounts."""

    amount: Money
    status: str
    valued_on: date | None = None
    is_of_investors: bool = False


@dataclass(frozen=True)
class Standing:
    """What was promised, paid, received and is held; `flows` are signed, paid in negative, one a movement."""

    commitment: Money
    cancelled: Money
    contributed: Money
    called: Money
    distributed: Money
    recallable: Money
    released: Money
    charged: Money
    worth: Worth
    flows: tuple[tuple[date, Money], ...]
    is_uncommitted: bool | None
    is_rate_missing: bool

    @property
    def is_value_rate_missing(self) -> bool:
        """Whether the value is unknown where a rate is missing."""
        return self.is_rate_missing and self.worth.amount is None

    @property
    def unfunded(self) -> Money:
        """Promised and neither called nor set free, recallables restored; unknown without a promise."""
        if self.is_uncommitted:
            return None
        parts = (self.commitment, self.cancelled, self.called, self.recallable, self.released)
        if any(part is None for part in parts):
            return None
        commitment, cancelled, called, recallable, released = (part or Fraction(0) for part in parts)
        return commitment + cancelled - called + recallable - released

    @property
    def unfunded_status(self) -> str:
        """Why it is unknown, or ok."""
        if self.is_uncommitted:
            return "no_commitment"
        return "missing_rate" if self.unfunded is None else "ok"


class Ledger:
    """A book by vehicle, with its dates, converted to the currencies of its vehicles."""

    def __init__(self, book: Book):
        self.book = book
        self.markets = Markets(book.rates, book.levels)
        self._flows: dict[str, list[Flow]] = defaultdict(list)
        self._values: dict[str, list[Value]] = defaultdict(list)
        self._latest: dict[str, date | None] = {}
        for flow in book.flows:
            self._flows[flow.vehicle_id].append(flow)
        for value in book.values:
            self._values[value.vehicle_id].append(value)

    def flows_of(self, vehicle: Vehicle) -> list[Flow]:
        """All movements of a vehicle, of whatever kind."""
        return self._flows[vehicle.vehicle_id]

    def values_of(self, vehicle: Vehicle) -> list[Value]:
        """All valuations of a vehicle, its investors and its holdings."""
        return self._values[vehicle.vehicle_id]

    def is_own_holding(self, flow: Flow) -> bool:
        """Whether the movement names a holding of its own vehicle."""
        holding = self.book.holdings.get(flow.holding_id or "")
        return holding is not None and holding.vehicle_id == flow.vehicle_id

    def latest(self, vehicle: Vehicle) -> date | None:
        """The newest date the vehicle is known on."""
        if vehicle.vehicle_id not in self._latest:
            self._latest[vehicle.vehicle_id] = self._newest_day(vehicle)
        return self._latest[vehicle.vehicle_id]

    def _newest_day(self, vehicle: Vehicle) -> date | None:
        days = [flow.on for flow in self.flows_of(vehicle)] + [value.on for value in self.values_of(vehicle)]
        if vehicle.is_closed and vehicle.closed_on:
            days.append(vehicle.closed_on)
        if days:
            return max(days)
        signed = [
            item.signed_on
            for item in self.book.commitments
            if item.vehicle_id == vehicle.vehicle_id
            and item.status in ("signed", "funded")
            and item.signed_on
        ]
        return max(signed, default=None)

    def as_ofs(self, vehicle: Vehicle) -> list[date]:
        """Quarter ends from the first movement on, and the latest date."""
        latest = self.latest(vehicle)
        if latest is None:
            return []
        days = [flow.on for flow in self.flows_of(vehicle)]
        ends = quarter_ends(min(days), latest) if days else []
        return sorted({*ends, latest})

    def closed_from(self, vehicle: Vehicle) -> date | None:
        """The day from which a closed vehicle is worth nothing."""
        if not vehicle.is_closed:
            return None
        return vehicle.closed_on or max((flow.on for flow in self.flows_of(vehicle)), default=None)

    def holders(self, vehicle: Vehicle) -> dict[str, date | None]:
        """Who has a position, with the day of the first cash or value; None where there is neither yet."""
        first: dict[str, date | None] = {}
        for item in self.book.commitments:
            if item.vehicle_id == vehicle.vehicle_id and item.status in ("signed", "funded"):
                first.setdefault(item.investor_id, None)
        known = [(flow.on, flow.investor_id) for flow in self.flows_of(vehicle) if flow.is_investor_cash]
        known += [(value.on, value.investor_id) for value in self.values_of(vehicle)]
        for day, investor_id in sorted((day, key) for day, key in known if key):
            if first.get(investor_id) is None:
                first[investor_id] = day
        return first

    def is_shown(self, vehicle: Vehicle, investor_id: str, as_of: date) -> bool:
        """Whether a holder has a position at a date: from the first cash or value on, and at the latest."""
        first = self.holders(vehicle)[investor_id]
        return as_of == self.latest(vehicle) or (first is not None and first <= as_of)

    def investor(self, vehicle: Vehicle, investor_id: str, as_of: date) -> Standing:
        """One investor in a vehicle."""
        flows = [flow for flow in self.flows_of(vehicle) if flow.investor_id == investor_id]
        values = [
            value
            for value in self.values_of(vehicle)
            if value.investor_id == investor_id and not value.holding_id
        ]
        cash = [flow for flow in flows if flow.is_investor_cash]
        worth = self._worth(vehicle, values, cash, as_of, self.closed_from(vehicle))
        return self._standing(vehicle, investor_id, flows, worth, as_of)

    def vehicle(self, vehicle: Vehicle, as_of: date) -> tuple[Standing, list[Standing]]:
        """The vehicle over all its investors, and the investors."""
        investors = [self.investor(vehicle, key, as_of) for key in sorted(self.holders(vehicle))]
        flows = self.flows_of(vehicle)
        cash = [flow for flow in flows if flow.is_investor_cash]
        own = [item for item in self.values_of(vehicle) if not item.investor_id and not item.holding_id]
        own_worth = self._worth(vehicle, own, cash, as_of, self.closed_from(vehicle))
        of_nobody = any(flow.investor_id is None and flow.on <= as_of for flow in cash)
        worth = _chosen(own_worth, _sum_of(investors), of_nobody)
        standing = self._standing(vehicle, None, flows, worth, as_of)
        is_rate_missing = standing.is_rate_missing or any(item.is_rate_missing for item in investors)
        is_rate_missing = is_rate_missing or self._is_value_unconverted(vehicle, own, as_of)
        of_all = replace(
            standing,
            commitment=total(one.commitment for one in investors),
            cancelled=total(one.cancelled for one in investors),
            released=total(one.released for one in investors),
            charged=total(one.charged for one in investors),
            is_uncommitted=_is_uncommitted(investors),
            is_rate_missing=is_rate_missing,
        )
        return of_all, investors

    def holding(self, holding: Holding, as_of: date) -> tuple[list[tuple[Flow, Money]], Worth, bool]:
        """Cash between vehicle and holding up to the date, what is left in it, whether a rate is missing."""
        vehicle = self.book.vehicles[holding.vehicle_id]
        kinds = ("investment", "proceeds", "interest")
        flows = [
            flow
            for flow in self.flows_of(vehicle)
            if flow.holding_id == holding.holding_id and flow.kind in kinds
        ]
        values = [
            value
            for value in self.values_of(vehicle)
            if value.holding_id == holding.holding_id and not value.investor_id
        ]
        last = max((flow.on for flow in flows), default=None)
        ends = [day for day in (self.closed_from(vehicle), last if holding.is_exited else None) if day]
        moving = [flow for flow in flows if flow.kind != "interest"]
        worth = self._worth(vehicle, values, moving, as_of, *ends)
        cash = [(flow, self.amount(vehicle, flow)) for flow in flows if flow.on <= as_of]
        is_missing = any(amount is None for _, amount in cash)
        return cash, worth, is_missing or self._is_value_unconverted(vehicle, values, as_of)

    def amount(self, vehicle: Vehicle, flow: Flow) -> Money:
        """A movement in the vehicle's currency at the rate of its day."""
        return self.markets.convert(flow.amount, flow.currency_code, vehicle.currency_code, flow.on)

    def _standing(
        self, vehicle: Vehicle, investor_id: str | None, flows: list[Flow], worth: Worth, as_of: date
    ) -> Standing:
        until = [flow for flow in flows if flow.on <= as_of and (flow.is_investor_cash or _is_charge(flow))]
        amounts = {id(flow): self.amount(vehicle, flow) for flow in until}

        def added(matters: Callable[[Flow], bool]) -> Money:
            return total(amounts[id(flow)] for flow in until if matters(flow))

        promises = self._promises(vehicle, investor_id, as_of)
        called = added(lambda flow: flow.kind == "contribution" and not flow.is_outside_commitment)
        recallable = added(lambda flow: flow.kind == "distribution" and flow.is_recallable)
        commitment = total(amount for status, amount in promises if status != "cancelled")
        cancelled = total(amount for status, amount in promises if status == "cancelled")
        values = [
            value
            for value in self.values_of(vehicle)
            if value.investor_id == investor_id and not value.holding_id
        ]
        return Standing(
            commitment,
            cancelled,
            added(lambda flow: flow.kind == "contribution"),
            called,
            added(lambda flow: flow.kind == "distribution"),
            recallable,
            _released(commitment, cancelled, called, recallable),
            added(_is_charge),
            worth,
            tuple(
                (flow.on, signed(flow, amounts[id(flow)]))
                for flow in sorted(until, key=lambda item: item.on)
                if flow.is_investor_cash
            ),
            None if commitment is None or cancelled is None else commitment == cancelled == 0,
            any(amount is None for amount in amounts.values())
            or any(self._is_draw_unconverted(vehicle, flow) for flow in until)
            or any(amount is None for _, amount in promises)
            or (investor_id is not None and self._is_value_unconverted(vehicle, values, as_of)),
        )

    def _is_draw_unconverted(self, vehicle: Vehicle, flow: Flow) -> bool:
        """Whether what a call repays of a subscription line has no rate on the day of the draw."""
        day = flow.line_drawn_on
        if day is None:
            return False
        return self.markets.convert(flow.amount, flow.currency_code, vehicle.currency_code, day) is None

    def _promises(self, vehicle: Vehicle, investor_id: str | None, as_of: date) -> list[tuple[str, Money]]:
        """Status and amount of the commitments of an investor that count at a date."""
        latest = self.latest(vehicle)
        return [
            (
                item.status,
                self.markets.convert(
                    item.amount, item.currency_code, vehicle.currency_code, item.signed_on or latest or as_of
                ),
            )
            for item in self.book.commitments
            if item.vehicle_id == vehicle.vehicle_id
            and item.investor_id == investor_id
            and item.status in ("signed", "funded", "cancelled")
            and (item.signed_on is None or item.signed_on <= as_of or as_of == latest)
        ]

    def _worth(
        self, vehicle: Vehicle, values: list[Value], flows: list[Flow], as_of: date, *ends: date | None
    ) -> Worth:
        """The newest value, moved by the cash since; 0 from an end on unless valued after it."""
        newest = _newest(values, as_of)
        for end in ends:
            if end and end <= as_of and (newest is None or newest.on <= end):
                return Worth(Fraction(0), "closed")
        if newest is None:
            return Worth(None, "missing")
        amount = self.markets.convert(newest.amount, newest.currency_code, vehicle.currency_code, as_of)
        if amount is None:
            return Worth(None, "missing", newest.on)
        if newest.on == as_of:
            return Worth(amount, "reported", newest.on)
        # every movement up to the date counts: one whose rate is unknown makes the value unknown
        if any(self.amount(vehicle, flow) is None for flow in flows if flow.on <= as_of):
            return Worth(None, "missing", newest.on)
        since = total(
            -(signed(flow, self.amount(vehicle, flow)) or Fraction(0))
            for flow in flows
            if newest.on < flow.on <= as_of
        )
        rolled = amount + (since or Fraction(0))
        return Worth(None, "refused", newest.on) if rolled < 0 else Worth(rolled, "rolled", newest.on)

    def _is_value_unconverted(self, vehicle: Vehicle, values: list[Value], as_of: date) -> bool:
        newest = _newest(values, as_of)
        return (
            newest is not None
            and self.markets.convert(newest.amount, newest.currency_code, vehicle.currency_code, as_of)
            is None
        )


def signed(flow: Flow, amount: Money) -> Money:
    """Negative for what is paid in, positive for what comes back."""
    if amount is None:
        return None
    return -amount if flow.kind in ("contribution", "investment") else amount


def quarter_ends(first: date, last: date) -> list[date]:
    """Ends of calendar quarters from the first day's on, before or on the last day."""
    ends: list[date] = []
    year, quarter = first.year, (first.month - 1) // 3
    while True:
        year, quarter = (year, quarter + 1) if quarter < 3 else (year + 1, 0)
        end = date(year, 3 * quarter + 1, 1) - timedelta(days=1)
        if end > last:
            return ends
        ends.append(end)


def _is_charge(flow: Flow) -> bool:
    return flow.investor_id is not None and flow.kind in ("fee", "expense", "tax")


def _newest(values: list[Value], as_of: date) -> Value | None:
    return max((value for value in values if value.on <= as_of), key=lambda value: value.on, default=None)


def _released(commitment: Money, cancelled: Money, called: Money, recallable: Money) -> Money:
    """Of a cancelled promise, what had not been called of it is set free."""
    if cancelled == 0:
        return cancelled
    if commitment is None or cancelled is None or called is None or recallable is None:
        return None
    return min(cancelled, max(commitment + cancelled - called + recallable, Fraction(0)))


def _is_uncommitted(investors: list[Standing]) -> bool | None:
    """Whether nobody has promised, or somebody was called without a promise: what is left is unknown."""
    if not investors or any(one.is_uncommitted and (one.called or one.recallable) for one in investors):
        return True
    known = [one.is_uncommitted for one in investors if one.is_uncommitted is not None]
    return all(known) if known else None


def _sum_of(investors: list[Standing]) -> Worth:
    """The investors' values; who has neither cash nor value holds nothing yet."""
    holding = [item for item in investors if item.flows or item.worth.status != "missing"]
    statuses = {item.worth.status for item in holding}
    order = ("missing", "refused", "rolled", "reported", "closed")
    status = next((name for name in order if name in statuses), "missing")
    amount = total(item.worth.amount for item in holding) if holding else None
    return Worth(
        amount,
        status,
        min((item.worth.valued_on for item in investors if item.worth.valued_on), default=None),
        is_of_investors=True,
    )


def _chosen(own: Worth, investors: Worth, of_nobody: bool) -> Worth:
    """The investors' sum where each is known and no cash belongs to nobody, else the vehicle's own value."""
    if own.amount is not None and (investors.amount is None or of_nobody):
        return own
    if of_nobody:
        return Worth(None, "missing")
    return investors
