"""The embedded Postgres: starts, finds and stops one server a home, from the binaries of the installed wheel.

The server listens on 127.0.0.1 only, asks everybody for a password (scram), is started at most once whatever
the number of processes, and stays up until `stop`. Databases, roles and tables belong to `database.py`.
"""

import contextlib
import fcntl
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from warehouse import embedded_files as files
from warehouse.errors import ServerError
from warehouse.secret_files import secret

START_SECONDS = 60.0
"""How long a server may take to accept connections, crash recovery included."""

END_SECONDS = 10.0
"""How long a server that has removed its pid file may take to end."""

SUPERUSER = "postgres"
SUPERUSER_SECRET = "embedded_superuser"  # noqa: S105 - the name of the file, not the password


@dataclass(frozen=True)
class Server:
    """A running embedded server. `started` says whether this call started it or found it running."""

    home: Path
    port: int
    password: str = field(repr=False)
    started: bool

    def conninfo(self, dbname: str = "postgres") -> str:
        """Connection string of the superuser."""
        return make_conninfo(
            host="127.0.0.1",
            port=self.port,
            user=SUPERUSER,
            password=self.password,
            dbname=dbname,
            connect_timeout=10,
        )


@dataclass(frozen=True)
class Status:
    """What is known of a home's server without changing anything."""

    initialised: bool
    running: bool
    port: int | None
    data: Path | None


def start(home: Path, *, fsync: bool = True) -> Server:
    """Start the server of this home, or find it running; safe to call twice and from several processes.

    `fsync=False` is for tests: a crash of the machine may lose the data.
    Raises ServerError when it does not accept connections within 60 seconds, with the end of its log.
    """
    home = home.absolute()
    try:
        return _start(home, fsync)
    except PermissionError as error:
        raise ServerError(
            f"the home {home} belongs to another user ({error.filename}: {error.strerror}). "
            "Use that user, or set CAPSTAN_HOME to a folder of your own."
        ) from error


def _start(home: Path, fsync: bool) -> Server:
    home.mkdir(parents=True, exist_ok=True)
    password = secret(home / "secrets", SUPERUSER_SECRET)
    found = _running(home, password)
    if found is not None:
        return found
    account = files.server_account()
    place = files.prepare_place(home, account)
    with _locked(place):
        found = _running(home, password)
        if found is not None:
            return found
        binaries = files.binaries(account)
        if not (place / "data" / "PG_VERSION").exists():
            files.initialise(binaries, place, password, account)
        return _launch(home, place, binaries, password, account, fsync)


def stop(home: Path) -> bool:
    """Stop the server of this home, ending its sessions. False when none was running."""
    place = files.find_place(home.absolute())
    if place is None or not (place / "data").exists():
        return False
    account = files.server_account()
    with _locked(place):
        pid = files.postmaster_pid(place)
        if pid is None:
            return False
        arguments = ("-D", place / "data", "-m", "fast", "-w", "-t", "60", "stop")
        try:
            files.run(files.binaries(account), account, "pg_ctl", *arguments)
        except subprocess.CalledProcessError as error:
            raise ServerError(
                f"the embedded Postgres in {place} did not stop within 60 s:\n{error.output}\n"
                f"The end of its log ({place / 'log'}):\n{files.log_tail(place)}"
            ) from error
        # pg_ctl is content when the pid file is gone, which the server removes just before it ends
        deadline = time.monotonic() + END_SECONDS
        while files.is_postmaster(pid, place) and time.monotonic() < deadline:
            time.sleep(0.01)
    return True


def status(home: Path) -> Status:
    """Whether the server of this home exists and answers; starts nothing."""
    home = home.absolute()
    place = files.find_place(home)
    if place is None or not (place / "data" / "PG_VERSION").exists():
        return Status(initialised=False, running=False, port=None, data=None)
    found = _running(home, secret(home / "secrets", SUPERUSER_SECRET))
    port = found.port if found else files.remembered_port(place)
    return Status(initialised=True, running=found is not None, port=port, data=place / "data")


def _running(home: Path, password: str) -> Server | None:
    """The server, if one answers on the remembered port with this home's data. A pid file proves nothing."""
    place = files.find_place(home)
    if place is None or files.postmaster_pid(place) is None:
        return None
    port = files.remembered_port(place)
    if port is None:
        return None
    server = Server(home=home, port=port, password=password, started=False)
    try:
        with psycopg.connect(server.conninfo(), autocommit=True) as connection:
            row = connection.execute("show data_directory").fetchone()
    except psycopg.OperationalError:
        return None
    return server if row is not None and Path(row[0]) == (place / "data").resolve() else None


def _launch(
    home: Path, place: Path, binaries: Path, password: str, account: files.Account | None, fsync: bool
) -> Server:
    deadline = time.monotonic() + START_SECONDS
    pause = 0.05
    while True:
        if files.postmaster_pid(place) is None:
            files.forget_dead_postmaster(place)
            port = _usable_port(files.remembered_port(place))
            files.remember_port(place, port)
            arguments = ("-D", (place / "data").resolve(), "-l", place / "log", "-w", "-t", "60")
            # Children of a killed postmaster may hold the shared memory for a moment, or another program may
            # take the port between our look and the bind: both pass, so a failed start is tried again.
            with contextlib.suppress(subprocess.CalledProcessError):
                files.run(binaries, account, "pg_ctl", *arguments, "-o", _options(port, fsync), "start")
        server = _running(home, password)
        if server is not None:
            return Server(home=home, port=server.port, password=password, started=True)
        if time.monotonic() > deadline:
            raise ServerError(
                f"the embedded Postgres in {place} did not accept connections within {START_SECONDS:.0f} s. "
                f"The end of its log ({place / 'log'}):\n{files.log_tail(place)}"
            )
        time.sleep(pause)
        pause = min(pause * 2, 1.0)


def _options(port: int, fsync: bool) -> str:
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": "",
        "max_connections": "200",
        "max_locks_per_transaction": "256",
        "password_encryption": "scram-sha-256",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "jit": "off",
        "log_checkpoints": "off",
        "max_wal_size": "1GB",
    }
    if not fsync:
        settings |= {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
    return " ".join(f"-c {name}={value}" for name, value in settings.items())


def _usable_port(remembered: int | None) -> int:
    """The remembered port if it is free, otherwise one that the system picks."""
    for candidate in (remembered, 0):
        if candidate is None:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", candidate))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise ServerError("no free port on 127.0.0.1 could be bound for the embedded Postgres")


@contextmanager
def _locked(place: Path) -> Iterator[None]:
    """Only one process at a time starts or stops this server; the kernel drops the lock of a killed one."""
    with (place / "lock").open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
