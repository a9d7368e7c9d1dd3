"""Off-boarding a tenant as a whole: the act in its audit log, its rows, then the files of the home.

The order makes it safe to repeat: the tenant closes first, and its name goes last of all, so that a run cut
short is finished by the same command. Backups, delivered mail and what Dagster remembers of runs are
outside; the runbook says what to do with them.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

from ingestion.landing import landed_path
from warehouse import offboarding, roles
from warehouse.batches import loader_transaction
from warehouse.database import Database
from warehouse.errors import AccessDenied
from warehouse.tenants import Tenant, get_tenant


@dataclass(frozen=True)
class OffBoarded:
    """What was removed: rows by table, people who had no other access, files of the home."""

    tenant_id: int
    rows: dict[str, int]
    people: int
    files: int


def off_board(database: Database, slug: str) -> OffBoarded:
    """Remove a tenant and everything of it. Raises TenantNotFound, and InvalidTenant for the platform."""
    tenant = get_tenant(database, slug)
    _write_down(database, tenant)
    offboarding.close(database, tenant)
    files = _remove_files(database, tenant)
    removed = offboarding.remove(database, tenant)
    return OffBoarded(tenant.tenant_id, removed.rows, removed.people, files)


def _write_down(database: Database, tenant: Tenant) -> None:
    try:
        with loader_transaction(database, tenant) as connection:
            connection.execute("select audit.append('tenant.offboarded', 'tenant', '{}')")
    except AccessDenied:  # closed already: an earlier run wrote it down
        return


def _remove_files(database: Database, tenant: Tenant) -> int:
    home = database.home
    count = sum(_removed(path) for path in _landed_for_nobody_else(database, tenant))
    count += sum(_removed(path) for path in (home / "mail").glob(f"{tenant.slug}_*.eml"))
    inbox = home / "inbox"
    for folder in (
        home / "lake" / tenant.slug,
        *(place / tenant.slug for place in (inbox, inbox / ".claimed", inbox / ".done", inbox / ".failed")),
    ):
        count += sum(path.is_file() for path in folder.rglob("*"))
        shutil.rmtree(folder, ignore_errors=True)
    return count


def _landed_for_nobody_else(database: Database, tenant: Tenant) -> list[Path]:
    """Contents that only this tenant sent: files are kept by content, and two tenants may send the same."""
    with database.connect(roles.ADMIN) as connection:
        rows = connection.execute(
            "select file_sha256 from raw.batch where tenant_id = %(tenant)s union "
            "select file_sha256 from raw.quarantine where tenant_id = %(tenant)s except "
            "select file_sha256 from raw.batch where tenant_id <> %(tenant)s except "
            "select file_sha256 from raw.quarantine where tenant_id <> %(tenant)s",
            {"tenant": tenant.tenant_id},
        ).fetchall()
    return [landed_path(database.home, digest) for (digest,) in rows if digest]


def _removed(path: Path) -> bool:
    if not path.exists():
        return False
    path.unlink()
    return True
