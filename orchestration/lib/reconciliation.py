"""Control totals: what DuckDB adds up from the files of the lake must equal what the marts say, to the cent.

The lake holds every accepted row as it was checked; dbt's models have no part in its totals, so an error in
loading or in a model shows up here as a difference. Raw tables are not read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from psycopg import sql

from orchestration.lib.lake import files_of, latest_rows
from warehouse import isolation, roles
from warehouse.database import Database
from warehouse.tenants import Tenant, get_tenant

CENT = Decimal("0.01")

Totals = dict[tuple[str, ...], tuple[Decimal, int]]
"""Sum and count of rows by group."""


@dataclass(frozen=True)
class ControlTotal:
    """One comparison. Both queries yield the columns of `groups`, then a sum and a count of rows.

    Args:
        lake_query: DuckDB SQL over `latest`, the newest version of each row of the stream.
        mart_query: Postgres SQL over `{mart}` with the tenant's id as its parameter.
    """

    check_name: str
    question: str
    stream: str
    mart: str
    groups: tuple[str, ...]
    lake_query: str
    mart_query: str

    @property
    def mart_key(self) -> tuple[str, ...]:
        """Asset key of the mart."""
        return ("marts", self.mart)


@dataclass(frozen=True)
class Difference:
    """A group whose totals differ; a side without the group has None."""

    group: tuple[str, ...]
    lake: tuple[Decimal, int] | None
    mart: tuple[Decimal, int] | None

    def as_json(self) -> dict[str, Any]:
        """For the check's metadata."""
        return {
            "group": list(self.group),
            "lake": [str(value) for value in self.lake] if self.lake else None,
            "mart": [str(value) for value in self.mart] if self.mart else None,
        }


@dataclass(frozen=True)
class Outcome:
    """A control total of one tenant: how many groups were compared, and those that differ."""

    total: ControlTotal
    groups: int
    differences: tuple[Difference, ...]

    @property
    def agrees(self) -> bool:
        """Whether every group has the same sum, to the cent, and the same number of rows."""
        return not self.differences


TOTALS = (
    ControlTotal(
        check_name="investor_cash_equals_the_lake",
        question="Is every movement of an investor's cash in the mart, once and with its sign?",
        stream="transactions",
        mart="fct_cash_flows",
        groups=("vehicle_id", "investor_id", "kind", "currency_code"),
        lake_query="""
            select vehicle_id, investor_id, kind, upper(currency_code),
                   sum(case when kind in ('distribution', 'refund') then amount else -amount end), count(*)
            from latest
            where amount <> 0 and coalesce(investor_id, '') <> ''
              and kind in ('contribution', 'payment', 'fee', 'expense', 'tax', 'distribution', 'refund')
            group by all
        """,
        mart_query="""
            select vehicle_id, investor_id, kind, currency_code, sum(amount), count(*)
            from {mart} where tenant_id = %s group by 1, 2, 3, 4
        """,
    ),
    ControlTotal(
        check_name="valuations_equal_the_lake",
        question="Is every valuation in the mart, once and with its latest amount?",
        stream="valuations",
        mart="fct_valuations",
        groups=("vehicle_id", "currency_code"),
        lake_query="""
            select vehicle_id, upper(currency_code), sum(nav_amount), count(*) from latest group by all
        """,
        mart_query="""
            select vehicle_id, currency_code, sum(nav_amount), count(*)
            from {mart} where tenant_id = %s group by 1, 2
        """,
    ),
    ControlTotal(
        check_name="commitments_equal_the_lake",
        question="Is every signed or funded commitment in the mart, once and with its latest amount?",
        stream="commitments",
        mart="rpt_collections",
        groups=("vehicle_id", "currency_code"),
        lake_query="""
            select vehicle_id, upper(currency_code), sum(amount), count(*)
            from latest where status in ('signed', 'funded') group by all
        """,
        mart_query="""
            select vehicle_id, currency_code, sum(committed_amount), count(*)
            from {mart} where tenant_id = %s group by 1, 2
        """,
    ),
    ControlTotal(
        check_name="document_views_equal_the_lake",
        question="Is every view of a document in the mart, once and with its length?",
        stream="views",
        mart="fct_document_views",
        groups=("document_id",),
        lake_query="select document_id, sum(duration_seconds), count(*) from latest group by all",
        mart_query="""
            select document_id, sum(duration_seconds), count(*) from {mart} where tenant_id = %s group by 1
        """,
    ),
)


def reconcile(database: Database, tenant_slug: str) -> list[Outcome]:
    """Compare every control total of a tenant. Raises LakeFileMissing, TenantNotFound."""
    tenant = get_tenant(database, tenant_slug)
    return [_compare(database, tenant, total) for total in TOTALS]


def _compare(database: Database, tenant: Tenant, total: ControlTotal) -> Outcome:
    lake = _lake_totals(files_of(database, tenant, total.stream), total)
    mart = _mart_totals(database, tenant, total)
    differences = tuple(
        Difference(group, lake.get(group), mart.get(group))
        for group in sorted(lake.keys() | mart.keys())
        if not _same(lake.get(group), mart.get(group))
    )
    return Outcome(total, len(lake.keys() | mart.keys()), differences)


def _same(lake: tuple[Decimal, int] | None, mart: tuple[Decimal, int] | None) -> bool:
    if lake is None or mart is None:
        return False
    return lake[1] == mart[1] and abs(lake[0] - mart[0]) < CENT / 2


def _lake_totals(files: list[Path], total: ControlTotal) -> Totals:
    if not files:
        return {}
    with latest_rows(files, total.stream) as connection:
        return _as_totals(connection.execute(total.lake_query).fetchall())


def _mart_totals(database: Database, tenant: Tenant, total: ControlTotal) -> Totals:
    mart = sql.Identifier(_schemas(database).get(tenant.tenant_id, "marts"), total.mart)
    with database.connect(roles.DBT_BUILDER) as connection:
        query = sql.SQL(total.mart_query).format(mart=mart)
        return _as_totals(connection.execute(query, (tenant.tenant_id,)).fetchall())


def _schemas(database: Database) -> Mapping[int, str]:
    return {served.tenant_id: served.schema_name for served in isolation.own_schemas(database)}


def _as_totals(rows: list[tuple[Any, ...]]) -> Totals:
    return {
        tuple(str(part) for part in row[:-2]): (
            Decimal(str(row[-2] if row[-2] is not None else 0)),
            int(row[-1]),
        )
        for row in rows
    }
