"""Child processes: started in sessions of their own, stopped with everything that they started."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

STOP_SECONDS = 15.0
GROUP_SECONDS = 5.0
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
PR_GET_CHILD_SUBREAPER = 37


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
    """Ask each to end, in this order, and return once they and all that they started are gone.

    After 15 seconds, or when the programs have ended before their children, whatever is left of their process
    groups is asked too, and killed 5 seconds later; what even that does not end in 5 more is left.
    """
    with _adopting_orphans():
        for pid in pids:
            _signal(pid, signal.SIGTERM)
        _await(lambda: all(_has_ended(pid) for pid in pids), STOP_SECONDS)
        for number in (signal.SIGTERM, signal.SIGKILL):
            for pid in pids:
                _signal(-pid, number)
            _await(lambda: all(_group_is_gone(pid) for pid in pids), GROUP_SECONDS)


@contextmanager
def _adopting_orphans() -> Iterator[None]:
    """While it lasts, children of a program that ends become ours (on Linux), so that we can wait for them.

    Otherwise they go to the system's first process, which in a container may never wait for anybody.
    """
    if sys.platform != "linux":
        yield
        return
    system = ctypes.CDLL(None)
    before = ctypes.c_int()
    system.prctl(PR_GET_CHILD_SUBREAPER, ctypes.byref(before))
    system.prctl(PR_SET_CHILD_SUBREAPER, 1)
    try:
        yield
    finally:
        system.prctl(PR_SET_CHILD_SUBREAPER, before.value)


def _await(is_done: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not is_done() and time.monotonic() < deadline:
        time.sleep(0.02)


def _has_ended(pid: int) -> bool:
    """Whether our child, or with a negative number every child of ours in that process group, has ended."""
    try:
        while (ended := os.waitpid(pid, os.WNOHANG)[0]) and pid < 0:
            pass
    except ChildProcessError:
        return True
    return ended != 0


def _group_is_gone(pid: int) -> bool:
    return _has_ended(-pid) and not _signal(-pid, 0)


def _signal(pid: int, number: int) -> bool:
    """Send it to a process, or to a process group by its negative number; False if there is none."""
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True
