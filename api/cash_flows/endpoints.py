"""GET /v1/cash-flows and /v1/cash-flows/{transaction_id}."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.auth import Caller, Reading
from api.cash_flows.schemas import CashFlow, CashFlows
from api.errors import RESPONSES, NotFound
from api.listing import Cursor, InvestorId, Key, Limit, Listing, Since, Until, VehicleId, answer

router = APIRouter(prefix="/v1/cash-flows", tags=["cash flows"], responses=RESPONSES)

LISTING = Listing(
    "fct_cash_flows",
    tuple(CashFlow.model_fields),
    (
        Key("effective_on", "effective_on", "date"),
        Key("vehicle_id", "vehicle_id"),
        Key("investor_id", "investor_id"),
        Key("transaction_id", "transaction_id"),
    ),
    {
        "vehicle_id": "vehicle_id = %(vehicle_id)s",
        "investor_id": "investor_id = %(investor_id)s",
        "transaction_id": "transaction_id = %(transaction_id)s",
        "kind": "kind = %(kind)s",
        "since": "effective_on >= %(since)s",
        "until": "effective_on <= %(until)s",
    },
)


@router.get("", response_model=CashFlows, summary="Cash flows, oldest first")
def list_cash_flows(
    request: Request,
    response: Response,
    viewer: Caller,
    sessions: Reading,
    vehicle_id: VehicleId = None,
    investor_id: InvestorId = None,
    kind: Annotated[str | None, Query(description="contribution, distribution …")] = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Any:
    """The cash flows that this key may see, by date."""
    given = {
        "vehicle_id": vehicle_id,
        "investor_id": investor_id,
        "kind": kind,
        "since": since,
        "until": until,
    }
    data, following = LISTING.read(sessions, viewer, given, limit=limit, cursor=cursor)
    return answer(request, response, LISTING, data, following)


@router.get("/{transaction_id}", response_model=CashFlow, summary="One cash flow")
def get_cash_flow(transaction_id: str, viewer: Caller, sessions: Reading) -> Any:
    """One cash flow with the file and row it came from; 404 where this key sees none of this id."""
    data, _ = LISTING.read(sessions, viewer, {"transaction_id": transaction_id}, limit=1, cursor=None)
    if not data:
        raise NotFound
    return data[0]
