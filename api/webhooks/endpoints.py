"""POST /v1/webhooks/{source}/{path}: keep a genuine event, then answer. What it means is worked out later."""

from typing import Annotated

from fastapi import APIRouter, Header, Request
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from api.auth import Warehouse
from api.errors import BadRequest, ErrorBody
from ingestion.webhooks import inbox

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])


class Receipt(BaseModel):
    """The event is stored. `is_new` is false where it had come before."""

    event_id: str
    is_new: bool


@router.post(
    "/stripe/{path}",
    response_model=Receipt,
    summary="Take a Stripe event",
    responses={
        400: {"model": ErrorBody, "description": "The signature or the event is not genuine"},
        404: {"model": ErrorBody, "description": "No such endpoint"},
        409: {"model": ErrorBody, "description": "The id came before with another body"},
    },
)
async def take_stripe_event(
    path: str,
    request: Request,
    database: Warehouse,
    stripe_signature: Annotated[str, Header(description="t=…,v1=…")] = "",
) -> Receipt:
    """Answers only after the event is committed. The tenant is that of the path, never of the body."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > inbox.MOST_BYTES:
            raise BadRequest(f"body: larger than {inbox.MOST_BYTES:,} bytes.")
    kept = await run_in_threadpool(inbox.accept, database, "stripe", path, bytes(body), stripe_signature)
    return Receipt(event_id=kept.event_id, is_new=kept.is_new)
