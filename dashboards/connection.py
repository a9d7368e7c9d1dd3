"""The process's one way to the warehouse: a Database that lends its control connections, and the pools of
viewer sessions over it.

Opened at first use, never at import, and never as the administrator. Tests hand in their own database with
`use`.
"""

import threading
from dataclasses import dataclass

from warehouse.database import Database, open_database
from warehouse.pooled import PooledDatabase, pooled
from warehouse.sessions import Sessions


@dataclass(frozen=True)
class Connection:
    """The database and the sessions of this process."""

    database: PooledDatabase
    sessions: Sessions

    def close(self) -> None:
        """Close the pools of both."""
        self.sessions.close()
        self.database.close()


_lock = threading.Lock()
_current: Connection | None = None


def connection() -> Connection:
    """This process's connection, opened when first asked for.

    Raises:
        warehouse errors: the database cannot be reached; the message says what to start.
    """
    global _current
    with _lock:
        if _current is None:
            _current = _over(open_database(migrate=False))
        return _current


def use(database: Database) -> Connection:
    """Serve from this database instead, closing the pools of the one before."""
    global _current
    with _lock:
        if _current is not None:
            _current.close()
        _current = _over(database)
        return _current


def close() -> None:
    """Close the pools; the next `connection()` opens them again."""
    global _current
    with _lock:
        if _current is not None:
            _current.close()
        _current = None


def _over(database: Database) -> Connection:
    lending = pooled(database)
    return Connection(lending, Sessions(lending))
