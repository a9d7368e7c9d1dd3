"""A warehouse whose `control_app` connections are lent from a pool: for the portal and the API, which ask the
control schema who somebody is at every request.

Only `control_app` is pooled here. It is the application's own role, the same for every visitor, so what is
lent says nothing of a person; a connection goes back rolled back and with `DISCARD ALL`. Connections of
viewers, which carry a signed token, are the business of `sessions.py` and are never lent from here.
"""

from dataclasses import dataclass, field
from types import TracebackType
from typing import cast

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

from warehouse import roles
from warehouse.database import Database
from warehouse.errors import WarehouseError

POOL_SIZE = 8
CHECKOUT_SECONDS = 5
IDLE_SECONDS = 60


class ControlUnavailable(WarehouseError):
    """No connection to the control schema could be had in time; trying again may succeed."""


class Lent(psycopg.Connection):
    """A connection that goes back to its pool at the end of its `with` block, or when it is closed."""

    lender: "ConnectionPool[Lent] | None" = None

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        """Commit, or roll back after an error, as a connection of one's own does; then give it back."""
        lender, self.lender = self.lender, None
        try:
            super().__exit__(exc_type, exc_val, exc_tb)
        finally:
            if lender is not None:
                lender.putconn(self)


@dataclass(frozen=True)
class PooledDatabase(Database):
    """A Database that lends its connections of `control_app`. Close it; one a process is enough."""

    pool: "ConnectionPool[Lent] | None" = field(default=None, repr=False, compare=False)

    def connect(self, role: str, *, autocommit: bool = False) -> psycopg.Connection:
        """As Database.connect; for `control_app` one of the pool, which must be used as a context manager.

        Raises ControlUnavailable where none is free, or the server does not answer, for 5 seconds.
        """
        if role != roles.CONTROL_APP or self.pool is None:
            return super().connect(role, autocommit=autocommit)
        try:
            connection = self.pool.getconn(timeout=CHECKOUT_SECONDS)
        except PoolTimeout as error:
            raise ControlUnavailable(
                "The database has no free connection just now. Try again in a minute; "
                "if it lasts, run `capstan doctor`."
            ) from error
        connection.lender = self.pool
        connection.autocommit = autocommit
        return connection

    def close(self) -> None:
        """Close the pool; a connection that is out is closed when it comes back."""
        if self.pool is not None:
            self.pool.close()


def pooled(database: Database) -> PooledDatabase:
    """The same warehouse with a pool of its own, which opens connections at need and drops idle ones."""
    pool = cast(
        "ConnectionPool[Lent]",
        ConnectionPool(
            database.conninfo(roles.CONTROL_APP),
            connection_class=Lent,
            kwargs={"prepare_threshold": None},  # `DISCARD ALL` forgets what was prepared
            min_size=0,
            max_size=POOL_SIZE,
            max_idle=IDLE_SECONDS,
            reset=_reset,
            check=ConnectionPool.check_connection,
            name="capstan control",
            open=True,
        ),
    )
    return PooledDatabase(
        home=database.home,
        admin_conninfo=database.admin_conninfo,
        started_server=database.started_server,
        pool=pool,
    )


def _reset(connection: psycopg.Connection) -> None:
    connection.autocommit = True
    connection.execute("discard all")
    connection.autocommit = False
