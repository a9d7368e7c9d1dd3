"""Acceptance test A19: what a reader does for too long is ended from outside, whatever its session allows."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest

from tests.security.world import World
from warehouse import isolation, roles
from warehouse.watchdog import LONGEST_STATEMENT, Watchdog

ENDLESS = "select count(*) from generate_series(1, 30000) a, generate_series(1, 30000) b where sin(a * b) > 2"
"""A quarter of an hour of work; more rows would stop at the limit of temporary files."""


@pytest.fixture
def busy(world: World) -> Iterator[tuple[psycopg.Connection, threading.Thread, list[BaseException]]]:
    """A reader who has lifted the limit of its session and counts for ever."""
    with world.attacker(world.viewer("gp", "alpha")) as attacker:
        attacker.execute("select set_config('statement_timeout', '0', false)")
        failed: list[BaseException] = []

        def count() -> None:
            try:
                attacker.execute(ENDLESS)
            except psycopg.Error as error:
                failed.append(error)

        thread = threading.Thread(target=count)
        thread.start()
        wait_until(world, attacker.info.backend_pid, "state = 'active'", thread)
        yield attacker, thread, failed
        attacker.cancel_safe()
        thread.join()


def wait_until(world: World, pid: int, condition: str, busy: threading.Thread | None = None) -> None:
    with world.admin() as admin:
        while not admin.execute(
            f"select 1 from pg_stat_activity where pid = {pid} and {condition} "
            "and clock_timestamp() - greatest(query_start, state_change) > interval '20 ms'"
        ).fetchone():
            assert busy is None or busy.is_alive()
            admin.execute("select pg_sleep(0.01)")


def test_a_statement_that_lifted_its_own_limit_is_ended_and_nobody_elses(
    world: World, busy: tuple[psycopg.Connection, threading.Thread, list[BaseException]]
) -> None:
    """The control: a watchdog that allows more leaves it alone. 35 s: 30 and the pause between two looks."""
    attacker, thread, failed = busy
    assert timedelta(seconds=30) == LONGEST_STATEMENT
    with Watchdog(world.database) as patient:
        assert patient.look() == []
    with (
        world.builder() as builder,
        Watchdog(world.database, longest_statement=timedelta(milliseconds=10)) as watchdog,
    ):
        building = threading.Thread(target=_build, args=(builder,))
        building.start()
        wait_until(world, builder.info.backend_pid, "state = 'active'", building)
        ended = watchdog.look()
        thread.join()
        assert building.is_alive()
        builder.cancel_safe()
        building.join()
    assert [(one.pid, one.was_statement) for one in ended] == [(attacker.info.backend_pid, True)]
    assert isinstance(failed[0], psycopg.errors.QueryCanceled)
    assert attacker.execute("select 1").fetchone() == (1,)  # the session goes on


def _build(builder: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.QueryCanceled):
        builder.execute("select pg_sleep(300)")


def test_a_session_that_idles_in_a_transaction_is_ended(world: World) -> None:
    with (
        world.attacker(world.viewer("lp1", "beta")) as attacker,
        Watchdog(world.database, longest_idle_transaction=timedelta(milliseconds=10)) as watchdog,
    ):
        attacker.execute("set idle_in_transaction_session_timeout = 0")
        attacker.execute("begin")
        attacker.execute("select * from fct_cash_flows")
        wait_until(world, attacker.info.backend_pid, "state = 'idle in transaction'")
        (ended,) = watchdog.look()
        assert (ended.pid, ended.was_statement) == (attacker.info.backend_pid, False)
        with pytest.raises(psycopg.OperationalError):
            attacker.execute("select 1")
        assert watchdog.look() == []


def test_a_watchdog_whose_connection_was_lost_looks_again(world: World) -> None:
    with Watchdog(world.database) as watchdog:
        watchdog.look()
        with world.admin() as admin:
            admin.execute(
                "select pg_terminate_backend(pid, 5000) from pg_stat_activity where pid <> pg_backend_pid() "
                "and usename = current_user and datname = current_database()"
            )
        assert watchdog.look() == []
        assert watchdog.look() == []


def test_the_forty_first_connection_of_a_reader_is_refused(world: World) -> None:
    conninfo = isolation.conninfo(world.database, roles.LP_READER)
    with pytest.raises(psycopg.OperationalError, match="too many connections"):
        _open(conninfo, 41)


def _open(conninfo: str, number: int) -> None:
    opened: list[psycopg.Connection] = []
    try:
        for _ in range(number):
            opened.append(psycopg.connect(conninfo))
    finally:
        for connection in opened:
            connection.close()
