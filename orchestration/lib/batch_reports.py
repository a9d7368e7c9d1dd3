"""What a load is shown as in the Dagster UI: counts by stream and expectations. No Dagster."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from ingestion.contracts.registry import stream_named
from ingestion.expectations import ExpectationResult, expectation_names
from ingestion.results import BatchResult
from warehouse.batches import loader_transaction
from warehouse.database import Database
from warehouse.tenants import get_tenant


@dataclass(frozen=True)
class StreamReport:
    """The batches of one stream in one run, added up, and their expectations: failed if one batch failed."""

    stream: str
    batches: tuple[BatchResult, ...]
    expectations: tuple[ExpectationResult, ...]

    def counts(self) -> dict[str, int]:
        """Rows read, accepted, unchanged and quarantined."""
        names = ("read", "accepted", "unchanged", "quarantined")
        return {name: sum(getattr(batch, name) for batch in self.batches) for name in names}


def check_name(expectation: str, column: str) -> str:
    """Name of an expectation as an asset check."""
    return re.sub(r"\W+", "_", f"{expectation}__{column}" if column else expectation)


def check_names(stream_name: str) -> list[str]:
    """All checks that a load of this stream can report."""
    return [check_name(*names) for names in expectation_names(stream_named(stream_name))]


def reports(database: Database, tenant_slug: str, results: Iterable[BatchResult]) -> list[StreamReport]:
    """One report a stream, in the order of loading; the expectations come from the ledger of batches."""
    by_stream: dict[str, list[BatchResult]] = {}
    for result in results:
        by_stream.setdefault(result.stream, []).append(result)
    return [
        StreamReport(
            stream, tuple(batches), _expectations(database, tenant_slug, [b.batch_id for b in batches])
        )
        for stream, batches in by_stream.items()
    ]


def _expectations(
    database: Database, tenant_slug: str, batch_ids: list[str]
) -> tuple[ExpectationResult, ...]:
    tenant = get_tenant(database, tenant_slug)
    with loader_transaction(database, tenant) as connection:
        rows = connection.execute(
            "select validation from raw.batch where tenant_id = %s and batch_id = any(%s)",
            (tenant.tenant_id, batch_ids),
        ).fetchall()
    merged: dict[tuple[str, str], ExpectationResult] = {}
    for (validation,) in rows:
        document = json.loads(validation) if isinstance(validation, str) else validation
        for item in document.get("expectations", ()):
            key = (item["expectation"], item["column"])
            before = merged.get(key)
            merged[key] = ExpectationResult(
                *key,
                success=item["success"] and (before is None or before.success),
                unexpected=item["unexpected"] + (before.unexpected if before else 0),
            )
    return tuple(merged.values())
