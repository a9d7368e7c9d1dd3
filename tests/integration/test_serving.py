"""`capstan up` in earnest: everything answers on 127.0.0.1, and everything it started ends with it."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest

from capstan.errors import CapstanError
from capstan.programs import Program, start, stop
from capstan.serving import Addresses, ServingSettings, serve
from warehouse import embedded
from warehouse.database import Database, open_database
from warehouse.settings import WarehouseSettings

UP = "import sys; from capstan.cli import main; sys.exit(main(['up']))"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listening(process: psutil.Process) -> set[tuple[str, int]]:
    return {
        (connection.laddr.ip, connection.laddr.port)
        for part in (process, *process.children(recursive=True))
        for connection in part.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }


def is_running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_up_serves_portal_api_and_dagster_on_loopback_and_sigterm_leaves_nothing_behind(home: Path) -> None:
    open_database(WarehouseSettings(home=home, database_url=None))
    embedded.stop(home)
    ports = {f"CAPSTAN_{name}_PORT": str(free_port()) for name in ("PORTAL", "API", "DAGSTER")}
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    process = subprocess.Popen(
        [sys.executable, "-c", UP],
        env=environment | ports | {"CAPSTAN_HOME": str(home)},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stderr is not None
    try:
        told = []
        for line in process.stderr:
            told.append(line)
            if line.startswith("Ctrl-C"):
                break
        assert f"Portal    http://127.0.0.1:{ports['CAPSTAN_PORTAL_PORT']}\n" in told, "".join(told)
        for path in (
            f"{ports['CAPSTAN_PORTAL_PORT']}/",
            f"{ports['CAPSTAN_API_PORT']}/healthz",
            f"{ports['CAPSTAN_DAGSTER_PORT']}/server_info",
        ):
            with urlopen(f"http://127.0.0.1:{path}", timeout=30) as answer:
                assert answer.status == 200
        started = psutil.Process(process.pid).children(recursive=True)
        # multiprocessing's own helper ends by itself, as soon as the process that it serves has ended
        trackers = [
            part for part in started if "multiprocessing.resource_tracker" in " ".join(part.cmdline())
        ]
        open_ports = listening(psutil.Process(process.pid))
        assert {address.removeprefix("::ffff:") for address, _ in open_ports} == {"127.0.0.1"}
        assert {int(port) for port in ports.values()} <= {port for _, port in open_ports}
        assert embedded.status(home).running
        second = subprocess.run(
            [sys.executable, "-c", UP],
            env=environment | {"CAPSTAN_HOME": str(home)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (second.returncode, "serves the home" in second.stderr) == (1, True), second.stderr
    finally:
        process.send_signal(signal.SIGTERM)
        rest = process.stderr.read()
        process.wait(60)
    assert process.returncode == 0, rest
    assert [part for part in started if part not in trackers and is_running(part.pid)] == []
    assert psutil.wait_procs(trackers, timeout=30)[1] == []
    assert not embedded.status(home).running, "it had started the database, so it stops it"


def test_when_one_program_ends_by_itself_all_are_stopped_and_the_end_of_its_log_is_shown(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def program(name: str, module: str, *arguments: str) -> Program:
        return Program(name, module, arguments, {}, database.home / "logs" / f"{name}.log", None)

    steady = program("steady", "http.server", str(free_port()))
    failing = program("failing", "no_such_module_here")
    plan = (Addresses("", "", ""), [[steady], [failing]])
    monkeypatch.setattr("capstan.serving._plan", lambda *_: plan)
    with pytest.raises(
        CapstanError, match=r"failing ended by itself \(exit code 1\)(.|\n)*no_such_module_here"
    ):
        serve(database, ServingSettings())
    mine = psutil.Process().children(recursive=True)
    assert [part for part in mine if "http.server" in " ".join(part.cmdline())] == []


LEADER = """
import signal, subprocess, sys, time
def end(*_):
    sys.exit(0)
signal.signal(signal.SIGTERM, {leader})
child = subprocess.Popen([sys.executable, "-c", {child!r}], stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
time.sleep(600)
"""
STUBBORN_CHILD = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(600)
"""
POLITE_CHILD = """
import pathlib, signal, sys, time
def end(*_):
    pathlib.Path("farewell").write_text("was asked")
    time.sleep(0.3)
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
print("ready", flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("leader", ["signal.SIG_IGN", "end"])
@pytest.mark.parametrize("child", [STUBBORN_CHILD, POLITE_CHILD], ids=["stubborn", "polite"])
def test_stopping_a_program_returns_when_its_children_are_gone_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, leader: str, child: str
) -> None:
    """Whether or not the program minds its children; they are asked before they are killed."""
    monkeypatch.setattr("capstan.programs.STOP_SECONDS", 0.5)
    monkeypatch.setattr("capstan.programs.GROUP_SECONDS", 1.0)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "leader.py").write_text(LEADER.format(leader=leader, child=child))
    program = Program("leader", "leader", (), {"PYTHONPATH": str(tmp_path)}, tmp_path / "log", None)
    pid = start(program)
    while not program.log_tail():
        assert psutil.pid_exists(pid)
    grandchild = int(program.log_tail())
    stop([pid])
    assert [left for left in (pid, grandchild) if psutil.pid_exists(left)] == []
    assert (tmp_path / "farewell").exists() == (child == POLITE_CHILD)
