"""People who read every mart again and again while something else happens, and a note of all that they saw.

What they may see is in `world.py` and `dbt_world.py`; what happens meanwhile is the test's business.
"""

import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.security.world import World, foreign_canaries
from warehouse import roles
from warehouse.sessions import Reader, Sessions, Viewer

WAITS = """
select waiter.usename, blocker.usename
  from pg_stat_activity waiter, unnest(pg_blocking_pids(waiter.pid)) p
  join pg_stat_activity blocker on blocker.pid = p
 where waiter.datname = current_database() and waiter.wait_event_type = 'Lock'
"""
READERS = frozenset({roles.GP_READER, roles.LP_READER})


@dataclass
class Seen:
    """All findings, of all readers together."""

    reads: Counter[str] = field(default_factory=Counter)
    """Complete readings of all marts, by person."""
    rows: int = 0
    foreign: set[str] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)
    empty: set[tuple[str, str]] = field(default_factory=set)
    """Person and mart, where a reading had no row and an earlier one had some."""
    strange: set[str] = field(default_factory=set)
    """Readable relations that were not there when the watch began, and marts that no longer were."""
    newest: dict[str, str] = field(default_factory=dict)
    """Name of an investor in the last complete reading, by person."""
    seconds: list[float] = field(default_factory=list)
    """Of each statement, and of each opening of a session."""
    waits: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often somebody was seen waiting for a lock of somebody else: role that waits, role that holds."""

    def reader_waits(self) -> dict[tuple[str, str], int]:
        """Waits in which a reader has a part, on either side."""
        return {pair: number for pair, number in dict(self.waits).items() if READERS & set(pair)}

    def p99(self) -> float:
        """Seconds that 99 of 100 statements stayed within."""
        return sorted(self.seconds)[int(0.99 * len(self.seconds))]


class Watch:
    """The readers at work. `seen` may be looked at any time under `changed`."""

    def __init__(self, world: World, people: Sequence[tuple[str, str]]) -> None:
        self.seen = Seen()
        self.changed = threading.Condition()
        self._world, self._stop = world, threading.Event()
        self._sessions = Sessions(world.database)
        viewers = [world.viewer(*person) for person in people]
        self._names = [f"{viewer.email}" for viewer in viewers]
        self._threads = [threading.Thread(target=self._read, args=(viewer,)) for viewer in viewers]
        self._threads.append(threading.Thread(target=self._look_at_locks))

    def __enter__(self) -> "Watch":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._sessions.close()

    def all_read_again(self) -> None:
        """Return when each reader has completed a reading that began after this call, or one failed."""
        with self.changed:
            before = Counter(self.seen.reads)
            self.changed.wait_for(
                lambda: (
                    self.seen.errors or all(self.seen.reads[name] >= before[name] + 2 for name in self._names)
                )
            )

    def _read(self, viewer: Viewer) -> None:
        expected: set[str] | None = None
        filled: set[str] = set()
        while not self._stop.wait(0.03):
            try:
                began = time.perf_counter()
                with self._sessions.read(viewer) as reader:
                    names = readable(reader)
                    seconds = [time.perf_counter() - began]
                    answers = {}
                    for name in names:
                        began = time.perf_counter()
                        answers[name] = reader.rows(f"select * from {name}")
                        seconds.append(time.perf_counter() - began)
            except Exception as error:  # any error at all is a finding
                with self.changed:
                    self.seen.errors.append(f"{type(error).__name__}: {error}")
                    self.changed.notify_all()
                continue
            expected = expected or set(names)
            filled |= {name for name, rows in answers.items() if rows}
            empty = {(viewer.email, name) for name in filled if not answers.get(name)}
            self._note(viewer, answers, seconds, empty, expected ^ set(names))

    def _note(
        self,
        viewer: Viewer,
        answers: dict[str, list[dict[str, Any]]],
        seconds: list[float],
        empty: set[tuple[str, str]],
        strange: set[str],
    ) -> None:
        foreign = foreign_rows(viewer, answers)
        with self.changed:
            seen = self.seen
            seen.reads[viewer.email] += 1
            seen.rows += sum(map(len, answers.values()))
            seen.foreign |= foreign
            seen.empty |= empty
            seen.strange |= strange
            seen.newest[viewer.email] = answers["dim_investor"][0]["name"] if answers["dim_investor"] else ""
            seen.seconds += seconds
            self.changed.notify_all()

    def _look_at_locks(self) -> None:
        with self._world.admin() as admin:
            while not self._stop.wait(0.02):
                waits = admin.execute(WAITS).fetchall()
                if waits:
                    with self.changed:
                        self.seen.waits.update(waits)
                        self.changed.notify_all()


def readable(reader: Reader) -> list[str]:
    """Relations of its schema that this reader can select from."""
    return [
        row["relname"]
        for row in reader.rows(
            "select relname from pg_class where relkind in ('r', 'v', 'p') "
            "and relnamespace = (select oid from pg_namespace where nspname = current_schema()) "
            "and has_table_privilege(oid, 'select') order by 1"
        )
    ]


TOLD_TO_EACH_INVESTOR = {
    (f"rpt_ilpa_portfolio_performance{kept}", "holding_name") for kept in ("", "_versions")
}
"""ILPA's Performance Template tells every investor of a vehicle what it holds; no other mart does."""


def foreign_rows(viewer: Viewer, answers: dict[str, list[dict[str, Any]]]) -> set[str]:
    """What in these rows, by relation, is not this viewer's."""
    kept = [
        value
        for name, rows in answers.items()
        for row in rows
        for column, value in row.items()
        if (name, column) not in TOLD_TO_EACH_INVESTOR or row["tenant_id"] != viewer.tenant_id
    ]
    found = foreign_canaries(repr(kept), viewer)
    for name, rows in answers.items():
        found |= {
            f"{name} of tenant {row['tenant_id']}" for row in rows if row["tenant_id"] != viewer.tenant_id
        }
        if viewer.role == "lp":
            found |= {
                f"{name} of {row['investor_id']}"
                for row in rows
                if row["investor_id"] not in viewer.investor_ids
            }
    return found
