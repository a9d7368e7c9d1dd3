"""Endpoints: a secret path names a tenant and a source. The payload never does.

The database keeps only a hash of the path. Signing secrets lie in `CAPSTAN_HOME/secrets`, one file an
endpoint.
"""

import hashlib
import secrets as random_source
from dataclasses import dataclass

from ingestion.errors import IngestionError, WrongUsageError
from ingestion.webhooks.errors import UnknownEndpoint
from warehouse import roles
from warehouse.database import Database
from warehouse.secret_files import read_secret, write_secret
from warehouse.tenants import Tenant, get_tenant

SOURCES = ("stripe",)


@dataclass(frozen=True)
class Endpoint:
    """Where a webhook arrived, and the secrets that its signature may be made with."""

    tenant: Tenant
    source: str
    signing_secrets: tuple[str, ...]


def add_endpoint(database: Database, tenant_slug: str, source: str, signing_secret: str) -> str:
    """Open an endpoint and return its secret path, which is known only now.

    The address for the sender is `/v1/webhooks/<source>/<path>`. Raises IngestionError for a source that has
    no webhooks or a blank secret, TenantNotFound for an unknown tenant.
    """
    if source not in SOURCES:
        raise WrongUsageError(
            f"The source {source!r} has no webhooks; those that have: {', '.join(SOURCES)}."
        )
    _check_secret(signing_secret)
    tenant = get_tenant(database, tenant_slug)
    path = random_source.token_urlsafe(32)
    with database.connect(roles.CONTROL_APP) as connection:
        connection.execute(
            "insert into control.webhook_endpoint (tenant_id, source, path_hash) values (%s, %s, %s)",
            (tenant.tenant_id, source, _hash(path)),
        )
        write_secret(database.secrets_dir, _file(path), signing_secret.strip())
    return path


def roll_secret(database: Database, path: str, new_secret: str) -> None:
    """Accept a new signing secret beside the newest one; an older one ends. Raises UnknownEndpoint."""
    _check_secret(new_secret)
    endpoint = find_endpoint(database, path)
    kept = [secret for secret in endpoint.signing_secrets if secret != new_secret.strip()]
    write_secret(database.secrets_dir, _file(path), "\n".join([new_secret.strip(), *kept[:1]]))


def revoke_endpoint(database: Database, path: str) -> None:
    """Close an endpoint; what it accepted stays. Raises UnknownEndpoint."""
    with database.connect(roles.CONTROL_APP) as connection:
        closed = connection.execute(
            "update control.webhook_endpoint set revoked_at = now() where path_hash = %s and revoked_at "
            "is null",
            (_hash(path),),
        )
    if closed.rowcount != 1:
        raise UnknownEndpoint(UNKNOWN)


def find_endpoint(database: Database, path: str, source: str | None = None) -> Endpoint:
    """The endpoint of this path. Raises UnknownEndpoint, the same for a wrong path, source or revoked one."""
    with database.connect(roles.CONTROL_APP, autocommit=True) as connection:
        row = connection.execute(
            "select t.slug, e.source from control.webhook_endpoint e join control.tenant t using (tenant_id) "
            "where e.path_hash = %s and e.revoked_at is null and t.status = 'active'",
            (_hash(path),),
        ).fetchone()
    if row is None or (source is not None and row[1] != source):
        raise UnknownEndpoint(UNKNOWN)
    kept = (read_secret(database.secrets_dir, _file(path)) or "").split("\n")
    return Endpoint(get_tenant(database, row[0]), row[1], tuple(secret for secret in kept if secret))


UNKNOWN = "There is no such webhook endpoint."


def _check_secret(signing_secret: str) -> None:
    if not signing_secret.strip() or "\n" in signing_secret.strip():
        raise IngestionError("A signing secret must be one line that is not blank.")


def _hash(path: str) -> bytes:
    return hashlib.sha256(path.encode("utf-8", "surrogateescape")).digest()


def _file(path: str) -> str:
    return f"webhook-{_hash(path).hex()[:32]}"
