# ruff: noqa: E501 - statements read as lines
"""Two managers with the same ids, refreshed; what tests of known times tell them later, and how they read what was said."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from orchestration.lib import dbt_runner
from tests.conftest import Cluster, clone
from tests.integration.marts_world import World, manager_rows, platform_rows
from tests.integration.raw_rows import load
from tests.integration.tenants_together import everything
from warehouse.tenants import add_tenant

ADDED = {
    "known_from",
    "known_to",
    "data_version",
    "seen_batch_seq",
    "batch_seq",
    "seen_platform_seq",
    "platform_seq",
    "is_deployed",
    "closing_seen_seq",
    "closing_batch_seq",
}
VERSIONED = "select relname from pg_class where relnamespace = 'marts'::regnamespace and relname like '%%\\_versions' and relkind = 'r' order by 1"


@pytest.fixture(scope="module", name="told_twice")
def two_managers(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Two managers with the same ids; the first is a company too, so that few of its marts are empty."""
    with clone(cluster, tmp_path_factory.mktemp("twice") / "home", deployed=True) as database:
        tenants = {
            "alder": add_tenant(database, "alder", name="Alder", kind="manager", currency_code="USD"),
            "birch": add_tenant(database, "birch", name="Birch", kind="manager", currency_code="EUR"),
        }
        rows = {"alder": everything(10), "birch": manager_rows(7)}
        for slug, streams in rows.items():
            load(database, tenants[slug].tenant_id, streams)
        load(database, 0, platform_rows())
        dbt_runner.refresh(database)
        yield World(database, tenants, rows)


def snapshot(world: World, tenant: int) -> dict[str, list[dict[str, Any]]]:
    """Every version of every versioned mart of the tenant."""
    return {
        row["relname"]: world.select(
            f"select * from marts.{row['relname']} v where tenant_id = %s order by v::text",
            tenant,
        )
        for row in world.select(VERSIONED)
    }


def published(world: World, mart: str, tenant: int, known_at: datetime | None = None) -> list[dict[str, Any]]:
    """The rows of a mart now, or as known at a time, in one order and without what versions add."""
    if known_at is None:
        rows = world.select(
            f"select to_jsonb(m) as row from marts.{mart} m where tenant_id = %s order by m::text", tenant
        )
        return [row["row"] for row in rows]
    rows = world.select(
        f"select to_jsonb(m) as row from marts.{mart}_versions m where tenant_id = %s and known_from <= %s and %s < known_to order by m::text",
        tenant, known_at, known_at,
    )  # fmt: skip
    return [{k: v for k, v in row["row"].items() if k not in ADDED} for row in rows]


def clock(world: World) -> datetime:
    return world.select("select clock_timestamp() as now")[0]["now"]


def versioned(world: World) -> list[str]:
    return [row["relname"].removesuffix("_versions") for row in world.select(VERSIONED)]


def restated(
    world: World, slug: str, *, mart: str = "fct_investor_performance"
) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Restatements of one mart of the tenant by (metric, vehicle, investor, as_of)."""
    rows = world.select(
        "select * from marts.rpt_restatements where tenant_id = %s and mart = %s",
        world.tenants[slug].tenant_id,
        mart,
    )
    return {(r["metric"], r["vehicle_id"], r["investor_id"], r["as_of"]): r for r in rows}
