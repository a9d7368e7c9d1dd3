"""What the metrics resources answer with."""

from datetime import date

from pydantic import BaseModel, Field


class MetricDefinition(BaseModel):
    """A metric as the register words it."""

    name: str
    title: str
    question: str
    formula: str
    unit: str = Field(description="money, multiple, fraction, count, days or seconds")
    grain: str
    edge_cases: str
    owner: str
    served_by: list[str] = Field(description="Columns that hold it, as mart.column")


class MetricDefinitions(BaseModel):
    """The whole register."""

    data: list[MetricDefinition]


class MetricValue(BaseModel):
    """One number: what it measures, of what, at which date."""

    metric: str
    entity_type: str = Field(description="vehicle, investor, holding or pool")
    entity_id: str
    as_of: date
    vehicle_id: str | None
    investor_id: str | None
    unit: str
    value: float | None = Field(description="Null where it is not known; status says why")
    currency_code: str | None
    status: str | None


class MetricValues(BaseModel):
    """A page of values."""

    data: list[MetricValue]
    next: str | None
