"""Who asks: an API key belongs to one person in one tenant and sees what that person sees, no more.

Only a hash of a key is kept. A key ends when it is revoked, when its owner is disabled or loses the
membership.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from psycopg.rows import class_row

from api.errors import Unauthorized
from warehouse import roles
from warehouse.database import Database
from warehouse.errors import AccessDenied
from warehouse.sessions import Sessions, Viewer, viewer_for

_SHAPE = re.compile(r"cap_[A-Za-z0-9_-]{43}", re.ASCII)
_bearer = HTTPBearer(auto_error=False, description="A key issued by the operator: `cap_…`")


@dataclass(frozen=True)
class ApiKey:
    """A key as it is listed: never the key itself. `fingerprint` is the beginning of its hash."""

    tenant_slug: str
    email: str
    name: str
    fingerprint: str
    created_at: datetime
    revoked_at: datetime | None


def issue_key(database: Database, email: str, tenant_slug: str, name: str) -> str:
    """A new key for this person in this tenant; it is shown once and cannot be read again.

    Raises AccessDenied where the person has no access to the tenant.
    """
    viewer = viewer_for(database, email, tenant_slug)
    key = f"cap_{secrets.token_urlsafe(32)}"
    with database.connect(roles.CONTROL_APP) as connection:
        connection.execute(
            "insert into control.api_key (tenant_id, key_hash, user_id, name) values (%s, %s, %s, %s)",
            (viewer.tenant_id, _hash(key), viewer.user_id, name.strip() or "key"),
        )
    return key


def list_keys(database: Database, tenant_slug: str) -> list[ApiKey]:
    """The keys of a tenant, newest first, revoked ones too."""
    with database.connect(roles.CONTROL_APP, autocommit=True) as connection:
        return (
            connection.cursor(row_factory=class_row(ApiKey))
            .execute(
                "select t.slug as tenant_slug, u.email, k.name, left(encode(k.key_hash, 'hex'), 12) as "
                "fingerprint, "
                "k.created_at, k.revoked_at from control.api_key k join control.tenant t using (tenant_id) "
                "join control.app_user u using (user_id) where t.slug = %s order by k.created_at desc",
                (tenant_slug,),
            )
            .fetchall()
        )


def revoke_key(database: Database, tenant_slug: str, fingerprint: str) -> bool:
    """End the key of this fingerprint; False where there is none that lives."""
    if not re.fullmatch(r"[0-9a-f]{12}", fingerprint):
        return False
    with database.connect(roles.CONTROL_APP) as connection:
        ended = connection.execute(
            "update control.api_key k set revoked_at = now() from control.tenant t "
            "where t.tenant_id = k.tenant_id and t.slug = %s and k.revoked_at is null "
            "and left(encode(k.key_hash, 'hex'), 12) = %s",
            (tenant_slug, fingerprint),
        )
    return ended.rowcount > 0


def viewer_of_key(database: Database, key: str) -> Viewer:
    """Whose key this is. Raises Unauthorized, the same for unknown, revoked and ended."""
    if not _SHAPE.fullmatch(key):
        raise Unauthorized
    with database.connect(roles.CONTROL_APP, autocommit=True) as connection:
        row = connection.execute(
            "select u.email, t.slug from control.api_key k join control.app_user u using (user_id) "
            "join control.tenant t using (tenant_id) where k.key_hash = %s and k.revoked_at is null",
            (_hash(key),),
        ).fetchone()
    if row is None:
        raise Unauthorized
    try:
        return viewer_for(database, row[0], row[1])
    except AccessDenied as error:
        raise Unauthorized from error


def _hash(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def database_of(request: Request) -> Database:
    """The warehouse that this application serves."""
    found: Database = request.app.state.database
    return found


def sessions_of(request: Request) -> Sessions:
    """The reader pools of this application."""
    found: Sessions = request.app.state.sessions
    return found


def signed_in_viewer(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Viewer:
    """The caller. Raises Unauthorized."""
    if credentials is None:
        raise Unauthorized
    return viewer_of_key(database_of(request), credentials.credentials)


Caller = Annotated[Viewer, Depends(signed_in_viewer)]
Reading = Annotated[Sessions, Depends(sessions_of)]
Warehouse = Annotated[Database, Depends(database_of)]
