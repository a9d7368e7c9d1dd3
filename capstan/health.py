"""The checks of `capstan doctor`: each looks at one thing, changes nothing and says what to do.

A check that cannot look is itself a finding: silence never means health.
"""

import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg

from warehouse import embedded, roles
from warehouse.database import Database, open_database
from warehouse.errors import WarehouseError
from warehouse.private_folders import open_to_others
from warehouse.security_checks import ERROR, lint
from warehouse.set_up import is_current, require_supported
from warehouse.settings import WarehouseSettings

LEAST_FREE_BYTES = 500_000_000
OVERDUE = "1 hour"


@dataclass(frozen=True)
class Finding:
    """What one check found. `state`: `ok`, `warning` or `error`; `remedy` is empty where it is ok."""

    check: str
    state: str
    found: str
    remedy: str = ""

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self)


def examine(settings: WarehouseSettings) -> list[Finding]:
    """All findings, in the order in which one would look. Stops at the server where it does not answer."""
    findings = [*_secrets(settings.secrets_dir), *_folders(settings.home), _disk(settings.home)]
    if settings.database_url is None and not embedded.status(settings.home).initialised:
        return [
            *findings,
            Finding(
                "server",
                "error",
                f"there is no database under {settings.home} yet",
                "`capstan demo` makes a world to look at; `capstan tenant add` starts an empty one.",
            ),
        ]
    try:
        database = open_database(settings, migrate=False)
        findings.append(_server(database, settings))
    except (WarehouseError, psycopg.Error) as error:
        return [
            *findings,
            Finding("server", "error", str(error).splitlines()[0], "See its log, then try again."),
        ]
    for check in (_set_up, _roles, _policies, _freshness, _queue, _quarantine):
        findings += _looked(check, database)
    return findings


def _looked(check: Callable[[Database], Iterator[Finding]], database: Database) -> list[Finding]:
    name = check.__name__.strip("_").replace("_", " ")
    try:
        return list(check(database))
    except (WarehouseError, psycopg.Error, OSError, KeyError) as error:
        return [
            Finding(name, "error", f"could not look: {error}", "Run any command that opens the database.")
        ]


def _secrets(folder: Path) -> Iterator[Finding]:
    if not folder.is_dir():
        yield Finding("secrets", "warning", f"{folder} does not exist yet", "It is made with the database.")
        return
    loose = [
        path.name
        for path in (folder, *sorted(folder.iterdir()))
        if stat.S_IMODE(path.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO)
    ]
    if loose:
        yield Finding(
            "secrets",
            "error",
            f"others may read {', '.join(loose)}",
            f"chmod -R go= {folder}, then change them.",
        )
    else:
        yield Finding("secrets", "ok", f"{len(list(folder.iterdir()))} files that only their owner may read")


def _folders(home: Path) -> Iterator[Finding]:
    loose = open_to_others(home)
    if loose:
        yield Finding(
            "folders",
            "warning",
            f"other users of this machine may look into {', '.join(folder.name for folder in loose)}",
            f"chmod go= {' '.join(str(folder) for folder in loose)}, unless you opened them on purpose.",
        )


def _disk(home: Path) -> Finding:
    place = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(place).free
    text = f"{free / 1e9:.1f} GB free for {home}"
    if free < LEAST_FREE_BYTES:
        return Finding("disk", "error", text, "Postgres stops writing on a full disk: make room.")
    return Finding("disk", "ok", text)


def _server(database: Database, settings: WarehouseSettings) -> Finding:
    with database.connect(roles.ADMIN) as connection:
        version = connection.info.server_version
        require_supported(version)
        kind = "embedded" if settings.database_url is None else "external"
        return Finding("server", "ok", f"{kind}, Postgres {version // 10_000}.{version % 10_000}")


def _set_up(database: Database) -> Iterator[Finding]:
    if is_current(database.admin_conninfo, database.secrets_dir):
        yield Finding("set up", "ok", "migrations, functions and security scripts are those of this version")
    else:
        yield Finding(
            "set up",
            "error",
            "the database is not that of this version",
            "`capstan tenant list` brings it up to date.",
        )


def _roles(database: Database) -> Iterator[Finding]:
    for role in roles.LOGIN_ROLES:
        with database.connect(role) as connection:
            row = connection.execute(
                "select rolsuper or rolbypassrls from pg_roles where rolname = current_user"
            ).fetchone()
        if row is None or row[0]:
            yield Finding(
                "roles", "error", f"{role} could pass by row-level security", "Take that right away."
            )
            return
    yield Finding("roles", "ok", f"all {len(roles.LOGIN_ROLES)} log in, none passes by row-level security")


def _policies(database: Database) -> Iterator[Finding]:
    found = lint(database)
    for item in found:
        state = "error" if item.level == ERROR else "warning"
        yield Finding("policies", state, f"{item.lint}: {item.object}: {item.problem}", item.remedy)
    if not found:
        yield Finding("policies", "ok", "guard.violation and the catalogue lints are empty")


def _freshness(database: Database) -> Iterator[Finding]:
    with database.connect(roles.ADMIN) as connection:
        rows = connection.execute(
            """
            select t.slug, v.refreshed_at, coalesce(v.batch_seq, 0) < b.newest as is_behind
            from control.tenant t
            join (select tenant_id, max(batch_seq) as newest from raw.batch group by tenant_id) b
              using (tenant_id)
            left join control.data_version v using (tenant_id)
            where t.tenant_id <> 0 and t.status = 'active' order by t.slug
            """
        ).fetchall()
    behind = [slug for slug, _, is_behind in rows if is_behind]
    if behind:
        yield Finding(
            "freshness",
            "warning",
            f"loaded but not recomputed: {', '.join(behind)}",
            "`capstan refresh` does it.",
        )
    else:
        yield Finding(
            "freshness", "ok", f"the marts of {len(rows)} tenants with data hold all that was loaded"
        )


def _queue(database: Database) -> Iterator[Finding]:
    with database.connect(roles.ADMIN) as connection:
        counts: dict[str, int] = dict(
            connection.execute("select status, count(*) from control.outbox group by status").fetchall()
        )
        row = connection.execute(
            "select count(*) from control.outbox where status in ('owed', 'sending') "
            f"and next_attempt_at < now() - interval '{OVERDUE}'"
        ).fetchone()
    text = ", ".join(f"{counts[key]} {key}" for key in sorted(counts)) or "empty"
    if counts.get("failed"):
        yield Finding("outbox", "error", text, "`capstan outbox` says why; correct it and send again.")
    elif row and row[0]:
        yield Finding(
            "outbox", "warning", f"{text}; {row[0]} overdue", "`capstan outbox --deliver` sends what is due."
        )
    else:
        yield Finding("outbox", "ok", text)


def _quarantine(database: Database) -> Iterator[Finding]:
    with database.connect(roles.ADMIN) as connection:
        rows = connection.execute(
            "select t.slug, count(*) from raw.quarantine q join control.tenant t using (tenant_id) "
            "where q.resolved_by_batch_id is null group by t.slug order by t.slug"
        ).fetchall()
    if not rows:
        yield Finding("quarantine", "ok", "empty")
        return
    text = ", ".join(f"{slug}: {count} rows" for slug, count in rows)
    yield Finding("quarantine", "ok", f"{text} wait for correction")
