"""The inbox: a genuine event is kept once, as it came, before anybody answers; what it means comes later."""

import hashlib
import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ingestion.webhooks.endpoints import Endpoint, find_endpoint
from ingestion.webhooks.errors import ConflictingEvent, MalformedEvent, SignatureRefused
from ingestion.webhooks.signatures import REFUSED, verify_stripe
from warehouse.batches import loader_transaction
from warehouse.database import Database

MOST_BYTES = 1_000_000


@dataclass(frozen=True)
class Accepted:
    """An event that is stored and committed. `is_new` is false where it had come before."""

    event_id: str
    is_new: bool


def accept(
    database: Database, source: str, path: str, body: bytes, signature: str, *, now: float | None = None
) -> Accepted:
    """Verify and keep an event; committed on return, so the sender may be told.

    The tenant is that of the path, whatever the body says. Raises UnknownEndpoint, SignatureRefused,
    MalformedEvent, and ConflictingEvent where the id is known with another body.
    """
    clock = time.time() if now is None else now
    endpoint = find_endpoint(database, path, source)
    if len(body) > MOST_BYTES:
        raise SignatureRefused(REFUSED)
    verify_stripe(body, signature, endpoint.signing_secrets, clock)
    event = _event(body)
    return _keep(database, endpoint, event, body, datetime.fromtimestamp(clock, UTC))


def _event(body: bytes) -> dict[str, Any]:
    try:
        event = json.loads(body.decode("utf-8"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise MalformedEvent("The body is not a JSON text in UTF-8.") from error
    if not isinstance(event, dict) or event.get("object") != "event":
        raise MalformedEvent(
            "The body is not a snapshot event (`object` is not `event`); thin events are not taken here."
        )
    if not isinstance(event.get("id"), str) or not 0 < len(event["id"]) <= 255 or "\x00" in event["id"]:
        raise MalformedEvent("The event has no id.")
    if not isinstance(event.get("type"), str) or "\\u0000" in body.decode():
        raise MalformedEvent("The event has no type, or text that cannot be stored.")
    return event


def _keep(
    database: Database, endpoint: Endpoint, event: dict[str, Any], body: bytes, received_at: datetime
) -> Accepted:
    created = event.get("created")
    known = isinstance(created, int) and not isinstance(created, bool) and 0 < created < 2**33
    row = {
        "tenant": endpoint.tenant.tenant_id,
        "source": endpoint.source,
        "id": event["id"],
        "type": event["type"][:255],
        "occurred": datetime.fromtimestamp(created, UTC) if known else None,  # type: ignore[arg-type]
        "body": body.decode("utf-8"),
        "sha256": hashlib.sha256(body).hexdigest(),
        "received": received_at,
    }
    with loader_transaction(database, endpoint.tenant) as connection:
        made = connection.execute(
            """
            insert into raw.webhook_event (tenant_id, source, event_id, event_type, occurred_at, body,
            body_sha256,
                                           received_at)
            values (%(tenant)s, %(source)s, %(id)s, %(type)s, %(occurred)s, %(body)s, %(sha256)s,
            %(received)s) on conflict (tenant_id, source, event_id) do nothing
            """,
            row,
        )
        if made.rowcount == 1:
            return Accepted(event["id"], is_new=True)
        kept = connection.execute(
            "select body_sha256 from raw.webhook_event "
            "where tenant_id = %(tenant)s and source = %(source)s and event_id = %(id)s",
            row,
        ).fetchone()
        if kept is not None and kept[0] == row["sha256"]:
            return Accepted(event["id"], is_new=False)
        connection.execute(
            """
            insert into raw.webhook_conflict as c (tenant_id, source, event_id, body_sha256, body,
            received_at)
            values (%(tenant)s, %(source)s, %(id)s, %(sha256)s, %(body)s, %(received)s)
            on conflict (tenant_id, source, event_id, body_sha256) do update set times = c.times + 1
            """,
            row,
        )
    raise ConflictingEvent(
        f"The event {event['id']!r} came before with another body; both are kept, the first one counts."
    )
