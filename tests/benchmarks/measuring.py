"""Timing, results and the machine they were taken on. What is measured lives in the `of_…` modules."""

import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from warehouse import embedded
from warehouse.database import Database, open_database
from warehouse.roles import ADMIN
from warehouse.settings import WarehouseSettings


@dataclass(frozen=True)
class Comparison:
    """One figure against its baseline, or a figure alone (`baseline_seconds` None)."""

    what: str
    seconds: float
    baseline: str = ""
    baseline_seconds: float | None = None
    aim: str = ""
    is_met: bool | None = None

    @property
    def ratio(self) -> float | None:
        return None if not self.baseline_seconds else self.seconds / self.baseline_seconds


@dataclass
class Benchmark:
    """What one benchmark found: its comparisons and remarks, and the load of the machine around it."""

    title: str
    how: str
    comparisons: list[Comparison] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    load_before: float = 0.0
    load_after: float = 0.0

    def add(self, comparison: Comparison) -> None:
        self.comparisons.append(comparison)
        print("   " + sentence(comparison), flush=True)

    def remark(self, text: str) -> None:
        self.remarks.append(text)
        print("   " + text, flush=True)


def sentence(c: Comparison) -> str:
    """One line for the terminal."""
    text = f"{c.what}: {duration(c.seconds)}"
    if c.ratio is not None:
        text += f" against {duration(c.baseline_seconds or 0)} ({c.baseline}): {c.ratio:.2f}x"
    if c.aim:
        text += f"  [aim {c.aim}: {'met' if c.is_met else 'MISSED'}]"
    return text


def duration(seconds: float) -> str:
    """Seconds in the unit that reads best."""
    if seconds < 1e-3:
        return f"{seconds * 1e6:.0f} µs"
    if seconds < 1:
        return f"{seconds * 1e3:.1f} ms" if seconds < 0.1 else f"{seconds * 1e3:.0f} ms"
    return f"{seconds:.2f} s"


def timed(action: Callable[[], object]) -> float:
    """Seconds that one call takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def best_of(times: int, action: Callable[[], object]) -> float:
    """Seconds of the fastest of several calls: what the work costs when nobody disturbs it."""
    return min(timed(action) for _ in range(times))


def processor_time(times: int, action: Callable[[], object], server_pid: int) -> float:
    """Processor seconds of one call, ours and the server's: hardly longer when others use the machine."""
    server = psutil.Process(server_pid)

    def spent() -> float:
        used = server.cpu_times()
        return float(used.user + used.system) + time.process_time()

    before = spent()
    for _ in range(times):
        action()
    return (spent() - before) / times


def medians_in_turn(times: int, actions: Sequence[Callable[[], object]]) -> list[float]:
    """Median seconds of each action, called in turn, so that a busy moment of the machine meets them all."""
    samples: list[list[float]] = [[] for _ in actions]
    for _ in range(times):
        for kept, action in zip(samples, actions, strict=True):
            kept.append(timed(action))
    return [statistics.median(kept) for kept in samples]


@contextmanager
def warehouse() -> Iterator[Database]:
    """A fresh embedded warehouse in a temporary home, with fsync as in production."""
    with tempfile.TemporaryDirectory(prefix="capstan-bench-") as folder:
        Path(folder).chmod(0o755)  # the server runs as a user of its own when we are root
        home = Path(folder) / "home"
        try:
            yield open_database(WarehouseSettings(home=home, database_url=None))
        finally:
            embedded.stop(home)


def machine() -> str:
    """The machine in general words: no names, no paths."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    with warehouse() as database, database.connect(ADMIN) as connection:
        row = connection.execute("show server_version").fetchone()
    assert row is not None
    version = str(row[0]).split()[0]
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GB of memory, {platform.system()}, "
        f"Python {platform.python_version()}, embedded Postgres {version} with fsync and default settings"
    )


def load_average() -> float:
    """Processes running or waiting over the last minute: this machine's own work included."""
    return os.getloadavg()[0]
