"""What a tenant has told us, as typed rows: the input of every answer. Reading the lake is `lake_book`'s.

Amounts are positive fractions of a currency unit as the canonical streams have them; rows of amount 0 never
were and are left out, as are rows of a vehicle that is not known.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

Row = Mapping[str, Any]
Rows = Mapping[str, Iterable[Row]]

INVESTOR_FLOWS = ("contribution", "distribution")
LINE_COSTS = ("subscription_facility_interest", "subscription_facility_fees")
EXITED = frozenset(
    ("exited", "realised", "realized", "sold", "liquidated", "written off", "written_off", "written-off")
)


@dataclass(frozen=True)
class Vehicle:
    """What investors commit to; `closed_from` is the first day on which it is worth nothing."""

    vehicle_id: str
    kind: str
    currency_code: str
    is_closed: bool
    closed_on: date | None
    benchmark_code: str | None
    target_amount: Fraction | None
    hard_cap_amount: Fraction | None
    vintage_year: int | None
    strategy: str | None
    opened_on: date | None
    first_close_on: date | None


@dataclass(frozen=True)
class Terms:
    """What a vehicle's agreement says; rates are fractions, a year's or of profit."""

    fee_rate: Fraction | None
    fee_base: str | None
    fee_starts_on: date | None
    fee_step_down_on: date | None
    fee_rate_after: Fraction | None
    fee_base_after: str | None
    carry_rate_stated: bool
    carry_rate: float
    hurdle_rate: float
    hurdle_compounding: str
    catch_up_rate: float
    waterfall: str
    day_count: str
    life_years: int | None


@dataclass(frozen=True)
class Investor:
    """Who commits; `kind` in small letters says whether it is the general partner or related to it."""

    investor_id: str
    kind: str | None
    reporting_currency_code: str | None


@dataclass(frozen=True)
class Holding:
    """A company that a vehicle owns part of."""

    holding_id: str
    vehicle_id: str
    sector: str | None
    is_exited: bool


@dataclass(frozen=True)
class Commitment:
    """A promise; `status` is soft_circled, signed, funded or cancelled."""

    commitment_id: str
    vehicle_id: str
    investor_id: str
    amount: Fraction
    currency_code: str
    status: str
    signed_on: date | None


@dataclass(frozen=True)
class Flow:
    """One movement of cash; the kind gives the direction."""

    transaction_id: str
    vehicle_id: str
    investor_id: str | None
    holding_id: str | None
    kind: str
    purpose: str | None
    category: str | None
    amount: Fraction
    currency_code: str
    on: date
    due_on: date | None
    facility_drawn_on: date | None
    is_recallable: bool
    is_outside_commitment: bool

    @property
    def is_investor_cash(self) -> bool:
        """Whether multiples and rates of return count it."""
        return self.kind in INVESTOR_FLOWS

    @property
    def is_line_cost(self) -> bool:
        """Whether it was called for interest and fees of a subscription line."""
        return self.kind == "contribution" and self.category in LINE_COSTS

    @property
    def line_drawn_on(self) -> date | None:
        """The day the line was drawn for what this call repays; a draw after its call is of its day."""
        if self.kind != "contribution" or self.is_line_cost or self.facility_drawn_on is None:
            return None
        return min(self.facility_drawn_on, self.on)


@dataclass(frozen=True)
class Allocation:
    """What a holder (blank: the fund) is allocated on a line of ILPA's template, signed for its wealth."""

    allocation_id: str
    vehicle_id: str
    investor_id: str | None
    line: str
    amount: Fraction
    currency_code: str
    on: date
    offset_rate: Fraction | None


@dataclass(frozen=True)
class Value:
    """A net asset value at the end of a day: of an investor, a holding or (both blank) the vehicle itself."""

    vehicle_id: str
    investor_id: str | None
    holding_id: str | None
    on: date
    amount: Fraction
    currency_code: str


@dataclass(frozen=True)
class Move:
    """An investor's step in a round."""

    event_id: str
    vehicle_id: str
    investor_id: str
    from_stage: str | None
    to_stage: str
    amount: Fraction | None
    currency_code: str | None
    at: datetime


@dataclass(frozen=True)
class Payment:
    """One attempt to collect what was promised; `was_tried`: told as something else before `refunded`."""

    payment_id: str
    commitment_id: str
    amount: Fraction
    currency_code: str
    status: str
    at: datetime
    attempt: int | None
    was_tried: bool


@dataclass(frozen=True)
class Book:
    """Everything one tenant has told us, and the platform's rates and levels."""

    currency_code: str
    timezone: ZoneInfo
    vehicles: Mapping[str, Vehicle]
    terms: Mapping[str, Terms]
    investors: Mapping[str, Investor]
    holdings: Mapping[str, Holding]
    commitments: tuple[Commitment, ...]
    flows: tuple[Flow, ...]
    values: tuple[Value, ...]
    allocations: tuple[Allocation, ...]
    moves: tuple[Move, ...]
    payments: tuple[Payment, ...]
    touched_at: tuple[datetime, ...]
    choices: frozenset[tuple[str | None, str]]
    rates: tuple[tuple[str, str, date, Fraction], ...]
    levels: tuple[tuple[str, date, Fraction], ...]

    def told_in(self, investor_id: str | None) -> frozenset[str]:
        """Currencies that somebody chose to have an investor's portfolio told in; None: all vehicles."""
        return frozenset(code for who, code in self.choices if who == investor_id)


def book_of(
    rows: Rows,
    *,
    currency_code: str,
    timezone: str,
    choices: frozenset[tuple[str | None, str]] = frozenset(),
) -> Book:
    """Build a book from rows of the canonical streams, by stream name; columns are those of CONTRACTS.

    `choices`: for which investor (None: the tenant as a whole) somebody chose which currency.
    """
    vehicles = {row["vehicle_id"]: _vehicle(row) for row in rows["vehicles"]}
    holdings = {row["holding_id"]: _holding(row) for row in rows["holdings"]}
    commitments = [_commitment(row) for row in rows["commitments"]]
    flows = [_flow(row) for row in rows["transactions"]]
    values = [_value(row) for row in rows["valuations"]]
    allocations = [_allocation(row) for row in rows["allocations"]]
    moves = [_move(row) for row in rows["stage_events"]]
    payments = [_payment(row) for row in rows["payments"]]
    return Book(
        currency_code=currency_code,
        timezone=ZoneInfo(timezone),
        vehicles=vehicles,
        terms={row["vehicle_id"]: _terms(row) for row in rows["vehicle_terms"]},
        investors={row["investor_id"]: _investor(row) for row in rows["investors"]},
        holdings={key: holding for key, holding in holdings.items() if holding.vehicle_id in vehicles},
        commitments=tuple(item for item in commitments if item.vehicle_id in vehicles and item.amount),
        flows=tuple(item for item in flows if item.vehicle_id in vehicles and item.amount),
        values=tuple(item for item in values if item.vehicle_id in vehicles),
        allocations=tuple(item for item in allocations if item.vehicle_id in vehicles and item.amount),
        moves=tuple(item for item in moves if item.vehicle_id in vehicles),
        payments=tuple(item for item in payments if item.amount),
        touched_at=(
            *(row["started_at"] for row in rows["views"]),
            *(row["occurred_at"] for row in rows["communications"]),
        ),
        choices=choices,
        rates=tuple(
            (
                row["base_currency_code"].upper(),
                row["quote_currency_code"].upper(),
                row["on_date"],
                Fraction(row["rate"]),
            )
            for row in rows["fx_rates"]
        ),
        levels=tuple(
            (row["index_code"], row["on_date"], Fraction(row["level"])) for row in rows["index_levels"]
        ),
    )


def _vehicle(row: Row) -> Vehicle:
    return Vehicle(
        row["vehicle_id"],
        row["kind"],
        row["currency_code"].upper(),
        row["status"] == "closed",
        row["closed_on"],
        row["benchmark_code"] or None,
        _maybe(row["target_amount"]),
        _maybe(row["hard_cap_amount"]),
        row["vintage_year"],
        row["strategy"] or None,
        row["opened_on"],
        row["first_close_on"],
    )


def _terms(row: Row) -> Terms:
    fee_rate, fee_base = _maybe(row["management_fee_rate"]), row["management_fee_base"] or None
    rate_after = _maybe(row["fee_rate_after"])
    catch_up = row["catch_up_rate"]
    return Terms(
        fee_rate,
        fee_base,
        row["fee_starts_on"],
        row["fee_step_down_on"],
        fee_rate if rate_after is None else rate_after,
        row["fee_base_after"] or fee_base,
        row["carry_rate"] is not None,
        float(row["carry_rate"] or 0),
        float(row["hurdle_rate"] or 0),
        row["hurdle_compounding"] or "exponential",
        1.0 if catch_up is None else float(catch_up),
        row["waterfall"] or "european",
        row["day_count"] or "ACT/365F",
        row["life_years"],
    )


def _holding(row: Row) -> Holding:
    status = (row["status"] or "").lower()
    return Holding(row["holding_id"], row["vehicle_id"], row["sector"] or None, status in EXITED)


def _commitment(row: Row) -> Commitment:
    return Commitment(
        row["commitment_id"],
        row["vehicle_id"],
        row["investor_id"],
        Fraction(row["amount"]),
        row["currency_code"].upper(),
        row["status"],
        row["signed_on"],
    )


def _flow(row: Row) -> Flow:
    return Flow(
        row["transaction_id"],
        row["vehicle_id"],
        row["investor_id"] or None,
        row["holding_id"] or None,
        row["kind"],
        row["purpose"] or None,
        row.get("category") or None,
        Fraction(row["amount"]),
        row["currency_code"].upper(),
        row["effective_on"],
        row["due_on"],
        row.get("facility_drawn_on"),
        bool(row["recallable"]),
        bool(row["outside_commitment"]),
    )


def _investor(row: Row) -> Investor:
    return Investor(
        row["investor_id"],
        row["kind"].lower() if row["kind"] else None,
        (row.get("reporting_currency_code") or "").upper() or None,
    )


def _allocation(row: Row) -> Allocation:
    return Allocation(
        row["allocation_id"],
        row["vehicle_id"],
        row["investor_id"] or None,
        row["line"],
        Fraction(row["amount"]),
        row["currency_code"].upper(),
        row["effective_on"],
        _maybe(row["offset_rate"]),
    )


def _value(row: Row) -> Value:
    return Value(
        row["vehicle_id"],
        row["investor_id"] or None,
        row["holding_id"] or None,
        row["as_of"],
        Fraction(row["nav_amount"]),
        row["currency_code"].upper(),
    )


def _move(row: Row) -> Move:
    return Move(
        row["event_id"],
        row["vehicle_id"],
        row["investor_id"],
        row["from_stage"] or None,
        row["to_stage"],
        _maybe(row["amount"]),
        row["currency_code"].upper() if row["currency_code"] else None,
        row["occurred_at"],
    )


def _payment(row: Row) -> Payment:
    return Payment(
        row["payment_id"],
        row["commitment_id"],
        Fraction(row["amount"]),
        row["currency_code"].upper(),
        row["status"],
        row["attempted_at"],
        row["attempt"],
        bool(row["was_tried"]),
    )


def _maybe(amount: Any) -> Fraction | None:
    return None if amount is None else Fraction(amount)
