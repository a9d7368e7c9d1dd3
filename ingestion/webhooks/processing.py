"""From the inbox to the streams: stored events become rows through the same mapping that files take.

Events may come in any order and more than once. What counts for an object is its newest event among all that
were ever stored, so the result depends on which events came, never on when.
"""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from psycopg.rows import dict_row

from ingestion.loading import ingest
from ingestion.results import BatchResult
from warehouse import roles
from warehouse.batches import loader_transaction
from warehouse.database import Database
from warehouse.tenants import Tenant, get_tenant

STEPS = (
    "charge.pending",
    "charge.failed",
    "charge.succeeded",
    "charge.captured",
    "charge.updated",
    "charge.refunded",
)
"""Types of events of a charge in the order in which they can follow one another within the same second."""


@dataclass(frozen=True)
class Processed:
    """What a run did: how many events were turned into rows, were outdated, or are of no stream of ours."""

    applied: int
    outdated: int
    ignored: int
    batches: tuple[BatchResult, ...]


def process_events(database: Database, tenant_slug: str, source: str = "stripe") -> Processed:
    """Turn this tenant's waiting events into rows; safe to repeat and to be killed anywhere.

    The newest event of each charge is loaded with the source's mapping; loading it again changes nothing, so
    a kill between loading and marking is harmless. An event of anything but a charge is marked `ignored`.
    """
    tenant = get_tenant(database, tenant_slug)
    with _one_at_a_time(database, tenant, source):
        events, others = _read(database, tenant, source)
        newest: dict[str, tuple[tuple[Any, ...], str]] = {}
        without: set[str] = set()
        for event in events:
            charge = _charge_in(event)
            if charge is None:  # a dispute or a refund: the charge has events of its own
                without.add(event["event_id"])
                continue
            age = _age(event, charge)
            if charge["id"] not in newest or age > newest[charge["id"]][0]:
                newest[charge["id"]] = (age, event["event_id"])
        counting = {event_id for _, event_id in newest.values()}
        waiting = [event for event in events if event["status"] == "received"]
        due = [event for event in waiting if event["event_id"] in counting]
        batches = _load(database, tenant_slug, source, due) if due else []
        _mark(database, tenant, source, [event["event_id"] for event in waiting], list(without))
    ignored = sum(event["event_id"] in without for event in waiting)
    return Processed(
        applied=len(due),
        outdated=len(waiting) - len(due) - ignored,
        ignored=ignored + others,
        batches=tuple(batches),
    )


@contextmanager
def _one_at_a_time(database: Database, tenant: Tenant, source: str) -> Iterator[None]:
    """Two runs at once could load an older event after a newer one; the second waits for the first."""
    with database.connect(roles.CONTROL_APP) as connection:
        connection.execute(
            "select pg_advisory_xact_lock(hashtext('capstan webhooks ' || %s), %s)",
            (source, tenant.tenant_id),
        )
        yield


def _read(database: Database, tenant: Tenant, source: str) -> tuple[list[dict[str, Any]], int]:
    """All events of charges, whatever their status, and how many waiting events are of something else."""
    with loader_transaction(database, tenant) as connection:
        others = connection.execute(
            "update raw.webhook_event set status = 'ignored', processed_at = now() "
            "where tenant_id = %s and source = %s and status = 'received' and not event_type like %s",
            (tenant.tenant_id, source, "charge.%"),
        ).rowcount
        events = (
            connection.cursor(row_factory=dict_row)
            .execute(
                "select event_id, event_type, occurred_at, body, status from raw.webhook_event "
                "where tenant_id = %s and source = %s and event_type like %s order by event_id",
                (tenant.tenant_id, source, "charge.%"),
            )
            .fetchall()
        )
    return events, others


def _mark(database: Database, tenant: Tenant, source: str, done: list[str], ignored: list[str]) -> None:
    with loader_transaction(database, tenant) as connection:
        connection.execute(
            "update raw.webhook_event "
            "set status = case when event_id = any(%s) then 'ignored' else 'processed' end, "
            "attempts = attempts + 1, processed_at = now() "
            "where tenant_id = %s and source = %s and event_id = any(%s)",
            (ignored, tenant.tenant_id, source, done),
        )


def _charge_in(event: dict[str, Any]) -> dict[str, Any] | None:
    data = json.loads(event["body"]).get("data")
    charge = data.get("object") if isinstance(data, dict) else None
    if (
        not isinstance(charge, dict)
        or charge.get("object") != "charge"
        or not isinstance(charge.get("id"), str)
    ):
        return None
    return charge


def _load(
    database: Database, tenant_slug: str, source: str, events: list[dict[str, Any]]
) -> list[BatchResult]:
    """Load the charges of these events as one list, the way Stripe's own lists are written."""
    charges = [json.loads(event["body"])["data"]["object"] for event in events]
    charges.sort(key=lambda charge: str(charge["id"]))
    document = json.dumps({"object": "list", "data": charges}, sort_keys=True, ensure_ascii=False)
    with tempfile.TemporaryDirectory(prefix="capstan-webhooks-") as folder:
        path = Path(folder) / "webhook_events.json"
        path.write_text(document, encoding="utf-8")
        return ingest(database, tenant_slug, source, [path])


def _age(event: dict[str, Any], charge: dict[str, Any]) -> tuple[Any, ...]:
    """Orders the events of one charge: time, then what can only have happened later, then the id."""
    step = STEPS.index(event["event_type"]) if event["event_type"] in STEPS else -1
    refunded = charge.get("amount_refunded")
    return (
        event["occurred_at"] or datetime(1970, 1, 1, tzinfo=UTC),
        refunded if isinstance(refunded, int) else 0,
        step,
        event["event_id"],
    )
