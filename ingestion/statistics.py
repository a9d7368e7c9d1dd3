"""Keeps what the planner knows of a raw table close to what is in it, after a load that changed much of it.

Postgres does so by itself (autovacuum), but up to minutes later, and the tenant is usually recomputed at
once: until then a table is planned as it was before its first rows. Only the owner of a table may analyze it
(PostgreSQL 17 knows a privilege for it, 15 does not), and `loader` owns none and gains none: it is done by
the administrator, who owns them, after the load's own transaction. ANALYZE reads a sample and changes no row.
"""

from collections.abc import Callable

import psycopg
from psycopg import sql

from ingestion.contracts.model import Stream
from warehouse import roles
from warehouse.database import Database

LEAST_ROWS = 1000
"""Fewer rows are read whole in any plan, so that nothing is to be known about them."""

LEAST_SHARE = 0.1
"""Of the rows known to be in the table, as autovacuum has it."""


def refresh_statistics(database: Database, stream: Stream, changed: int, step: Callable[[str], None]) -> None:
    """Analyze the stream's raw table if the batch that was just committed changed enough of it.

    The load is done already, so a failure is told and not raised; a table that another load analyzes or a
    migration holds is left to them.
    """
    if changed < LEAST_ROWS:
        return
    table = sql.Identifier("raw", f"capstan__{stream.name}")
    try:
        with database.connect(roles.ADMIN, autocommit=True) as connection:
            row = connection.execute(
                "select reltuples from pg_class where oid = %s::regclass", (table.as_string(connection),)
            ).fetchone()
            if row is not None and changed < LEAST_SHARE * row[0]:
                return
            connection.execute(sql.SQL("analyze (skip_locked) {}").format(table))
    except psycopg.Error as error:
        step(f"the planner's statistics are those of before: {error}")
        return
    step("statistics refreshed")
