"""Child processes: started in sessions of their own, stopped with everything that they started."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

STOP_SECONDS = 15.0
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Program:
    """A Python module to run.

    Args:
        probe: an address that answers, or a port that is open, once it is ready; None: ready when started.
    """

    name: str
    module: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    log: Path
    probe: str | int | None

    def log_tail(self, lines: int = 20) -> str:
        """The last lines that it wrote."""
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        except OSError as error:
            return f"(no log: {error})"


def start(program: Program) -> int:
    """Start it and return its process id. It gets SIGTERM if this process is killed (on Linux)."""
    program.log.parent.mkdir(parents=True, exist_ok=True)
    with program.log.open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", program.module, *program.arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, **program.environment},
            start_new_session=True,
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,
        )
    process.returncode = 0  # waited for by pid, so that the object's destructor has nothing to say
    return process.pid


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def stop(pids: Sequence[int]) -> None:
    """Ask each to end, in this order; after 15 seconds end them and whatever is left of their sessions."""
    waiting = [pid for pid in pids if not _has_ended(pid)]
    for pid in waiting:
        _signal(pid, signal.SIGTERM, group=False)
    deadline = time.monotonic() + STOP_SECONDS
    while waiting and time.monotonic() < deadline:
        time.sleep(0.05)
        waiting = [pid for pid in waiting if not _has_ended(pid)]
    for pid in pids:
        _signal(pid, signal.SIGKILL, group=True)
    for pid in waiting:
        _has_ended(pid, wait=True)


def _has_ended(pid: int, *, wait: bool = False) -> bool:
    try:
        ended, _ = os.waitpid(pid, 0 if wait else os.WNOHANG)
    except ChildProcessError:
        return True
    return ended == pid


def _signal(pid: int, number: signal.Signals, *, group: bool) -> None:
    try:
        os.killpg(pid, number) if group else os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return
