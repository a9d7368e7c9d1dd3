"""The embedded server: started once whatever happens, nothing lost, closed to whoever has no password."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from warehouse import embedded, embedded_files
from warehouse.errors import ServerError

START = """
import pathlib, sys
from warehouse import embedded
print(embedded.start(pathlib.Path(sys.argv[1])).port)
"""


def one(server: embedded.Server, query: str) -> object:
    with psycopg.connect(server.conninfo(), autocommit=True) as connection:
        row = connection.execute(query).fetchone()  # type: ignore[call-overload]
    return row[0] if row else None


def postmaster(home: Path) -> int:
    place = embedded_files.find_place(home)
    assert place is not None
    pid = embedded_files.postmaster_pid(place)
    assert pid is not None
    return pid


def with_a_row(home: Path) -> embedded.Server:
    server = embedded.start(home)
    with psycopg.connect(server.conninfo(), autocommit=True) as connection:
        connection.execute("create table kept as select generate_series(1, 10000) as n")
    return server


def test_starting_twice_finds_the_same_server_and_stopping_keeps_port_and_rows(home: Path) -> None:
    assert embedded.status(home) == embedded.Status(initialised=False, running=False, port=None, data=None)
    first = with_a_row(home)
    second = embedded.start(home)
    assert (first.started, second.started, second.port) == (True, False, first.port)
    assert embedded.status(home).running

    assert embedded.stop(home)
    assert not embedded.status(home).running
    assert not embedded.stop(home), "stopping what is stopped is no error"
    again = embedded.start(home)
    assert again.port == first.port
    assert one(again, "select count(*) from kept") == 10000


def test_two_processes_that_start_at_once_get_one_server(home: Path) -> None:
    processes = [
        subprocess.Popen([sys.executable, "-c", START, str(home)], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    ports = {process.communicate(timeout=90)[0].strip() for process in processes}
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert len(ports) == 1
    assert embedded.start(home).port == int(ports.pop())


def test_after_kill_9_of_the_postmaster_the_next_start_has_all_committed_rows(home: Path) -> None:
    with_a_row(home)
    os.kill(postmaster(home), signal.SIGKILL)
    server = embedded.start(home)
    assert server.started
    assert one(server, "select count(*) from kept") == 10000


def test_a_pid_file_that_names_a_living_stranger_is_not_believed(home: Path) -> None:
    server = with_a_row(home)
    pid_file = Path(str(one(server, "show data_directory"))) / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    os.kill(postmaster(home), signal.SIGKILL)
    owner = pid_file.stat()
    pid_file.write_text(
        "\n".join([str(os.getpid()), *lines[1:]]) + "\n"
    )  # this very process: alive, not Postgres
    os.chown(pid_file, owner.st_uid, owner.st_gid)

    assert not embedded.status(home).running
    assert one(embedded.start(home), "select count(*) from kept") == 10000


def test_a_home_whose_first_start_was_killed_half_way_starts(home: Path) -> None:
    half_made = home / "postgres" / "data.partial"
    half_made.mkdir(parents=True)
    (half_made / "PG_VERSION").write_text("18\n")
    assert one(embedded.start(home), "select 1") == 1


def test_when_another_program_took_the_port_the_server_moves_to_a_free_one(home: Path) -> None:
    first = with_a_row(home)
    embedded.stop(home)
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", first.port))
        other.listen()
        moved = embedded.start(home)
        assert moved.port != first.port
        assert one(moved, "select count(*) from kept") == 10000
    assert embedded.start(home).port == moved.port


def test_two_homes_have_two_servers(home: Path) -> None:
    first, second = embedded.start(home), embedded.start(home.parent / "second")
    try:
        assert first.port != second.port
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(make_conninfo(second.conninfo(), password=first.password))
    finally:
        embedded.stop(home.parent / "second")


def test_nobody_connects_without_the_password_and_everybody_is_asked(home: Path) -> None:
    server = embedded.start(home)
    for password in ("", "wrong", "postgres"):
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(
                host="127.0.0.1", port=server.port, user="postgres", password=password, passfile="/dev/null"
            )
    assert (
        one(server, "select string_agg(distinct auth_method, ',') from pg_hba_file_rules") == "scram-sha-256"
    )
    assert one(server, "show listen_addresses") == "127.0.0.1"
    assert one(server, "show unix_socket_directories") == ""


def test_secrets_are_readable_by_their_owner_only(home: Path) -> None:
    embedded.start(home)
    secrets = home / "secrets"
    assert secrets.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in secrets.iterdir()} == {0o600}
    assert embedded_files.find_place(home) == home / "postgres"
    assert (home / "postgres").stat().st_mode & 0o777 == 0o700
    leftovers = [path.name for path in (home / "postgres").iterdir() if "partial" in path.name]
    assert leftovers == [], "the password given to initdb does not stay behind"


def test_a_server_that_cannot_start_is_explained_with_the_end_of_its_log(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedded.start(home)
    embedded.stop(home)
    (home / "postgres" / "data" / "pg_hba.conf").write_text("nonsense\n")
    monkeypatch.setattr(embedded, "START_SECONDS", 0.0)
    with pytest.raises(ServerError, match=r"pg_hba\.conf"):
        embedded.start(home)
