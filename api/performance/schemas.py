"""What the performance resource answers with. Rates are fractions: 0.125 is 12.5 %."""

from datetime import date
from decimal import Decimal

from pydantic import BaseModel, Field


class Performance(BaseModel):
    """How a commitment or a vehicle stands at a date, in the vehicle's currency."""

    vehicle_id: str
    as_of: date
    vehicle_name: str
    is_latest: bool
    is_quarter_end: bool
    currency_code: str
    commitment_amount: Decimal | None = Field(description="Exact decimal as a string")
    contributed_amount: Decimal | None
    distributed_amount: Decimal | None
    recallable_amount: Decimal | None
    nav_amount: Decimal | None
    nav_as_of: date | None
    nav_status: str | None = Field(description="reported, rolled, missing, refused or closed")
    unfunded_amount: Decimal | None
    dpi: float | None
    rvpi: float | None
    tvpi: float | None
    pic: float | None
    irr: float | None = Field(description="Null unless irr_status is ok")
    irr_status: str | None
    irr_roots: list[float] | None
    is_annualized: bool | None = Field(description="False under one year: do not show irr as an annual rate")
    period_return: float | None
    ks_pme: float | None
    direct_alpha: float | None
    pme_status: str | None
    fx_status: str = Field(description="ok, or missing_rate: what rests on that rate is null")
    fx_reason: str | None = Field(description="Pair and day of the exchange rate that is missing")


class InvestorPerformance(Performance):
    """An investor's part in a vehicle at a date."""

    investor_id: str


class VehiclePerformance(Performance):
    """A vehicle over all its investors at a date."""

    investors: int | None
    gross_irr: float | None
    gross_irr_status: str | None
    gross_moic: float | None


class InvestorPerformances(BaseModel):
    """A page of performance by investor."""

    data: list[InvestorPerformance]
    next: str | None


class VehiclePerformances(BaseModel):
    """A page of performance by vehicle."""

    data: list[VehiclePerformance]
    next: str | None
