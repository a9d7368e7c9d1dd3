"""Two tenants whose natural ids are all the same, with rows in every mart, built by the real dbt project.

Each tenant's books come in editions that differ in every mart, so that old rows can be told from new ones.
Every text is a canary (see `world.py`). How builds are run and killed is in `dbt_building.py`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from threading import Event
from typing import Any

from psycopg import sql

from orchestration.lib import dbt_runner
from tests.conftest import Cluster, clone
from tests.integration.marts_world import platform_rows
from tests.integration.raw_rows import load
from tests.integration.tenants_together import everything
from tests.security.world import World
from warehouse import roles
from warehouse.tenants import add_tenant
from warehouse.users import add_user

TENANTS = ("alpha", "beta")
INVESTOR = "ann"
TEXTS = {
    "vehicles": ("name", "SHOWN"),
    "investors": ("name", "investor_id"),
    "holdings": ("name", "ALL"),
    "transactions": ("description", "investor_id"),
    "stage_events": ("reason", "investor_id"),
    "deal_rooms": ("name", "ALL"),
    "documents": ("name", "ALL"),
    "payments": ("failure_reason", "ALL"),
    "communications": ("subject", "investor_id"),
}
"""Which column of a stream is the canary, and whose: a fixed owner, or the column that holds the investor."""

OF_THE_REFRESH = [
    "batch_id", "known_from", "known_to", "data_version", "is_deployed",
    "seen_batch_seq", "batch_seq", "seen_platform_seq", "platform_seq",
]  # fmt: skip
"""Columns that tell which batch and which refresh brought a row."""

NOT_OF_THE_BOOKS = {
    name + kept for name in ("dim_setting", "fct_rates_used", "fct_levels_used") for kept in ("", "_versions")
}
"""Marts of what the project and the platform say, and their history: the same for any books of a tenant."""

Fingerprints = dict[tuple[str, str], tuple[int, str]]
"""Number and digest of a tenant's rows in a mart, by (tenant, mart)."""


def books(slug: str, edition: int) -> dict[str, list[dict[str, Any]]]:
    """The tenant's files: the same ids in every tenant and edition, other amounts and other names."""
    found = everything(10 * (TENANTS.index(slug) + 1) + edition)
    for stream, (column, owner) in TEXTS.items():
        for row in found[stream]:
            row[column] = f"CANARY-{slug}-{row.get(owner, owner) or 'ALL'} edition {edition}"
    for row in found["vehicle_terms"]:
        row["management_fee_rate"] = Decimal(edition) / 1000
    found["allocations"] = [
        {
            "allocation_id": f"a-{vehicle}",
            "vehicle_id": vehicle,
            "investor_id": INVESTOR,
            "line": "unrealized_gain",
            "amount": Decimal(edition),
            "effective_on": date(2021, 3, 31),
        }
        for vehicle in ("steady", "holder")
    ]
    return found


def publish(world: World, edition: int) -> None:
    """Load this edition of every tenant's books."""
    for slug in TENANTS:
        load(world.database, world.tenant(slug).tenant_id, books(slug, edition))


@contextmanager
def dbt_world(cluster: Cluster, home: Path) -> Iterator[World]:
    """Edition 1, loaded and built."""
    with clone(cluster, home, deployed=True) as database:
        for slug in TENANTS:
            add_tenant(database, slug, name=slug, kind="manager", currency_code="USD")
            for who, role in (("gp", "manager"), ("lp1", "lp")):
                add_user(
                    database, f"{who}@{slug}.example", tenant=slug, role=role, password="not-a-secret-1",
                    investor_ids=[INVESTOR] if role == "lp" else [],
                )  # fmt: skip
        world = World(database)
        load(database, 0, platform_rows())
        publish(world, 1)
        dbt_runner.refresh(database)
        yield world


def marts(world: World) -> list[str]:
    """Every mart, from the catalogue."""
    with world.builder() as builder:
        rows = builder.execute(
            "select relname from pg_class where relnamespace = 'marts'::regnamespace "
            "and relkind in ('r', 'v') order by 1"
        ).fetchall()
    return [name for (name,) in rows]


def marts_of_the_books(world: World) -> list[str]:
    """Marts that follow from the books alone, from the catalogue: not those that list earlier refreshes.

    Such a list carries `data_version` or `batch_seq`, but is no table of versions (one with `known_to`).
    Views of versions follow from the tables.
    """
    with world.builder() as builder:
        lists = builder.execute(
            "select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid "
            "where c.relnamespace = 'marts'::regnamespace group by 1, c.relkind "
            "having c.relkind = 'v' or bool_or(a.attname in ('data_version', 'batch_seq')) "
            "and not bool_or(a.attname = 'known_to')"
        ).fetchall()
    return [name for name in marts(world) if (name,) not in lists]


def fingerprints(world: World) -> Fingerprints:
    """What every mart of the books says of every tenant now, but for which batch and refresh brought it.

    Of a table of versions (one with `known_to`) these are the rows that are still published.
    """
    slugs = {world.tenant(slug).tenant_id: slug for slug in TENANTS}
    names = marts_of_the_books(world)
    found: Fingerprints = {(slug, mart): (0, "") for slug in TENANTS for mart in names}
    with world.builder() as builder:
        for mart in names:
            table = sql.Identifier("marts", mart)
            rows = builder.execute(
                sql.SQL(
                    "select tenant_id, count(*), md5(string_agg(line, ',' order by line)) from ("
                    "select tenant_id, (to_jsonb(m) - %s::text[])::text as line, "
                    "to_jsonb(m) ->> 'known_to' as known_to, "
                    "max(to_jsonb(m) ->> 'known_to') over () as latest from {} m) lines "
                    "where known_to is not distinct from latest group by tenant_id"
                ).format(table),
                (OF_THE_REFRESH,),
            ).fetchall()
            for tenant_id, number, digest in rows:
                found[slugs[tenant_id], mart] = (number, digest)
    return found


def violations(world: World) -> list[tuple[Any, ...]]:
    """What the guard finds wrong."""
    with world.admin() as admin:
        return admin.execute("select * from guard.violation").fetchall()


def stray_relations(world: World) -> list[tuple[str, str]]:
    """Temporary and intermediate relations that a reader can select from: leftovers of a build."""
    with world.admin() as admin:
        return admin.execute(
            "select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace "
            "where c.relkind in ('r', 'v', 'm', 'p', 'f') "
            "and (c.relname ~ '__dbt_' or n.nspname ~ '^pg_temp') "
            "and exists (select from guard.reader_role r "
            "where has_any_column_privilege(r.rolname, c.oid, 'select'))"
        ).fetchall()


def builder_sessions(world: World) -> int:
    """Server processes of builders in this database, also those whose client is dead."""
    with world.admin() as admin:
        row = admin.execute(
            "select count(*) from pg_stat_activity where datname = current_database() and usename = %s",
            (roles.DBT_BUILDER,),
        ).fetchone()
    assert row is not None
    return row[0]


def wait_for(is_so: Callable[[], object], still: Callable[[], object] = lambda: True) -> None:
    """Look at the server again and again until it is so; fails as soon as what it depends on is over."""
    while not is_so():
        assert still(), "what was waited for will not come"
        Event().wait(0.02)
