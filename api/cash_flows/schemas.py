"""What the cash flows resource answers with."""

from datetime import date
from decimal import Decimal

from pydantic import BaseModel, Field


class CashFlow(BaseModel):
    """One movement of an investor's cash. What the investor paid in is negative."""

    effective_on: date
    vehicle_id: str
    investor_id: str
    transaction_id: str
    vehicle_name: str
    kind: str
    purpose: str | None
    amount: Decimal = Field(description="Exact decimal as a string; the investor's sign")
    currency_code: str
    due_on: date | None
    settled_on: date | None
    is_within_commitment: bool | None
    is_recallable: bool | None
    description: str | None
    batch_id: str = Field(description="The load that this row came with")
    source_file: str | None
    source_row: int | None


class CashFlows(BaseModel):
    """A page of cash flows."""

    data: list[CashFlow]
    next: str | None
