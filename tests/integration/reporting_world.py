"""Helpers of the tests of reports and API: questions to the portal's world, and changes to it for a single
test."""

from contextlib import closing
from decimal import Decimal
from typing import Any

from warehouse import roles
from warehouse.database import Database
from warehouse.sessions import Sessions, viewer_for
from warehouse.tenants import get_tenant

QUARTER = "2026Q3"
LP, MANAGER = "lp@halden.example", "manager@halden.example"
CANARY = "CANARY-RIVAL"


def change(database: Database, statement: str, *params: Any) -> None:
    """Run one statement on the marts as dbt would."""
    with database.connect(roles.DBT_BUILDER) as connection:
        connection.execute(statement, params)


def tenant_id(database: Database, slug: str = "halden") -> int:
    """The tenant's number."""
    return get_tenant(database, slug).tenant_id


def rows(
    database: Database, email: str, tenant_slug: str, query: str, params: Any = ()
) -> list[dict[str, Any]]:
    """What this person's own session answers."""
    with (
        closing(Sessions(database)) as sessions,
        sessions.read(viewer_for(database, email, tenant_slug)) as reader,
    ):
        return reader.rows(query, params)


def exact(value: Any) -> Decimal:
    """A number of an answer, exactly."""
    return Decimal(str(value))
