"""Acceptance tests A14 and A15 with the real dbt project: whoever reads the marts while they are built, or
forgets a transaction, neither sees a gap nor makes anybody wait.

Builds run in a process of their own (`dbt_building.py`), readers are threads over Sessions.
"""

import itertools
from pathlib import Path

import pytest

from tests.security.dbt_building import (
    DBTS_OWN_INCREMENTAL,
    DEPLOY,
    FULL_REFRESH,
    REFRESH,
    Builders,
)
from tests.security.dbt_world import fingerprints, marts, publish, violations, wait_for
from tests.security.watching_readers import READERS, Watch, readable
from tests.security.world import World
from warehouse.sessions import Sessions

pytestmark = pytest.mark.long

PEOPLE = [("gp", "alpha"), ("lp1", "alpha"), ("gp", "beta")]
IDLE_SECONDS = 15
SIX_BUILDS = (REFRESH, FULL_REFRESH, DEPLOY, FULL_REFRESH, REFRESH, FULL_REFRESH)


def idle_for(world: World, backend_pid: int) -> float:
    """Seconds, by the server's clock, since this session last did anything; it must be in a transaction."""
    with world.admin() as admin:
        row = admin.execute(
            "select state, extract(epoch from clock_timestamp() - state_change)::float8 "
            "from pg_stat_activity where pid = %s",
            (backend_pid,),
        ).fetchone()
    assert row is not None and row[0] == "idle in transaction"
    return row[1]


def test_six_builds_and_an_idle_transaction_are_noticed_by_no_reader(
    marts_scratch: World, builders: Builders
) -> None:
    """A14: six builds, three as an operator types `--full-refresh`, under three readers of every mart. A15:
    the first of them, as many as fit in, while one more reader idles in a transaction for 15 s.
    """
    world, editions, built = marts_scratch, itertools.count(2), 0
    kinds = itertools.chain(SIX_BUILDS, itertools.repeat(REFRESH))
    everything = set(marts(world))

    def build(watch: Watch, kind: str) -> None:
        edition = next(editions)
        publish(world, edition)
        builders.run(world.database, kind)
        watch.all_read_again()
        assert watch.seen.errors == []
        assert {name.rsplit(" ", 1)[1] for name in watch.seen.newest.values()} == {str(edition)}
        assert violations(world) == []

    with Sessions(world.database) as sessions, Watch(world, PEOPLE) as watch:
        watch.all_read_again()
        with sessions.read(world.viewer("gp", "alpha")) as idle:
            names = readable(idle)
            assert set(names) == everything
            assert [key for key, (rows, _) in fingerprints(world).items() if not rows] == []
            before = {name: sorted(map(repr, idle.rows(f"select * from {name}"))) for name in names}
            pid = idle.rows("select pg_backend_pid() as pid")[0]["pid"]
            while idle_for(world, pid) < IDLE_SECONDS:
                build(watch, next(kinds))
                built += 1
            assert watch.seen.p99() < 1
            assert {name: sorted(map(repr, idle.rows(f"select * from {name}"))) for name in names} == before
        while built < len(SIX_BUILDS):
            build(watch, next(kinds))
            built += 1
    seen = watch.seen
    print(
        f"{built} builds, {sum(seen.reads.values())} readings of all marts "
        f"({len(seen.seconds)} statements, {seen.rows} rows), "
        f"p99 {seen.p99():.3f} s, longest {max(seen.seconds):.3f} s"
    )
    assert (seen.foreign, seen.errors, seen.empty, seen.strange) == (set(), [], set(), set())
    assert seen.reader_waits() == {}
    assert seen.p99() < 1
    assert min(seen.reads[world.viewer(*person).email] for person in PEOPLE) >= 2 * built


def test_dbts_own_full_refresh_makes_readers_wait_and_shows_them_an_empty_mart(
    marts_scratch: World, tmp_path: Path
) -> None:
    """The control of both: the same readers, behind one idle one, under dbt's own swap of tables."""
    world = marts_scratch
    with (
        Builders(tmp_path, DBTS_OWN_INCREMENTAL) as builders,
        Sessions(world.database) as sessions,
        Watch(world, [("gp", "beta")]) as watch,
    ):
        watch.all_read_again()
        with sessions.read(world.viewer("gp", "alpha")) as idle:
            assert idle.rows("select * from dim_investor")
            running = builders.start(world.database, FULL_REFRESH)
            wait_for(
                lambda: any(waiter in READERS for waiter, _ in watch.seen.reader_waits()),
                lambda: not running.ends_within(0),
            )
        assert running.wait().complaint == ""
        watch.all_read_again()
    assert ("gp@beta.example", "dim_investor") in watch.seen.empty
