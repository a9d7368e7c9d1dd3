"""GET /v1/vehicles and /v1/vehicles/{vehicle_id}."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.auth import Caller, Reading
from api.errors import RESPONSES, NotFound
from api.listing import Cursor, Key, Limit, Listing, answer
from api.vehicles.schemas import Vehicle, Vehicles
from warehouse.sessions import Viewer

router = APIRouter(prefix="/v1/vehicles", tags=["vehicles"], responses=RESPONSES)

COLUMNS = tuple(Vehicle.model_fields)
FILTERS = {"kind": "kind = %(kind)s", "vehicle_id": "vehicle_id = %(vehicle_id)s"}
WHOLE_TENANT = Listing("dim_vehicle", COLUMNS, (Key("vehicle_id", "vehicle_id"),), FILTERS)
# An LP may not read dim_vehicle: it would name vehicles that the LP is not in.
OF_AN_LP = Listing(
    "(select tenant_id, vehicle_id, max(vehicle_name) as name, max(vehicle_kind) as kind,"
    " max(currency_code) as currency_code, max(vintage_year) as vintage_year, max(strategy) as strategy,"
    " null::text as status, null::numeric as target_amount, null::numeric as hard_cap_amount,"
    " null::date as opened_on, null::date as first_close_on, null::date as final_close_on,"
    " null::date as closed_on, null::text as benchmark_code"
    " from fct_investor_performance where is_latest group by tenant_id, vehicle_id) as held",
    COLUMNS,
    (Key("vehicle_id", "vehicle_id"),),
    FILTERS,
)


@router.get("", response_model=Vehicles, summary="Vehicles, by id")
def list_vehicles(
    request: Request,
    response: Response,
    viewer: Caller,
    sessions: Reading,
    kind: Annotated[str | None, Query(description="Only vehicles of this kind")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Any:
    """The vehicles that this key may see."""
    listing = _listing(viewer)
    data, following = listing.read(sessions, viewer, {"kind": kind}, limit=limit, cursor=cursor)
    return answer(request, response, listing, data, following)


@router.get("/{vehicle_id}", response_model=Vehicle, summary="One vehicle")
def get_vehicle(vehicle_id: str, viewer: Caller, sessions: Reading) -> Any:
    """One vehicle; 404 where there is none or this key may not see it."""
    data, _ = _listing(viewer).read(sessions, viewer, {"vehicle_id": vehicle_id}, limit=1, cursor=None)
    if not data:
        raise NotFound
    return data[0]


def _listing(viewer: Viewer) -> Listing:
    return OF_AN_LP if viewer.role == "lp" else WHOLE_TENANT
