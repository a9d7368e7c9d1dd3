"""The facts of the demo world: one frozen class a canonical stream, fields named and ordered as its columns.

Facts are what is true in the end. What the files say (mistakes, corrections, repeats) is made in `files.py`.
Money is in whole cents here, so that every sum is exact; it becomes text only in `as_row`.
"""

import json
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import ClassVar


@dataclass(frozen=True)
class Cents:
    """An amount in hundredths of its currency."""

    value: int

    def __str__(self) -> str:
        sign = "-" if self.value < 0 else ""
        return f"{sign}{abs(self.value) // 100}.{abs(self.value) % 100:02d}"


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, tuple):
        return json.dumps(list(value))
    return str(value)


@dataclass(frozen=True)
class Fact:
    """Base of all facts: knows its stream and how to write itself as a row of text."""

    stream: ClassVar[str]

    def as_row(self) -> dict[str, str]:
        """The columns of the stream in the contract's order; unknown is an empty text."""
        return {field.name: _text(getattr(self, field.name)) for field in fields(self)}


@dataclass(frozen=True)
class Vehicle(Fact):
    """What investors commit to."""

    stream: ClassVar[str] = "vehicles"
    vehicle_id: str
    name: str
    kind: str
    currency_code: str
    target_amount: Cents | None = None
    hard_cap_amount: Cents | None = None
    vintage_year: int | None = None
    opened_on: date | None = None
    first_close_on: date | None = None
    final_close_on: date | None = None
    closed_on: date | None = None
    status: str = "active"
    strategy: str | None = None
    benchmark_code: str | None = None


@dataclass(frozen=True)
class Investor(Fact):
    """Who commits."""

    stream: ClassVar[str] = "investors"
    investor_id: str
    name: str
    firm: str | None = None
    email: str | None = None
    kind: str | None = None
    country_code: str | None = None


@dataclass(frozen=True)
class VehicleTerms(Fact):
    """What a fund's agreement says on fees and carried interest; rates are decimal fractions as text."""

    stream: ClassVar[str] = "vehicle_terms"
    vehicle_id: str
    management_fee_rate: str | None = None
    management_fee_base: str | None = None
    fee_starts_on: date | None = None
    carry_rate: str | None = None
    hurdle_rate: str | None = None
    day_count: str | None = None
    life_years: int | None = None


@dataclass(frozen=True)
class Holding(Fact):
    """A company that a fund owns part of."""

    stream: ClassVar[str] = "holdings"
    holding_id: str
    vehicle_id: str
    name: str
    sector: str | None = None
    country_code: str | None = None
    invested_on: date | None = None
    status: str | None = None


@dataclass(frozen=True)
class Commitment(Fact):
    """An investor's promise to a vehicle."""

    stream: ClassVar[str] = "commitments"
    commitment_id: str
    vehicle_id: str
    investor_id: str
    amount: Cents
    currency_code: str
    status: str
    signed_on: date | None = None


@dataclass(frozen=True)
class Transaction(Fact):
    """One movement of cash; the amount is positive, the kind gives the direction."""

    stream: ClassVar[str] = "transactions"
    transaction_id: str
    vehicle_id: str
    investor_id: str | None
    holding_id: str | None
    kind: str
    purpose: str | None
    amount: Cents
    currency_code: str
    effective_on: date
    due_on: date | None = None
    settled_on: date | None = None
    recallable: bool | None = None
    outside_commitment: bool | None = None
    description: str | None = None
    category: str | None = None
    facility_drawn_on: date | None = None


@dataclass(frozen=True)
class Allocation(Fact):
    """An amount of a holder on a line of ILPA's Reporting Template, signed by its effect on the holder's
    wealth.
    """

    stream: ClassVar[str] = "allocations"
    allocation_id: str
    vehicle_id: str
    investor_id: str | None
    line: str
    amount: Cents
    currency_code: str
    effective_on: date
    offset_rate: str | None = None
    description: str | None = None


@dataclass(frozen=True)
class Valuation(Fact):
    """A net asset value at the end of a day, of a capital account, a vehicle or a holding."""

    stream: ClassVar[str] = "valuations"
    vehicle_id: str
    investor_id: str | None
    holding_id: str | None
    as_of: date
    nav_amount: Cents
    currency_code: str
    basis: str | None = "reported"


@dataclass(frozen=True)
class StageEvent(Fact):
    """An investor moved in a round's pipeline."""

    stream: ClassVar[str] = "stage_events"
    event_id: str
    vehicle_id: str
    investor_id: str
    from_stage: str | None
    to_stage: str
    amount: Cents | None
    currency_code: str | None
    occurred_at: datetime
    actor: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class DealRoom(Fact):
    """A place where documents of a round are shared."""

    stream: ClassVar[str] = "deal_rooms"
    room_id: str
    vehicle_id: str
    name: str
    opened_on: date | None = None


@dataclass(frozen=True)
class Document(Fact):
    """A document in a deal room."""

    stream: ClassVar[str] = "documents"
    document_id: str
    room_id: str
    name: str
    type: str
    pages: int | None
    uploaded_at: datetime


@dataclass(frozen=True)
class View(Fact):
    """Somebody, or some machine, opened a document."""

    stream: ClassVar[str] = "views"
    view_id: str
    document_id: str
    investor_id: str | None
    viewer_email: str | None
    started_at: datetime
    duration_seconds: int
    page_seconds: tuple[int, ...] | None
    downloaded: bool | None
    user_agent: str | None


@dataclass(frozen=True)
class Communication(Fact):
    """A letter, a talk or a note."""

    stream: ClassVar[str] = "communications"
    communication_id: str
    vehicle_id: str
    investor_id: str
    channel: str
    direction: str | None
    occurred_at: datetime
    subject: str | None


@dataclass(frozen=True)
class Payment(Fact):
    """One attempt to collect money for a commitment."""

    stream: ClassVar[str] = "payments"
    payment_id: str
    commitment_id: str
    amount: Cents
    currency_code: str
    status: str
    attempted_at: datetime
    attempt: int | None = None
    failure_reason: str | None = None


@dataclass(frozen=True)
class FxRate(Fact):
    """Units of the quote currency for one unit of the base currency."""

    stream: ClassVar[str] = "fx_rates"
    base_currency_code: str
    quote_currency_code: str
    on_date: date
    rate: str
    source: str


@dataclass(frozen=True)
class IndexLevel(Fact):
    """A total-return index at the close of a day."""

    stream: ClassVar[str] = "index_levels"
    index_code: str
    on_date: date
    level: str
