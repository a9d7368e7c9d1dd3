"""What the vehicles resource answers with."""

from datetime import date
from decimal import Decimal

from pydantic import BaseModel, Field


class Vehicle(BaseModel):
    """A fund, SPV or round. An LP sees those it is in, without their targets."""

    vehicle_id: str
    name: str
    kind: str = Field(description="fund, spv, priced_round, safe_round or note_round")
    currency_code: str
    vintage_year: int | None
    strategy: str | None
    status: str | None
    target_amount: Decimal | None = Field(description="Exact decimal as a string")
    hard_cap_amount: Decimal | None
    opened_on: date | None
    first_close_on: date | None
    final_close_on: date | None
    closed_on: date | None
    benchmark_code: str | None


class Vehicles(BaseModel):
    """A page of vehicles."""

    data: list[Vehicle]
    next: str | None = Field(description="Cursor of the next page; null on the last")
