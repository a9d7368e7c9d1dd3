"""GET /v1/metrics, /v1/metrics/{name} and /v1/metric-values."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.auth import Caller, Reading
from api.errors import RESPONSES, NotFound
from api.listing import Cursor, Key, Limit, Listing, Since, Until, answer
from api.metrics.schemas import MetricDefinition, MetricDefinitions, MetricValue, MetricValues
from reporting.presentation.metric_register import UnknownMetric, metric, metrics

router = APIRouter(prefix="/v1", tags=["metrics"], responses=RESPONSES)

VALUES = Listing(
    "metric_values",
    tuple(MetricValue.model_fields),
    (
        Key("metric", "metric"),
        Key("entity_type", "entity_type"),
        Key("entity_id", "entity_id"),
        Key("vehicle_id", "coalesce(vehicle_id, '')"),
        Key("as_of", "as_of", "date"),
    ),
    {
        "metric": "metric = %(metric)s",
        "entity_type": "entity_type = %(entity_type)s",
        "entity_id": "entity_id = %(entity_id)s",
        "vehicle_id": "vehicle_id = %(vehicle_id)s",
        "investor_id": "investor_id = %(investor_id)s",
        "since": "as_of >= %(since)s",
        "until": "as_of <= %(until)s",
    },
)


@router.get("/metrics", response_model=MetricDefinitions, summary="The register of metrics")
def list_metrics(viewer: Caller) -> Any:
    """Every metric: the question it answers, its formula, its unit and where it is served."""
    return {"data": [asdict(one) for one in metrics()]}


@router.get("/metrics/{name}", response_model=MetricDefinition, summary="One metric")
def get_metric(name: str, viewer: Caller) -> Any:
    """One metric of the register."""
    try:
        return asdict(metric(name))
    except UnknownMetric as error:
        raise NotFound(str(error)) from error


@router.get("/metric-values", response_model=MetricValues, summary="Values of metrics")
def list_values(
    request: Request,
    response: Response,
    viewer: Caller,
    sessions: Reading,
    metric: Annotated[str | None, Query(description="Only this metric")] = None,
    entity_type: Annotated[str | None, Query(description="vehicle, investor, holding or pool")] = None,
    entity_id: Annotated[str | None, Query(description="Only this vehicle, investor or holding")] = None,
    vehicle_id: Annotated[str | None, Query(description="Only within this vehicle")] = None,
    investor_id: Annotated[str | None, Query(description="Only of this investor")] = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Any:
    """The long form of the marts: one row a number."""
    given = {
        "metric": metric, "entity_type": entity_type, "entity_id": entity_id, "vehicle_id": vehicle_id,
        "investor_id": investor_id, "since": since, "until": until,
    }  # fmt: skip
    data, following = VALUES.read(sessions, viewer, given, limit=limit, cursor=cursor)
    return answer(request, response, VALUES, data, following)
