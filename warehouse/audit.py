"""The audit log: who viewed, downloaded, was mailed or queried what. One hash chain a tenant, append-only.

The actor and the tenant are those of the verified token, never the caller's word. What counts as an event is
decided where it happens; here it is only recorded, read and verified.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from warehouse import roles
from warehouse.database import Database
from warehouse.errors import WarehouseError
from warehouse.sessions import Sessions, Viewer

SIGNED_IN = "signed_in"
STATEMENT_VIEWED = "statement_viewed"
STATEMENT_DOWNLOADED = "statement_downloaded"
STATEMENT_MAILED = "statement_mailed"
QUERIED = "queried"


@dataclass(frozen=True)
class Event:
    """One line of a tenant's log. `actor` is a user id as text; "0" is the loader."""

    seq: int
    at: datetime
    actor: str
    action: str
    object: str
    detail: dict[str, Any]


@dataclass(frozen=True)
class Flaw:
    """What is wrong with a chain at a sequence number."""

    seq: int
    problem: str


@dataclass(frozen=True)
class Anchor:
    """The end of a chain. Kept outside the database, it later proves that nothing before it was cut off."""

    seq: int
    hash: bytes


def record(
    database: Database,
    viewer: Viewer,
    action: str,
    object_: str,
    detail: Mapping[str, Any] | None = None,
    *,
    sessions: Sessions | None = None,
) -> int:
    """Append one event as this viewer and return its number in the tenant's chain; committed on return.

    Call it before handing out what it records. `sessions` spares two new connections where one is at hand.
    Raises AccessDenied when the viewer no longer has access.
    """
    if sessions is None:
        with Sessions(database) as own:
            return record(database, viewer, action, object_, detail, sessions=own)
    with sessions.append(viewer) as connection:
        row = connection.execute(
            "select audit.append(%s, %s, %s)", (action, object_, Jsonb(dict(detail or {})))
        ).fetchone()
    if row is None:
        raise WarehouseError(f"the audit event {action!r} was not stored")
    return int(row[0])


def events(database: Database, tenant_id: int, *, limit: int = 1000) -> list[Event]:
    """The newest events of a tenant, newest first."""
    with database.connect(roles.ADMIN) as connection:
        cursor = connection.cursor(row_factory=class_row(Event))
        return cursor.execute(
            "select seq, at, actor, action, object, detail from audit.event where tenant_id = %s "
            "order by seq desc limit %s",
            (tenant_id, limit),
        ).fetchall()


def anchor(database: Database, tenant_id: int) -> Anchor | None:
    """The end of the chain now, to be kept elsewhere; None where nothing was recorded."""
    with database.connect(roles.ADMIN) as connection:
        row = connection.execute(
            "select seq, hash from audit.head where tenant_id = %s", (tenant_id,)
        ).fetchone()
    return Anchor(row[0], bytes(row[1])) if row else None


def verify(database: Database, tenant_id: int, kept: Anchor | None = None) -> list[Flaw]:
    """What is wrong with a tenant's chain, empty where it is intact.

    A superuser who cuts off the end and rewrites the head is found only with an anchor kept elsewhere.
    """
    with database.connect(roles.ADMIN) as connection:
        rows = connection.execute(
            "select bad_seq, why from audit.verify_chain(%s, %s, %s) order by 1, 2",
            (tenant_id, kept.seq if kept else None, kept.hash if kept else None),
        ).fetchall()
    return [Flaw(*row) for row in rows]
