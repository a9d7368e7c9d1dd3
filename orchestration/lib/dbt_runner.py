"""Computes the marts: everything in a deploy, the rows of some tenants in a refresh.

Both may be called from any number of processes. A deploy waits for running refreshes and keeps new ones
waiting; two refreshes of one tenant follow one another, those of different tenants run side by side.
Versions of the data are counted in the same call. How dbt is
driven is in `dbt_invocation`, its manifest in `dbt_manifest`.
"""

import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg

from orchestration.lib import dbt_manifest
from orchestration.lib.dbt_errors import DbtError, GuardViolated, ModelsFailed
from orchestration.lib.dbt_invocation import NodeResult, invoke
from warehouse import isolation, roles
from warehouse.database import Database
from warehouse.locks import DEPLOY_LOCK
from warehouse.tenants import Tenant, get_tenant, list_tenants

PLATFORM = 0
MARTS = "config.materialized:incremental"
VIEWS = "config.materialized:view"
NOBODY = -1
"""A tenant id that no tenant has: an empty list would mean every tenant."""


def deploy(database: Database) -> bool:
    """Bring views, tables, indexes and grants to this version of the project and recompute every tenant.

    Does nothing where this very version is deployed; returns whether it did anything. Raises DbtError.
    """
    with database.connect(roles.DBT_BUILDER, autocommit=True) as session:
        if _deployed(session) == dbt_manifest.fingerprint():
            return False
        session.execute("select pg_advisory_lock(%s)", (DEPLOY_LOCK,))
        if _deployed(session) == dbt_manifest.fingerprint():
            return False
        _deploy(database, session)
        return True


def refresh(database: Database, tenant_slugs: Sequence[str] | None = None) -> list[str]:
    """Recompute the marts of these tenants, or of all with new data (None); returns the slugs recomputed.

    New data of the platform (rates, index levels) concerns every tenant; a currency that a viewer asked to be
    told in counts as new data of theirs. Rows only: no view and no table is
    changed, except that a project never deployed, or changed since, is deployed first.
    Raises TenantNotFound or DbtError.
    """
    tenants = (
        list_tenants(database)
        if tenant_slugs is None
        else [get_tenant(database, slug) for slug in dict.fromkeys(tenant_slugs)]
    )
    tenants = [tenant for tenant in tenants if tenant.tenant_id != PLATFORM]
    before = _versions(database)
    deploy(database)
    with _refreshing(database) as session, session.transaction():
        ids = _stale(session, tenants) if tenant_slugs is None else [tenant.tenant_id for tenant in tenants]
        _lock_tenants(session, [PLATFORM, *ids] if tenant_slugs is None else ids)
        if tenant_slugs is None:
            ids = _stale(session, tenants)
        newest = _newest_batches(session, [PLATFORM, *ids])
        chosen = [tenant for tenant in tenants if tenant.tenant_id in set(ids)]
        _run_rows(database, chosen)
        _count_version(session, ids, newest)
        if tenant_slugs is None and _has_newer(session, PLATFORM, newest):
            _count_version(session, [PLATFORM], newest)
    after = _versions(database)
    return [tenant.slug for tenant in tenants if after.get(tenant.tenant_id) != before.get(tenant.tenant_id)]


def run_models(database: Database, tenant_slugs: Sequence[str] | None = None) -> list[NodeResult]:
    """`refresh` of these tenants (None: all), answering what became of every model: for the orchestrator."""
    tenants = (
        list_tenants(database)
        if tenant_slugs is None
        else [get_tenant(database, slug) for slug in tenant_slugs]
    )
    deploy(database)
    ids = [tenant.tenant_id for tenant in tenants]
    with _refreshing(database) as session, session.transaction():
        _lock_tenants(session, ids)
        newest = _newest_batches(session, ids)
        results = _run_rows(database, tenants)
        _count_version(session, ids, newest)
    return results


def run_tests(
    database: Database, tenant_slugs: Sequence[str] | None = None, *, select: Sequence[str] = ()
) -> list[NodeResult]:
    """Run the data tests over the rows of these tenants (None: all). Failures are results, not exceptions."""
    tenants = (
        list_tenants(database)
        if tenant_slugs is None
        else [get_tenant(database, slug) for slug in tenant_slugs]
    )
    results: list[NodeResult] = []
    for schema, ids in _by_schema(database, tenants).items():
        command = ["test", "--exclude-resource-type", "unit_test"]
        if select:
            command += ["--select", *select]
        results += invoke(database, command, variables={"tenants": ids, "deploy": False}, marts_schema=schema)
    return results


def run_unit_tests(database: Database) -> list[NodeResult]:
    """Run dbt's unit tests: models over given rows, no tenant's data. Needs a deployed project."""
    return invoke(database, ["test", "--resource-type", "unit_test"], variables={"tenants": []})


def manifest_path(home: Path) -> Path:
    """A current manifest.json under this home, made without a database. Raises ProjectNotParsed."""
    folder = home / "dbt"
    path = folder / "manifest.json"
    stamp = folder / "manifest.sha256"
    wanted = dbt_manifest.fingerprint()
    if not path.exists() or not stamp.exists() or stamp.read_text() != wanted:
        manifest = dbt_manifest.parsed(folder)
        folder.mkdir(parents=True, exist_ok=True)
        manifest.writable_manifest().write(str(path))
        stamp.write_text(wanted)
    return path


def _deploy(database: Database, session: psycopg.Connection) -> None:
    tenants = list_tenants(database)
    if _has_been_deployed(session):
        # From here on neither version is in place: one cut short is done again, also by the older code.
        session.execute("delete from intermediate.deployed_project")
    newest = _newest_batches(session, [PLATFORM, *(tenant.tenant_id for tenant in tenants)])
    _require(
        "the deploy",
        invoke(
            database,
            ["run", "--select", VIEWS, "--threads", "1"],
            variables={"deploy": True, "locks_are_held": True},
        ),
    )
    schemas = {dbt_manifest.SHARED_SCHEMA: [NOBODY], **_by_schema(database, tenants)}
    for schema, ids in schemas.items():
        command = ["run", "--select", MARTS]
        variables = {"deploy": True, "locks_are_held": True, "tenants": ids}
        _require("the deploy", invoke(database, command, variables=variables, marts_schema=schema))
    _require_guarded(database)
    with session.transaction():
        _count_version(session, [PLATFORM, *(tenant.tenant_id for tenant in tenants)], newest)
        session.execute(
            "create table if not exists intermediate.deployed_project "
            "(is_one boolean primary key default true check (is_one), sha256 text not null, "
            "deployed_at timestamptz not null)"
        )
        session.execute("alter table intermediate.deployed_project add column if not exists views text[]")
        session.execute(
            "insert into intermediate.deployed_project (sha256, deployed_at, views) "
            "select %s, now(), array(select format('%%I.%%I', n.nspname, c.relname) from pg_class c "
            "join pg_namespace n on n.oid = c.relnamespace "
            "where c.relkind = 'v' and n.nspname in ('staging', 'intermediate'))",
            (dbt_manifest.fingerprint(),),
        )


def _deployed(session: psycopg.Connection) -> str | None:
    """The version that is in place: none where a deploy was cut short, or where one of its views is gone.

    A build drops views before it makes them anew, and may die in between.
    """
    if not _has_been_deployed(session):
        return None
    row = session.execute(
        # As json, because a table made by older code has no column `views`.
        "select sha256 from intermediate.deployed_project d where not exists (select "
        "from jsonb_array_elements_text(to_jsonb(d) -> 'views') as view where to_regclass(view) is null)"
    ).fetchone()
    return row[0] if row else None


def _has_been_deployed(session: psycopg.Connection) -> bool:
    found = session.execute("select to_regclass('intermediate.deployed_project')").fetchone()
    return found is not None and found[0] is not None


@contextmanager
def _refreshing(database: Database) -> Iterator[psycopg.Connection]:
    """A session under which no deploy starts."""
    with database.connect(roles.DBT_BUILDER, autocommit=True) as session:
        session.execute("select pg_advisory_lock_shared(%s)", (DEPLOY_LOCK,))
        yield session


def _run_rows(database: Database, tenants: Sequence[Tenant]) -> list[NodeResult]:
    results: list[NodeResult] = []
    schemas = _by_schema(database, tenants)
    empty = _empty_schemas(database, schemas)
    for schema, ids in schemas.items():
        command = ["run", "--select", MARTS]
        variables = {"deploy": schema in empty, "locks_are_held": True, "tenants": ids}
        results += invoke(database, command, variables=variables, marts_schema=schema)
    _require("the refresh of " + ", ".join(tenant.slug for tenant in tenants), results)
    if results:
        _require_guarded(database)
    return results


def _empty_schemas(database: Database, schemas: Iterable[str]) -> set[str]:
    """Own schemas of tenants added after the last deploy: nobody reads them yet, so tables are made."""
    with database.connect(roles.DBT_BUILDER) as session:
        rows = session.execute(
            "select n.nspname from pg_namespace n where n.nspname = any(%s) and n.nspname <> %s "
            "and not exists (select 1 from pg_class c where c.relnamespace = n.oid and c.relkind = 'r')",
            (list(schemas), dbt_manifest.SHARED_SCHEMA),
        ).fetchall()
    return {name for (name,) in rows}


def _by_schema(database: Database, tenants: Sequence[Tenant]) -> dict[str, list[int]]:
    """Tenant ids by the schema of their marts: `marts`, or a client's own. The platform has none."""
    tenants = [tenant for tenant in tenants if tenant.tenant_id != PLATFORM]
    own = (
        {served.tenant_id: served.schema_name for served in isolation.own_schemas(database)}
        if any(tenant.isolation == "schema" for tenant in tenants)
        else {}
    )
    found: dict[str, list[int]] = {}
    for tenant in tenants:
        found.setdefault(own.get(tenant.tenant_id, dbt_manifest.SHARED_SCHEMA), []).append(tenant.tenant_id)
    return found


def _require(action: str, results: Sequence[NodeResult]) -> None:
    failures = tuple((result.name, result.message) for result in results if result.is_bad)
    if failures:
        skipped = sum(1 for result in results if result.status == "skipped")
        raise ModelsFailed(action, failures, skipped)


def _require_guarded(database: Database) -> None:
    with database.connect(roles.ADMIN) as connection:
        rows = connection.execute("select object, problem from guard.violation limit 20").fetchall()
    if rows:
        raise GuardViolated(tuple((str(name), str(problem)) for name, problem in rows))


def _versions(database: Database) -> dict[int, int]:
    with database.connect(roles.DBT_BUILDER) as session:
        return dict(session.execute("select tenant_id, version from control.data_version").fetchall())


def _stale(session: psycopg.Connection, tenants: Sequence[Tenant]) -> list[int]:
    """Tenants whose newest batch no refresh has seen, or where somebody asked for a currency since the last.

    All of them where a batch of the platform is new.
    """
    newest = _newest_batches(session, [PLATFORM, *(tenant.tenant_id for tenant in tenants)])
    seen: dict[int, int] = dict(
        session.execute("select tenant_id, batch_seq from control.data_version").fetchall()
    )
    asked = {
        tenant_id
        for (tenant_id,) in session.execute(
            "select distinct t.tenant_id from control.told_in t "
            "join control.data_version v using (tenant_id) "
            "where t.asked_at > coalesce(v.refreshed_at, '-infinity')"
        ).fetchall()
    }
    is_platform_new = newest.get(PLATFORM, 0) > seen.get(PLATFORM, 0)
    return [
        tenant.tenant_id
        for tenant in tenants
        if is_platform_new
        or tenant.tenant_id in asked
        or newest.get(tenant.tenant_id, 0) > seen.get(tenant.tenant_id, 0)
    ]


def _newest_batches(session: psycopg.Connection, ids: Sequence[int]) -> dict[int, int]:
    return dict(
        session.execute(
            "select tenant_id, max(batch_seq) from raw.batch where tenant_id = any(%s) group by tenant_id",
            (list(ids),),
        ).fetchall()
    )


def _lock_tenants(session: psycopg.Connection, ids: Sequence[int]) -> None:
    """Wait for other refreshes of these tenants, in the order of the ids: nobody waits in a circle."""
    session.execute(
        "select tenant_id from control.data_version where tenant_id = any(%s) order by tenant_id "
        "for no key update",
        (sorted(ids),),
    )


def _has_newer(session: psycopg.Connection, tenant_id: int, newest: dict[int, int]) -> bool:
    row = session.execute(
        "select batch_seq < %s from control.data_version where tenant_id = %s",
        (newest.get(tenant_id, 0), tenant_id),
    ).fetchone()
    return bool(row and row[0])


def _count_version(session: psycopg.Connection, ids: Sequence[int], newest: dict[int, int]) -> None:
    for tenant_id in sorted(ids):
        session.execute(
            "update control.data_version set version = version + 1, refreshed_at = now(), "
            "batch_seq = greatest(batch_seq, %s) where tenant_id = %s",
            (newest.get(tenant_id, 0), tenant_id),
        )


def main(arguments: Sequence[str]) -> int:
    """`parse`: read the whole project without a database and say what is wrong with it (`make lint`)."""
    if list(arguments) != ["parse"]:
        print("usage: python -m orchestration.lib.dbt_runner parse", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="capstan-dbt-") as folder:
        try:
            manifest = dbt_manifest.parsed(Path(folder))
        except DbtError as error:
            print(error, file=sys.stderr)
            return 1
    models = sum(1 for node in manifest.nodes.values() if node.resource_type == "model")
    units = len(manifest.unit_tests)
    print(f"dbt project: {models} models, {len(manifest.sources)} sources, {units} unit tests")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
