"""Viewer sessions: the only way by which pages, reports and the API read marts.

A viewer is one person in one tenant. Each read is one READ ONLY, REPEATABLE READ transaction on a connection
of that viewer's login role, under a token that Postgres verifies. Nothing here decides what a viewer may see:
the database does. Writing, loading (`batches.py`) and setting up do not belong here.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any

import polars
import psycopg
from psycopg import errors
from psycopg.conninfo import make_conninfo
from psycopg.pq import TransactionStatus
from psycopg_pool import ConnectionPool, PoolTimeout

from warehouse import isolation, roles
from warehouse.column_types import polars_type
from warehouse.database import Database
from warehouse.errors import AccessDenied, WarehouseError

STATEMENT_TIMEOUT_SECONDS = 30
TRANSACTION_TAGS = frozenset({"BEGIN", "START TRANSACTION", "COMMIT", "ROLLBACK", "PREPARE TRANSACTION"})
"""Command tags of statements after which a reader's transaction may be another one than was opened for it."""

RESET_REFUSED_FROM = 160000
"""Older servers let `reset transaction_read_only` make a read-only transaction read-write, at any time."""

TOKEN_SECONDS = 300
POOL_SIZE = 8
CHECKOUT_SECONDS = 30

Params = Sequence[Any] | Mapping[str, Any]

DENIED = "You have no access to this tenant, or it does not exist. Ask the person who invited you."


class QueryRefused(WarehouseError):
    """The database refused a reader's statement; the message is the database's own, with what to do next."""


class QueryTimedOut(WarehouseError):
    """A reader's statement ran longer than `STATEMENT_TIMEOUT_SECONDS`."""


class SessionUnavailable(WarehouseError):
    """No reader connection could be had in time, or it was lost; trying again may succeed."""


@dataclass(frozen=True)
class Viewer:
    """One person in one tenant. It grants nothing: each read looks role and investors up in the database."""

    user_id: int
    email: str
    display_name: str
    tenant_id: int
    tenant_slug: str
    tenant_name: str
    role: str
    """`founder`, `manager`, `lp`, `analyst` or `operator`."""
    investor_ids: tuple[str, ...] = ()
    """For an LP the investors whose rows it sees; empty for everybody else, who sees the whole tenant."""


def viewer_for(database: Database, email: str, tenant_slug: str) -> Viewer:
    """The person with this e-mail in this tenant. Raises AccessDenied, the same for unknown and forbidden."""
    with database.connect(roles.CONTROL_APP) as connection:
        row = connection.execute(
            """
            select u.user_id, u.email, u.display_name, t.tenant_id, t.slug, t.name, m.role,
                   array(select a.investor_id from control.investor_access a
                          where a.tenant_id = m.tenant_id and a.user_id = m.user_id order by 1)
              from control.app_user u
              join control.membership m using (user_id)
              join control.tenant t using (tenant_id)
             where u.email = lower(%s) and t.slug = %s and u.is_active and t.status = 'active'
            """,
            (email.strip(), tenant_slug),
        ).fetchone()
    if row is None:
        raise AccessDenied(DENIED)
    investors = tuple(row[7]) if row[6] == "lp" else ()
    return Viewer(row[0], row[1], row[2], row[3], row[4], row[5], row[6], investors)


def data_version(database: Database, tenant_id: int) -> int:
    """How often this tenant's marts were refreshed; part of every cache key. Opens its own connection."""
    with database.connect(roles.CONTROL_APP, autocommit=True) as connection:
        row = connection.execute(
            "select version from control.data_version where tenant_id = %s", (tenant_id,)
        ).fetchone()
    return row[0] if row else 0


class Reader:
    """A viewer's open transaction: one snapshot, one statement a call, read-only.

    `params` fill `%s` and `%(name)s`; where none are given the text is sent as it is and `%` means itself.
    """

    def __init__(self, connection: psycopg.Connection, viewer: Viewer) -> None:
        self._connection = connection
        self.viewer = viewer

    def rows(self, query: str, params: Params = ()) -> list[dict[str, Any]]:
        """All rows as dictionaries. Raises QueryRefused, QueryTimedOut, AccessDenied, SessionUnavailable."""
        names, found = self.columns_and_rows(query, params)
        return [dict(zip(names, row, strict=True)) for row in found]

    def one(self, query: str, params: Params = ()) -> dict[str, Any] | None:
        """The first row, or None where there is none."""
        found = self.rows(query, params)
        return found[0] if found else None

    def columns_and_rows(self, query: str, params: Params = ()) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Column names and rows in the statement's order; both empty for one that returns nothing."""
        columns, found = self._run(query, params)
        return [column.name for column in columns], found

    def frame(self, query: str, params: Params = ()) -> polars.DataFrame:
        """The result as a polars frame, typed by the database's column types; numeric becomes Decimal."""
        columns, found = self._run(query, params)
        schema = {column.name: polars_type(column.type_code, column.scale) for column in columns}
        if len(schema) < len(columns):
            raise QueryRefused("Two columns of this statement have the same name; give them names with AS.")
        return polars.DataFrame(found, schema=schema, orient="row")

    def _run(self, query: str, params: Params) -> tuple[list[psycopg.Column], list[tuple[Any, ...]]]:
        connection = self._connection
        try:
            if params:
                cursor: psycopg.Cursor[Any] = connection.execute(query, params)
            else:
                # An unused parameter chooses the extended protocol: the server then takes one statement only.
                cursor = psycopg.RawCursor(connection)
                cursor.execute(query, (0,))
            columns = list(cursor.description or ())
            found = cursor.fetchall() if columns else []
        except psycopg.Error as error:
            if connection.info.transaction_status == TransactionStatus.ACTIVE:
                connection.close()  # COPY waits for data that nobody sends; the pool opens another connection
            raise _explained(error) from error
        if cursor.statusmessage == "EXPLAIN":
            # "Rows Removed by Filter" counts the rows that policies hide, and can be asked value by value.
            raise QueryRefused("Plans are not for readers: they count rows that you may not see.")
        if (
            connection.info.transaction_status != TransactionStatus.INTRANS
            or cursor.statusmessage in TRANSACTION_TAGS
        ):
            connection.close()  # `commit and chain` opens another, which could be made read-write
            raise QueryRefused(
                "This statement ended the transaction, and the session with it. Begin, commit and rollback "
                "are not for readers: each session is one transaction."
            )
        if connection.info.server_version < RESET_REFUSED_FROM and not self._is_still_read_only():
            connection.close()  # what the statement wrote goes with it
            raise QueryRefused(
                "This statement ended the read-only mode of the session, and the session with it. "
                "Sessions of readers are read-only."
            )
        return columns, found

    def _is_still_read_only(self) -> bool:
        """Whether the transaction is read-only and has written nothing, which would have given it an id."""
        try:
            answer = self._connection.execute(
                "select pg_catalog.current_setting('transaction_read_only') = 'on' "
                "and pg_catalog.pg_current_xact_id_if_assigned() is null"
            ).fetchone()
        except psycopg.Error as error:
            raise _explained(error) from error
        return answer == (True,)


class Sessions:
    """Pools of reader connections, one a login role, opened at first need. One object a process; close it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._pools: dict[str, ConnectionPool] = {}
        self._lock = Lock()
        self._closed = False

    def __enter__(self) -> "Sessions":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection; reading afterwards raises SessionUnavailable."""
        with self._lock:
            self._closed = True
            pools, self._pools = list(self._pools.values()), {}
        for pool in pools:
            pool.close()

    @contextmanager
    def read(self, viewer: Viewer) -> Iterator[Reader]:
        """One read-only snapshot for this viewer. Raises AccessDenied when the access no longer exists."""
        with self._reader_connection(viewer, "read only") as connection:
            yield Reader(connection, viewer)

    @contextmanager
    def append(self, viewer: Viewer) -> Iterator[psycopg.Connection]:
        """A transaction with the same role and token that may call `audit.append`, and write nothing else."""
        with self._reader_connection(viewer, "read write") as connection:
            yield connection

    @contextmanager
    def _reader_connection(self, viewer: Viewer, mode: str) -> Iterator[psycopg.Connection]:
        with self._issuer() as issuer:
            login = _login_of(issuer, viewer)
        pool = self._pool(login.role, login)
        try:
            with pool.connection(timeout=CHECKOUT_SECONDS) as connection:
                with self._issuer() as issuer:
                    token = _issue(issuer, viewer, connection.info.backend_pid)
                connection.execute(
                    "begin isolation level repeatable read read only"
                    if mode == "read only"
                    else "begin isolation level read committed read write"
                )
                # Bound, never a literal: a literal would show in pg_stat_activity.
                connection.execute("select set_config('app.token', %s, true)", (token,))
                try:
                    yield connection
                    if connection.info.transaction_status == TransactionStatus.INTRANS:
                        connection.execute("commit")
                finally:
                    if not connection.closed and connection.info.transaction_status != TransactionStatus.IDLE:
                        connection.execute("rollback")
        except PoolTimeout as error:
            raise SessionUnavailable(
                "The database has no free connection for readers just now. Try again in a minute; "
                "if it lasts, run `capstan doctor`."
            ) from error

    @contextmanager
    def _issuer(self) -> Iterator[psycopg.Connection]:
        with self._pool(roles.TOKEN_ISSUER, None).connection(timeout=CHECKOUT_SECONDS) as connection:
            yield connection

    def _pool(self, role: str, login: "isolation.Login | None") -> ConnectionPool:
        with self._lock:
            if self._closed:
                raise SessionUnavailable("These sessions were closed; make a new Sessions object.")
            if role not in self._pools:
                self._pools[role] = ConnectionPool(
                    self._conninfo(role, login),
                    min_size=0,
                    max_size=2 if role == roles.TOKEN_ISSUER else POOL_SIZE,
                    max_idle=60,
                    kwargs={"autocommit": True, "prepare_threshold": None},
                    reset=_reset,
                    check=ConnectionPool.check_connection,
                    name=f"capstan {role}",
                    open=True,
                )
            return self._pools[role]

    def _conninfo(self, role: str, login: "isolation.Login | None") -> str:
        if login is None:
            return self._database.conninfo(role)
        # Start-up options win over settings that the role could have given itself with ALTER ROLE.
        options = (
            f"-c search_path={login.schema_name},finance -c statement_timeout={STATEMENT_TIMEOUT_SECONDS}s "
            "-c idle_in_transaction_session_timeout=120s -c default_transaction_read_only=on "
            "-c row_security=on"
        )
        return make_conninfo(isolation.conninfo(self._database, role), options=options)


def _reset(connection: psycopg.Connection) -> None:
    connection.execute("discard all")


def _login_of(issuer: psycopg.Connection, viewer: Viewer) -> isolation.Login:
    try:
        row = issuer.execute(
            "select login_role, schema_name from authn.login_of(%s, %s)", (viewer.user_id, viewer.tenant_id)
        ).fetchone()
    except errors.InvalidAuthorizationSpecification as error:
        raise AccessDenied(DENIED) from error
    if row is None:
        raise AccessDenied(DENIED)
    return isolation.Login(role=row[0], schema_name=row[1])


def _issue(issuer: psycopg.Connection, viewer: Viewer, backend_pid: int) -> str:
    try:
        row = issuer.execute(
            "select authn.issue(%s, %s, make_interval(secs => %s), %s)",
            (viewer.user_id, viewer.tenant_id, TOKEN_SECONDS, backend_pid),
        ).fetchone()
    except errors.InvalidAuthorizationSpecification as error:
        raise AccessDenied(DENIED) from error
    if row is None:
        raise AccessDenied(DENIED)
    return str(row[0])


def _explained(error: psycopg.Error) -> WarehouseError:
    said = error.diag.message_primary or str(error).splitlines()[0]
    if isinstance(error, errors.QueryCanceled):
        return QueryTimedOut(
            f"The statement was stopped after {STATEMENT_TIMEOUT_SECONDS} seconds. Ask for fewer rows: "
            "filter by vehicle, investor or date, or add a limit."
        )
    if isinstance(error, errors.InvalidAuthorizationSpecification):
        return AccessDenied("This session has ended or its token is not valid. Open it again.")
    if isinstance(error, errors.InsufficientPrivilege):
        return QueryRefused(f"The database refused: {said}. Readers may only select from their marts.")
    if isinstance(error, errors.ReadOnlySqlTransaction):
        return QueryRefused(f"The database refused: {said}. Sessions of readers are read-only.")
    if isinstance(error, errors.SyntaxError) and "multiple commands" in said:
        return QueryRefused("Send one statement at a time; this text holds several.")
    if isinstance(error, psycopg.ProgrammingError) and "COPY cannot be used" in said:
        return QueryRefused("COPY is not for readers; send a select.")
    if isinstance(error, psycopg.OperationalError) and error.sqlstate is None:
        return SessionUnavailable(f"The connection to the database was lost ({said}). Try again.")
    hint = f" {error.diag.message_hint}" if error.diag.message_hint else ""
    return QueryRefused(f"The statement failed: {said}.{hint}")
