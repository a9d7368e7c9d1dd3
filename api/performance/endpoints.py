"""GET /v1/performance/investors and /v1/performance/vehicles."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.auth import Caller, Reading
from api.errors import RESPONSES, NotFound
from api.listing import Cursor, InvestorId, Key, Limit, Listing, Since, Until, VehicleId, answer
from api.performance.schemas import (
    InvestorPerformance,
    InvestorPerformances,
    VehiclePerformance,
    VehiclePerformances,
)

router = APIRouter(prefix="/v1/performance", tags=["performance"], responses=RESPONSES)

FILTERS = {
    "vehicle_id": "vehicle_id = %(vehicle_id)s",
    "since": "as_of >= %(since)s",
    "until": "as_of <= %(until)s",
    "latest": "is_latest = %(latest)s",
}
BY_INVESTOR = Listing(
    "fct_investor_performance",
    tuple(InvestorPerformance.model_fields),
    (Key("vehicle_id", "vehicle_id"), Key("investor_id", "investor_id"), Key("as_of", "as_of", "date")),
    {**FILTERS, "investor_id": "investor_id = %(investor_id)s"},
)
BY_VEHICLE = Listing(
    "fct_vehicle_performance",
    tuple(VehiclePerformance.model_fields),
    (Key("vehicle_id", "vehicle_id"), Key("as_of", "as_of", "date")),
    FILTERS,
)

Latest = Annotated[bool | None, Query(description="true: only the latest date of each")]


@router.get("/investors", response_model=InvestorPerformances, summary="Performance by investor")
def by_investor(
    request: Request,
    response: Response,
    viewer: Caller,
    sessions: Reading,
    vehicle_id: VehicleId = None,
    investor_id: InvestorId = None,
    since: Since = None,
    until: Until = None,
    latest: Latest = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Any:
    """Each investor's part in each vehicle, at each quarter end and at the latest date."""
    given = {
        "vehicle_id": vehicle_id,
        "investor_id": investor_id,
        "since": since,
        "until": until,
        "latest": latest,
    }
    data, following = BY_INVESTOR.read(sessions, viewer, given, limit=limit, cursor=cursor)
    return answer(request, response, BY_INVESTOR, data, following)


@router.get("/vehicles", response_model=VehiclePerformances, summary="Performance by vehicle")
def by_vehicle(
    request: Request,
    response: Response,
    viewer: Caller,
    sessions: Reading,
    vehicle_id: VehicleId = None,
    since: Since = None,
    until: Until = None,
    latest: Latest = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Any:
    """Each vehicle over all its investors. For an LP there is nothing here: 404."""
    if viewer.role == "lp":
        raise NotFound
    given = {"vehicle_id": vehicle_id, "since": since, "until": until, "latest": latest}
    data, following = BY_VEHICLE.read(sessions, viewer, given, limit=limit, cursor=cursor)
    return answer(request, response, BY_VEHICLE, data, following)
