"""A tenant's book, read from the Parquet files of the lake."""

from typing import Any

from orchestration.lib.lake import files_of, latest_rows
from orchestration.lib.oracle.book import Book, book_of
from warehouse import roles
from warehouse.database import Database
from warehouse.tenants import Tenant, get_tenant

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
    "investors",
    "holdings",
    "commitments",
    "transactions",
    "valuations",
    "allocations",
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
    return book_of(
        rows,
        currency_code=tenant.currency_code,
        timezone=tenant.timezone,
        choices=_choices(database, tenant),
    )


def _choices(database: Database, tenant: Tenant) -> frozenset[tuple[str | None, str]]:
    """What people chose to be told in, as far as the last refresh knew of it."""
    with database.connect(roles.DBT_BUILDER) as connection:
        rows = connection.execute(
            "select t.investor_id, t.currency_code from control.told_in t "
            "join control.data_version v using (tenant_id) "
            "where t.tenant_id = %s and (t.asked_at is null or t.asked_at <= v.refreshed_at)",
            (tenant.tenant_id,),
        ).fetchall()
    return frozenset((investor_id, code) for investor_id, code in rows)


def _rows(database: Database, tenant_slug: str, stream: str) -> list[dict[str, Any]]:
    files = files_of(database, get_tenant(database, tenant_slug), stream)
    if not files:
        return []
    with latest_rows(files, stream) as connection:
        found = connection.sql(QUERIES.get(stream, "select * from latest")).to_arrow_table()
    return found.to_pylist()
