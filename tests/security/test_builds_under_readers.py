"""Builds while people read: never a foreign row, an error or a gap, whatever way a builder chooses.

The builder runs the SQL that dbt sends for the ways it can build a relation. The project itself is run in
`test_dbt_builds_under_readers.py` and `test_dbt_builds_killed.py`.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest

from tests.security.world import FLOWS, World, fill, foreign_canaries
from warehouse.sessions import Sessions

SELECT = (
    "select tenant_id, vehicle_id, investor_id, transaction_id, amount, description from marts.fct_cash_flows"
)


@contextmanager
def readers(
    world: World, relation: str, *, whos: tuple[str, ...] = ("gp", "lp1", "lp2")
) -> Iterator[Callable[[], dict]]:
    """Threads that read a relation without pause; the function returns what they saw so far."""
    seen: dict = {"reads": 0, "foreign": set(), "errors": [], "empty": 0, "counts": set()}
    stop, lock = threading.Event(), threading.Lock()

    def read(sessions: Sessions, who: str) -> None:
        viewer = world.viewer(who, "alpha")
        while not stop.is_set():
            try:
                with sessions.read(viewer) as reader:
                    rows = reader.rows(f"select * from {relation}")
            except Exception as error:  # any error at all is a finding
                with lock:
                    seen["errors"].append(f"{type(error).__name__}: {error}")
                continue
            with lock:
                seen["reads"] += 1
                seen["foreign"] |= foreign_canaries(repr(rows), viewer)
                seen["empty"] += not rows
                seen["counts"].add((who, len(rows)))

    with Sessions(world.database) as sessions:
        threads = [threading.Thread(target=read, args=(sessions, who)) for who in whos]
        for thread in threads:
            thread.start()
        try:
            yield lambda: dict(seen)
        finally:
            stop.set()
            for thread in threads:
                thread.join()


def test_replacing_a_tenants_rows_is_never_seen_half_done(scratch: World) -> None:
    """Acceptance test A14, in the way served marts are written: delete by tenant and insert, in one
    transaction.
    """
    with readers(scratch, "fct_cash_flows") as so_far:
        for salt in range(6):
            fill(scratch, "alpha", salt=salt)
            fill(scratch, "beta", salt=salt)
            reads = so_far()["reads"]
            while so_far()["reads"] < reads + 6:  # let readers look at each state
                assert not so_far()["errors"]
    seen = so_far()
    assert seen["reads"] > 30
    assert (seen["foreign"], seen["errors"], seen["empty"]) == (set(), [], 0)
    assert seen["counts"] == {("gp", 3 * FLOWS), ("lp1", FLOWS), ("lp2", FLOWS)}


def test_two_transactions_instead_of_one_show_the_gap(scratch: World) -> None:
    """The control: the same readers do see an empty tenant where the delete commits first."""
    alpha = scratch.tenant("alpha").tenant_id
    with readers(scratch, "fct_cash_flows", whos=("gp",)) as so_far, scratch.builder() as builder:
        builder.execute("delete from marts.fct_cash_flows where tenant_id = %s", (alpha,))
        reads = so_far()["reads"]
        while so_far()["reads"] < reads + 3:
            assert not so_far()["errors"]
    assert so_far()["empty"] > 0


BUILDS = {
    "incremental first run": "create table marts.{m} as {select}; "
    "grant select on marts.{m} to gp_reader, lp_reader",
    "contract first run": "create table marts.{m} (tenant_id int, vehicle_id text, investor_id text, "
    "transaction_id text, amount numeric, description text); "
    "grant select on marts.{m} to gp_reader, lp_reader; insert into marts.{m} {select}",
    "table swap": "create table marts.{m}__dbt_tmp as {select}; drop table if exists marts.{m} cascade; "
    "alter table marts.{m}__dbt_tmp rename to {m}; grant select on marts.{m} to gp_reader, lp_reader",
    "view swap": "create view marts.{m}__dbt_tmp as {select}; drop view if exists marts.{m} cascade; "
    "alter view marts.{m}__dbt_tmp rename to {m}; grant select on marts.{m} to gp_reader, lp_reader",
    "seed": "create table marts.{m} (tenant_id int, vehicle_id text, investor_id text, "
    "transaction_id text, amount numeric, description text); "
    "grant select on marts.{m} to gp_reader, lp_reader; truncate marts.{m}; insert into marts.{m} {select}",
    "snapshot": "create table marts.{m} as select s.*, now() as dbt_valid_from from ({select}) s; "
    "grant select on marts.{m} to gp_reader, lp_reader",
}


@pytest.mark.parametrize("build", list(BUILDS))
def test_a_relation_is_protected_from_the_first_instant_it_can_be_read(scratch: World, build: str) -> None:
    """Acceptance test A17: pollers see nothing, a refusal or their own rows, statement by statement in
    autocommit.
    """
    leaks, own, stop = set(), [0], threading.Event()

    def poll(who: str) -> None:
        viewer = scratch.viewer(who, "alpha")
        with scratch.attacker(viewer) as attacker:
            while not stop.is_set():
                for name in ("m", "m__dbt_tmp", "m__dbt_backup"):
                    try:
                        rows = attacker.execute(f"select * from marts.{name}").fetchall()
                    except (psycopg.errors.UndefinedTable, psycopg.errors.InsufficientPrivilege):
                        continue
                    leaks.update(foreign_canaries(repr(rows), viewer))
                    own[0] += len(rows)

    threads = [threading.Thread(target=poll, args=(who,)) for who in ("gp", "lp1")]
    for thread in threads:
        thread.start()
    try:
        with scratch.builder() as builder:
            for _ in range(3):
                builder.execute("drop table if exists marts.m cascade" if "view" not in build else "select 1")
                for statement in BUILDS[build].format(m="m", select=SELECT).split("; "):
                    builder.execute(statement)
                before = own[0]
                while own[0] <= before and any(thread.is_alive() for thread in threads):
                    pass  # until a poller has read its own rows of this build
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert leaks == set()
    assert own[0] > 0


def test_the_pollers_would_have_seen_a_hook_that_comes_too_late(scratch: World) -> None:
    """The control: policies applied by a hook after the commit, as dbt's own recipes do, leave an instant
    open.
    """
    viewer = scratch.viewer("gp", "alpha")
    with scratch.admin() as admin:
        admin.execute("alter event trigger guard_ddl disable")
        with scratch.builder() as builder, scratch.attacker(viewer) as attacker:
            builder.execute(f"create table marts.m as {SELECT}; grant select on marts.m to gp_reader")
            rows = attacker.execute("select * from marts.m").fetchall()  # before the hook's turn
            admin.execute("select guard.enforce('marts.m'::regclass)")
            after = attacker.execute("select * from marts.m").fetchall()
    assert foreign_canaries(repr(rows), viewer)
    assert after
    assert foreign_canaries(repr(after), viewer) == set()


def test_an_idle_reader_does_not_hold_up_a_build_or_anybody_else(scratch: World) -> None:
    """Acceptance test A15, by order of events: build and reads finish while one reader's transaction is open.

    A table swap instead would wait for that reader; its lock timeout is the control.
    """
    alpha = scratch.viewer("gp", "alpha")
    with Sessions(scratch.database) as sessions, sessions.read(alpha) as idle:
        before = idle.rows("select * from fct_cash_flows order by transaction_id")
        fill(scratch, "alpha", salt=11)
        with sessions.read(scratch.viewer("lp1", "beta")) as other:
            assert other.rows("select * from fct_cash_flows")
        with sessions.read(alpha) as fresh:
            assert fresh.rows("select * from fct_cash_flows order by transaction_id") != before
        assert idle.rows("select * from fct_cash_flows order by transaction_id") == before
        with scratch.builder() as builder:
            builder.execute("set lock_timeout = '200ms'")
            with pytest.raises(psycopg.errors.LockNotAvailable):
                builder.execute("alter table marts.fct_cash_flows rename to fct_cash_flows__dbt_backup")
