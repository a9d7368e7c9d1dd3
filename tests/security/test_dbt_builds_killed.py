"""Acceptance test A16 with the real dbt project: builds that die by kill -9 at any instant.

Each mart of each tenant is then as before the build or as after it, nothing else can be read, and the next
build ends where an undisturbed one does. Set CAPSTAN_SEED to repeat a run.
"""

import os
import random
import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from orchestration.lib import dbt_runner
from tests.security.dbt_building import (
    DBTS_OWN_INCREMENTAL,
    DEPLOY,
    FULL_REFRESH,
    KINDS,
    REFRESH,
    Builders,
    Running,
)
from tests.security.dbt_world import (
    NOT_OF_THE_BOOKS,
    TENANTS,
    Fingerprints,
    builder_sessions,
    fingerprints,
    marts,
    marts_of_the_books,
    publish,
    stray_relations,
    violations,
    wait_for,
)
from tests.security.watching_readers import foreign_rows, readable
from tests.security.world import World
from warehouse import roles
from warehouse.sessions import Sessions

pytestmark = pytest.mark.long

KILLS = 20
GATE = 7_160_000_099
"""Number of the advisory lock at which a build of a control waits to be killed."""


def half_built(old: Fingerprints, found: Fingerprints, new: Fingerprints) -> list[tuple[str, str]]:
    """Tenants' marts that hold neither their old rows nor their new ones."""
    assert set(old) == set(found) == set(new)
    return [key for key in found if found[key] not in (old[key], new[key])]


def look(world: World) -> None:
    """A manager and an LP of each tenant read every mart: own rows only, and no relation beside the marts."""
    with Sessions(world.database) as sessions:
        for who, tenant in (("gp", "alpha"), ("lp1", "alpha"), ("gp", "beta"), ("lp1", "beta")):
            viewer = world.viewer(who, tenant)
            with sessions.read(viewer) as reader:
                answers = {name: reader.rows(f"select * from {name}") for name in readable(reader)}
            assert all(answers[name] for name in set(answers) & set(marts_of_the_books(world)))
            assert foreign_rows(viewer, answers) == set()
            assert set(answers) == set(marts(world)) if who == "gp" else set(answers) < set(marts(world))


def kill(world: World, running: Running) -> bool:
    """Kill it and wait until the server has noticed: until then its transactions may still be open.

    False where it had just ended by itself, and then without a complaint.
    """
    running.kill()
    outcome = running.wait()
    assert outcome.complaint == ""
    wait_for(lambda: builder_sessions(world) == 0)
    return outcome.signal == signal.SIGKILL


@pytest.mark.timeout(1200)  # some 45 builds; a busy machine takes ten times as long as an idle one
def test_twenty_builds_killed_at_random_leave_each_mart_old_or_new_and_the_next_build_whole(
    marts_scratch: World, builders: Builders
) -> None:
    world = marts_scratch
    seed = int(os.environ.get("CAPSTAN_SEED") or random.SystemRandom().randrange(2**32))
    print(f"CAPSTAN_SEED={seed}")
    chance = random.Random(seed)
    undisturbed: dict[int, Fingerprints] = {1: fingerprints(world)}
    lengths = {}
    for kind in reversed(KINDS):  # the deploy first, or what it takes would count as the refresh before it
        publish(world, 2)
        began = time.monotonic()
        builders.run(world.database, kind)
        lengths[kind] = time.monotonic() - began
        assert undisturbed.setdefault(2, fingerprints(world)) == fingerprints(world)
    same = {mart for (slug, mart), found in undisturbed[1].items() if undisturbed[2][slug, mart] == found}
    assert same == NOT_OF_THE_BOOKS
    edition, killed, left = 2, Counter[str](), Counter[str]()
    while killed.total() < KILLS:
        old, new = undisturbed[edition], undisturbed[3 - edition]
        edition = 3 - edition
        publish(world, edition)
        # up to four builds of one edition die, each where the one before left off, then one may end
        for _ in range(4):
            (kind,) = chance.choices(KINDS, (3, 2, 1))  # the longest least often
            running = builders.start(world.database, kind)
            if running.ends_within(chance.uniform(0, lengths[kind])):
                assert running.wait().complaint == ""
                is_killed = False
            else:
                is_killed = kill(world, running)
            if not is_killed:
                assert fingerprints(world) == new
                continue
            killed[kind] += 1
            assert violations(world) == []
            assert stray_relations(world) == []
            found = fingerprints(world)
            assert half_built(old, found, new) == []
            changed = sum(found[key] == new[key] for key in found)
            left["none new" if not changed else "all new" if changed == len(found) else "some new"] += 1
            look(world)
        builders.run(world.database, REFRESH)
        assert violations(world) == []
        assert fingerprints(world) == new
    print(f"{killed.total()} kills {dict(killed)}; marts left {dict(left)}; lengths {lengths}")


@pytest.fixture
def gated(marts_scratch: World) -> World:
    """The world with a gate: who inserts into the vehicles, or drops a table, waits for an advisory lock."""
    with marts_scratch.admin() as admin:
        wait = f"perform pg_advisory_xact_lock_shared({GATE})"
        admin.execute(
            "create function public.at_drop() returns event_trigger language plpgsql as "
            f"$$ begin {wait}; end $$"
        )
        admin.execute(
            "create function public.at_insert() returns trigger language plpgsql as "
            f"$$ begin {wait}; return null; end $$"
        )
        admin.execute(
            "create event trigger gate on ddl_command_start when tag in ('DROP TABLE') "
            "execute function public.at_drop()"
        )
        admin.execute(
            "create trigger gate before insert on marts.dim_vehicle execute function public.at_insert()"
        )
    return marts_scratch


def die_at_the_gate(world: World, builders: Builders, kind: str) -> None:
    """Kill a build as soon as it waits at the gate; the server ends its sessions without letting them by."""
    sessions = "from pg_stat_activity where datname = current_database() and usename = %s"
    with world.admin() as admin:
        admin.execute("select pg_advisory_lock(%s)", (GATE,))
        running = builders.start(world.database, kind)
        wait_for(
            lambda: admin.execute(
                f"select 1 {sessions} and wait_event = 'advisory'", (roles.DBT_BUILDER,)
            ).fetchone(),
            lambda: not running.ends_within(0),
        )
        running.kill()
        assert running.wait().signal == signal.SIGKILL
        admin.execute(f"select pg_terminate_backend(pid) {sessions}", (roles.DBT_BUILDER,))
        wait_for(lambda: builder_sessions(world) == 0)


def test_a_build_killed_between_delete_and_insert_leaves_the_old_rows(
    gated: World, builders: Builders
) -> None:
    old = fingerprints(gated)
    publish(gated, 2)
    die_at_the_gate(gated, builders, REFRESH)
    found = fingerprints(gated)
    builders.run(gated.database, REFRESH)
    new = fingerprints(gated)
    assert half_built(old, found, new) == []
    assert all(
        found[slug, "dim_vehicle"] == old[slug, "dim_vehicle"] != new[slug, "dim_vehicle"] for slug in TENANTS
    )


def test_a_deploy_cut_short_leaves_no_version_in_place_and_lost_views_are_made_again(
    gated: World, builders: Builders
) -> None:
    """Neither newer nor older code may take such a deploy for done. A `dbt run` typed by hand drops a view
    with all that hang on it, and may die before they are made anew: the next refresh must not fail for that.
    """
    before = fingerprints(gated)
    die_at_the_gate(gated, builders, DEPLOY)
    with gated.builder() as builder:
        assert builder.execute("select * from intermediate.deployed_project").fetchall() == []
    assert dbt_runner.deploy(gated.database) is True
    assert dbt_runner.deploy(gated.database) is False
    with gated.builder() as builder:
        builder.execute("drop view staging.stg_capstan__transactions cascade")
    builders.run(gated.database, REFRESH)
    assert fingerprints(gated) == before


def test_a_commit_between_delete_and_insert_would_be_found_half_built(gated: World, tmp_path: Path) -> None:
    """The control: the same death, where the delete has been committed."""
    old = fingerprints(gated)
    statement = "with replacement as materialized ("
    delete = "delete from {{ relation }} {{ for_tenants() }}; commit; begin;"
    change = ("macros/materializations/differing_rows.sql", statement, f"{delete}\n{statement}")
    with Builders(tmp_path, [change]) as builders:
        publish(gated, 2)
        die_at_the_gate(gated, builders, REFRESH)
        found = fingerprints(gated)
        builders.run(gated.database, REFRESH)
    assert {(slug, "dim_vehicle") for slug in TENANTS} <= set(half_built(old, found, fingerprints(gated)))
    assert found["alpha", "dim_vehicle"] == (0, "")


def test_dbts_own_swap_would_leave_a_readable_backup(gated: World, tmp_path: Path) -> None:
    """The control of leftovers: dbt's own full refresh, killed when it comes to drop what it replaced."""
    assert stray_relations(gated) == []
    with Builders(tmp_path, DBTS_OWN_INCREMENTAL) as builders:
        die_at_the_gate(gated, builders, FULL_REFRESH)
    assert {name.rsplit("__", 1)[1] for _, name in stray_relations(gated)} == {"dbt_backup"}
