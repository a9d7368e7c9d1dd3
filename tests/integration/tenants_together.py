# ruff: noqa: E501 - statements read as lines
"""Tenants whose every mart has rows, and what their marts hold, for tests of the runner and of versions."""

from collections.abc import Sequence
from typing import Any

from psycopg import sql

from tests.integration.marts_world import manager_rows
from tests.integration.test_marts_rounds import company_rows
from warehouse import roles
from warehouse.database import Database
from warehouse.tenants import Tenant, add_tenant


def everything(k: int) -> dict[str, list[dict[str, Any]]]:
    """A manager's and a company's rows in one tenant, so that no mart is empty."""
    manager, company = manager_rows(k), company_rows(k)
    renamed = [{**row, "commitment_id": "r" + row["commitment_id"]} for row in company["commitments"]]
    paid = [{**row, "commitment_id": "r" + row["commitment_id"]} for row in company["payments"]]
    company = {**company, "commitments": renamed, "payments": paid}
    return {stream: [*manager.get(stream, []), *company.get(stream, [])] for stream in {**manager, **company}}


def marts(database: Database, schema: str = "marts") -> list[str]:
    with database.connect(roles.DBT_BUILDER) as connection:
        rows = connection.execute(
            "select tablename from pg_tables where schemaname = %s order by 1", (schema,)
        ).fetchall()
    return [row[0] for row in rows]


WHEN_KNOWN = ("known_from", "known_to", "data_version", "is_deployed", "opening_published_at")
"""Columns of versions that tell of the refresh, not of the rows."""
WITHOUT_A_METHOD = ("fct_ilpa_cash_flows", "rpt_ilpa_fund_performance", "rpt_ilpa_portfolio_performance")
EMPTY_HERE = {
    "rpt_restatements", "rpt_restatement_causes",  # as long as no published number has changed
    *WITHOUT_A_METHOD, *(f"{mart}_versions" for mart in WITHOUT_A_METHOD),
}  # fmt: skip
"""Marts that have no row in this world."""


def rows_of(
    database: Database, tenant: Tenant, schema: str = "marts", without: Sequence[str] = ()
) -> dict[str, list[str]]:
    """Every row of every mart and its versions of the tenant, as text without its tenant id, in a fixed order."""
    found = {}
    with database.connect(roles.DBT_BUILDER) as connection:
        for mart in marts(database, schema):
            found[mart] = [
                row[0]
                for row in connection.execute(
                    sql.SQL(
                        "select (to_jsonb(m) - 'tenant_id' - 'batch_id' - %s::text[])::text from {} m where tenant_id = %s order by 1"
                    ).format(sql.Identifier(schema, mart)),
                    (list(without), tenant.tenant_id),
                )
            ]
    return found


def version(database: Database, tenant: Tenant) -> int:
    with database.connect(roles.DBT_BUILDER) as connection:
        row = connection.execute(
            "select version from control.data_version where tenant_id = %s", (tenant.tenant_id,)
        ).fetchone()
    assert row is not None
    return row[0]


def new(database: Database, slug: str, currency: str = "USD", **more: Any) -> Tenant:
    return add_tenant(database, slug, name=slug.title(), kind="manager", currency_code=currency, **more)
