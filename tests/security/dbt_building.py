"""Builds of the real dbt project in processes that can be killed: one keeps dbt and the parsed project, each
build is a fork of it.

Run as a module it is that process: an order a line on standard input, what became of it on standard output.
The data that is built is in `dbt_world.py`; tests do not belong here.
"""

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from orchestration.lib import dbt_manifest, dbt_runner
from orchestration.lib.dbt_invocation import invoke
from warehouse import roles
from warehouse.database import Database

ROOT = Path(__file__).resolve().parents[2]
REFRESH, DEPLOY, FULL_REFRESH = "refresh", "deploy", "full refresh"
KINDS = (REFRESH, FULL_REFRESH, DEPLOY)


def build(database: Database, kind: str) -> None:
    """One build. `full refresh` is dbt's own `dbt run --full-refresh` over every tenant."""
    if kind == REFRESH:
        dbt_runner.refresh(database, ["alpha", "beta"])
    elif kind == DEPLOY:
        with database.connect(roles.DBT_BUILDER) as connection:
            connection.execute("update intermediate.deployed_project set sha256 = 'older'")
        assert dbt_runner.deploy(database)
    else:
        bad = [
            (result.name, result.message)
            for result in invoke(database, ["run", "--full-refresh"], variables={"locks_are_held": True})
            if result.status != "success"
        ]
        assert bad == []


DBTS_OWN_INCREMENTAL = (
    ("macros/materializations/incremental.sql", "", ""),
    ("dbt_project.yml", "+incremental_strategy: replace_tenants", "+incremental_strategy: delete+insert"),
    ("dbt_project.yml", "+full_refresh: false", "+grants: {select: [gp_reader]}"),
)
"""The project without our way of writing marts and without `full_refresh: false`: dbt swaps tables then."""


@dataclass(frozen=True)
class Outcome:
    """What became of a build: the signal that ended it (0 for none), what it complained of (or blank)."""

    signal: int
    complaint: str


class Running:
    """A build under way."""

    def __init__(self, process: "subprocess.Popen[str]", pid: int) -> None:
        self._process, self.pid = process, pid

    def kill(self) -> None:
        """`kill -9`; without effect where the build has just ended by itself."""
        os.kill(self.pid, signal.SIGKILL)

    def ends_within(self, seconds: float) -> bool:
        """Whether it ends by itself in this time; returns at once when it does."""
        return bool(select.select([self._process.stdout], [], [], seconds)[0])

    def wait(self) -> Outcome:
        """Wait until it has ended."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the process that builds has died"
        return Outcome(**json.loads(line))


class Builders:
    """The process that forks builds, of any database on this server. Close it.

    `changes` to the project (file, text there, text instead; a blank text stands for the whole file, which
    is then removed) are for controls; they need a folder of their own.
    """

    def __init__(self, folder: Path, changes: Sequence[tuple[str, str, str]] = ()) -> None:
        project = _changed_project(folder, changes) if changes else dbt_manifest.PROJECT
        arguments = [
            sys.executable,
            "-W",
            "ignore:resource_tracker",
            "-m",
            __name__,
            str(folder),
            str(project),
        ]
        self._process = subprocess.Popen(
            arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    def __enter__(self) -> "Builders":
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()

    def start(self, database: Database, kind: str) -> Running:
        """Start a build of this kind; the one before must have been waited for."""
        assert self._process.stdin is not None and self._process.stdout is not None
        order = [str(database.home), database.admin_conninfo, kind]
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return Running(self._process, int(self._process.stdout.readline()))

    def run(self, database: Database, kind: str) -> None:
        """A build that must succeed."""
        outcome = self.start(database, kind).wait()
        assert outcome == Outcome(0, ""), outcome.complaint


def _changed_project(folder: Path, changes: Sequence[tuple[str, str, str]]) -> Path:
    project = folder / "dbt_project"
    shutil.copytree(dbt_manifest.PROJECT, project, ignore=shutil.ignore_patterns("target", "logs"))
    for name, ours, theirs in changes:
        text = (project / name).read_text()
        assert ours in text, f"{name} no longer holds {ours!r}"
        if ours:
            (project / name).write_text(text.replace(ours, theirs))
        else:
            (project / name).unlink()
    return project


def _serve(folder: Path) -> None:
    dbt_manifest.parsed(folder / "dbt")
    import dbt.task.run  # noqa: F401 - once here, and not again in every fork

    print("ready", flush=True)
    for line in sys.stdin:
        home, conninfo, kind = json.loads(line)
        read_end, write_end = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                build(Database(Path(home), conninfo), kind)
            except BaseException:
                os.write(write_end, traceback.format_exc()[-4000:].encode())
            os._exit(0)
        os.close(write_end)
        print(pid, flush=True)
        with os.fdopen(read_end) as complaint:
            said = complaint.read()
        _, status = os.waitpid(pid, 0)
        ended = {"signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0, "complaint": said}
        print(json.dumps(ended), flush=True)


if __name__ == "__main__":
    dbt_manifest.PROJECT = Path(sys.argv[2])
    dbt_manifest.ROOT = Path("/")  # the fingerprint names files below it
    _serve(Path(sys.argv[1]))
