"""`serve`: the orchestrator, the portal and the API as processes of this one, until somebody stops it.

Each program listens on 127.0.0.1 only and writes to `CAPSTAN_HOME/logs`. When one ends by itself, all stop
and the end of its log is shown: nothing is restarted silently.
"""

import fcntl
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import yaml
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from capstan.errors import CapstanError
from capstan.programs import Program, start, stop
from capstan.terminal import say
from warehouse import embedded
from warehouse.database import Database
from warehouse.watchdog import Watchdog

READY_SECONDS = 120.0
LOOK_SECONDS = 3
"""How often the watchdog looks at what readers do."""
HOST = "127.0.0.1"


class ServingSettings(BaseSettings):
    """The ports that are tried first; a port that is taken is replaced by a free one."""

    model_config = SettingsConfigDict(extra="forbid", populate_by_name=True)

    portal_port: int = Field(default=8501, validation_alias="CAPSTAN_PORTAL_PORT", ge=1, le=65535)
    api_port: int = Field(default=8000, validation_alias="CAPSTAN_API_PORT", ge=1, le=65535)
    dagster_port: int = Field(default=3000, validation_alias="CAPSTAN_DAGSTER_PORT", ge=1, le=65535)


@dataclass(frozen=True)
class Addresses:
    """Where the three surfaces answer."""

    portal: str
    api: str
    dagster: str


def serve(
    database: Database,
    settings: ServingSettings | None = None,
    *,
    when_ready: Callable[[Addresses], None] | None = None,
) -> None:
    """Start everything, wait until it answers, print where, and stay until Ctrl-C or SIGTERM.

    Also stops the embedded database if opening it had started it. Raises CapstanError when the home is served
    already, or a program does not answer within two minutes or ends by itself.
    """
    settings = settings or ServingSettings()
    with _only_one(database.home), _stop_signal() as stopped:
        running: list[tuple[Program, int]] = []
        try:
            addresses, programs = _plan(database, settings)
            for together in programs:
                started = [(program, start(program)) for program in together]
                running += started
                for program, pid in started:
                    _wait_until_ready(program, pid, stopped)
                if stopped.is_set():
                    return
            _announce(database, addresses)
            if when_ready is not None:
                when_ready(addresses)
            with Watchdog(database) as watchdog:
                _watch(running, stopped, watchdog)
        finally:
            say("Stopping ...")
            stop([pid for _, pid in reversed(running)])
            if database.started_server:
                embedded.stop(database.home)
            say("Stopped.")


def _plan(database: Database, settings: ServingSettings) -> tuple[Addresses, list[list[Program]]]:
    """What to start: groups of programs, each group once those before it answer."""
    from orchestration.lib import dagster_home, dbt_runner

    folder = dagster_home.prepare(database.home)
    orphans = dagster_home.fail_orphaned_runs(folder)
    if orphans:
        say(f"{len(orphans)} run(s) had been cut off when the platform went down; their work is done again.")
    dbt_runner.manifest_path(database.home)
    portal, api, dagster, code = _ports(settings)
    workspace = folder / "workspace.yaml"
    server = {"host": HOST, "port": code, "location_name": "capstan"}
    workspace.write_text(yaml.safe_dump({"load_from": [{"grpc_server": server}]}), encoding="utf-8")
    environment = {
        "CAPSTAN_HOME": str(database.home),
        "DAGSTER_HOME": str(folder),
        "DAGSTER_DISABLE_TELEMETRY": "yes",
        "DO_NOT_TRACK": "1",
        "PYTHONUNBUFFERED": "1",
    }
    logs = database.home / "logs"

    def program(name: str, module: str, *arguments: object, probe: str | int | None) -> Program:
        words = tuple(str(argument) for argument in arguments)
        return Program(name, module, words, environment, logs / f"{name}.log", probe)

    addresses = Addresses(
        portal=f"http://{HOST}:{portal}", api=f"http://{HOST}:{api}", dagster=f"http://{HOST}:{dagster}"
    )
    uvicorn = ("--host", HOST, "--log-level", "warning", "--no-server-header")
    first = [
        program(
            "portal", "uvicorn", "--factory", "dashboards.server:build_app", *uvicorn, "--port", portal,
            probe=addresses.portal,
        ),
        program(
            "api", "uvicorn", "--factory", "api.app:build", *uvicorn, "--port", api,
            probe=f"{addresses.api}/healthz",
        ),
        program(
            "dagster-code", "dagster", "api", "grpc", "--module-name", "orchestration.definitions",
            "--host", HOST, "--port", code, "--location-name", "capstan", "--log-level", "warning",
            "--use-python-environment-entry-point", probe=code,
        ),
    ]  # fmt: skip
    second = [
        program(
            "dagster", "dagster_webserver", "--workspace", workspace, "--host", HOST, "--port", dagster,
            "--dagster-log-level", "warning", probe=f"{addresses.dagster}/server_info",
        ),
        program(
            "dagster-daemon", "dagster._daemon", "run", "--workspace", workspace, "--log-level", "warning",
            probe=None,
        ),
    ]  # fmt: skip
    return addresses, [first, second]


def _ports(settings: ServingSettings) -> list[int]:
    """The wanted ports or free ones in their place, and one for the code location; all different."""
    held: list[socket.socket] = []
    try:
        for wanted in (settings.portal_port, settings.api_port, settings.dagster_port, 0):
            for candidate in (wanted, 0):
                listener = socket.socket()
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    listener.bind((HOST, candidate))
                except OSError:
                    listener.close()
                    continue
                held.append(listener)
                break
        return [int(listener.getsockname()[1]) for listener in held]
    finally:
        for listener in held:
            listener.close()


def _wait_until_ready(program: Program, pid: int, stopped: threading.Event) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not stopped.is_set():
        _require_alive(program, pid)
        if program.probe is None or _answers(program.probe):
            return
        if time.monotonic() > deadline:
            raise CapstanError(
                f"{program.name} did not answer within {READY_SECONDS:.0f} s. "
                f"The end of {program.log}:\n{program.log_tail()}"
            )
        stopped.wait(0.1)


def _answers(probe: str | int) -> bool:
    if isinstance(probe, int):
        with socket.socket() as connection:
            connection.settimeout(1)
            return connection.connect_ex((HOST, probe)) == 0
    try:
        with urlopen(Request(probe), timeout=5) as answer:  # noqa: S310 - our own address
            return bool(answer.status < 500)
    except HTTPError as error:
        return error.code < 500
    except (URLError, OSError):
        return False


def _watch(running: list[tuple[Program, int]], stopped: threading.Event, watchdog: Watchdog) -> None:
    seconds = 0
    while not stopped.wait(1.0):
        for program, pid in running:
            _require_alive(program, pid)
        seconds += 1
        if seconds % LOOK_SECONDS == 0:
            watchdog.look()


def _require_alive(program: Program, pid: int) -> None:
    ended, status = os.waitpid(pid, os.WNOHANG)
    if ended:
        code = os.waitstatus_to_exitcode(status)
        raise CapstanError(
            f"{program.name} ended by itself (exit code {code}), so everything is stopped. "
            f"The end of {program.log}:\n{program.log_tail()}"
        )


def _announce(database: Database, addresses: Addresses) -> None:
    say("")
    say(f"Portal    {addresses.portal}")
    say(f"API       {addresses.api}/openapi.json")
    say(f"Dagster   {addresses.dagster}")
    say(f"Inbox     {database.home / 'inbox'}/<tenant>/<source>/")
    say("Ctrl-C stops all of it.")


@contextmanager
def _only_one(home: Path) -> Iterator[None]:
    """Two orchestrators over one home would run everything twice."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "serving.lock").open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CapstanError(
                f"another `capstan up` or `capstan demo` serves the home {home} already; stop it first."
            ) from None
        yield


@contextmanager
def _stop_signal() -> Iterator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set, instead of ending this process in the middle of something."""
    stopped = threading.Event()

    def note(_number: int, _frame: FrameType | None) -> None:
        stopped.set()

    before = {
        number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
