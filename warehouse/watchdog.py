"""Ends what readers do for too long, whatever they told their session.

A reader's session stops a statement after 30 seconds by itself, but a statement can lift that for those after
it, and who holds a reader's password need not ask for it. The watchdog looks from outside, as administrator:
`capstan up` lets it look every few seconds. Builders, loaders and the portal's own role are left alone.
"""

import logging
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType

import psycopg

from warehouse import roles
from warehouse.database import Database

LONGEST_STATEMENT = timedelta(seconds=30)
LONGEST_IDLE_TRANSACTION = timedelta(seconds=120)

_log = logging.getLogger("capstan.watchdog")

_END = """
    select l.pid, l.usename::text, l.is_statement, l.seconds,
           case when l.is_statement then pg_catalog.pg_cancel_backend(l.pid)
                else pg_catalog.pg_terminate_backend(l.pid) end
      from (select a.pid, a.usename, a.state = 'active' as is_statement,
                   extract(epoch from clock_timestamp()
                           - case a.state when 'active' then a.query_start else a.state_change end)::float8
                   as seconds
              from pg_catalog.pg_stat_activity a
             where a.usename in (select r.rolname from guard.reader_role r)
               and (a.state = 'active' or a.state like 'idle in transaction%%')) l
     where l.seconds > case when l.is_statement then %s else %s end
"""


@dataclass(frozen=True)
class Ended:
    """What was ended: a statement (the session goes on), or a session that idled in a transaction."""

    pid: int
    role: str
    was_statement: bool
    seconds: float


class Watchdog:
    """One connection of the administrator, opened at need. Use it as a context manager."""

    def __init__(
        self,
        database: Database,
        *,
        longest_statement: timedelta = LONGEST_STATEMENT,
        longest_idle_transaction: timedelta = LONGEST_IDLE_TRANSACTION,
    ) -> None:
        self._database = database
        self._limits = (longest_statement.total_seconds(), longest_idle_transaction.total_seconds())
        self._connection: psycopg.Connection | None = None

    def __enter__(self) -> "Watchdog":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None:
            self._connection.close()

    def look(self) -> list[Ended]:
        """End what lasts too long now. A database that cannot be reached is logged and asked again."""
        try:
            if self._connection is None or self._connection.closed:
                self._connection = self._database.connect(roles.ADMIN, autocommit=True)
            return self._end(self._connection)
        except psycopg.Error as error:
            _log.warning("could not look at readers' sessions: %s", error)
            if self._connection is not None:
                self._connection.close()
            return []

    def _end(self, connection: psycopg.Connection) -> list[Ended]:
        ended = [Ended(*row[:4]) for row in connection.execute(_END, self._limits).fetchall()]
        for one in ended:
            what = "statement" if one.was_statement else "idle transaction"
            _log.warning("ended a %s of %s after %.0f s (%s)", what, one.role, one.seconds, one.pid)
        return ended
