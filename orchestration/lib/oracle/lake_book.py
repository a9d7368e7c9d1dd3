"""A tenant's book, read from the Parquet files of the lake."""

from typing import Any

from orchestration.lib.lake import files_of, latest_rows
from orchestration.lib.oracle.book import Book, book_of
from warehouse.database import Database
from warehouse.tenants import get_tenant

PLATFORM = ("fx_rates", "index_levels")
QUERIES = {
    "payments": """
        select *, status = 'refunded' and exists (
            select 1 from rows
            where rows.payment_id = latest.payment_id and rows.status <> 'refunded'
        ) as was_tried
        from latest
    """
}
STREAMS = (
    "vehicles",
    "vehicle_terms",
    "holdings",
    "commitments",
    "transactions",
    "valuations",
    "stage_events",
    "payments",
    "views",
    "communications",
)


def read_book(database: Database, tenant_slug: str) -> Book:
    """The newest version of every accepted row of a tenant. Raises TenantNotFound, LakeFileMissing."""
    tenant = get_tenant(database, tenant_slug)
    rows = {stream: _rows(database, tenant_slug, stream) for stream in STREAMS}
    rows |= {stream: _rows(database, "platform", stream) for stream in PLATFORM}
    return book_of(rows, currency_code=tenant.currency_code, timezone=tenant.timezone)


def _rows(database: Database, tenant_slug: str, stream: str) -> list[dict[str, Any]]:
    files = files_of(database, get_tenant(database, tenant_slug), stream)
    if not files:
        return []
    with latest_rows(files, stream) as connection:
        found = connection.sql(QUERIES.get(stream, "select * from latest")).to_arrow_table()
    return found.to_pylist()
