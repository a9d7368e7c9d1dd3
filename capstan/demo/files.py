"""What the demo's files say, mistakes included: facts become CSV files of which each row's fate is known.

Each tenant delivers twice: `first` holds what was sent at the quarter's end, with misstated and broken rows,
`later` holds corrections (the same key with the true value), rows that came late, and repeats of known rows.
"""

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from capstan.demo.facts import Fact

STREAM_ORDER = (
    "fx_rates", "index_levels", "vehicles", "investors", "holdings", "vehicle_terms", "commitments",
    "transactions", "allocations", "valuations", "stage_events", "deal_rooms", "documents", "views",
    "communications", "payments",
)  # fmt: skip


@dataclass(frozen=True)
class Broken:
    """A row that must be refused: a copy of an existing row with some columns replaced."""

    stream: str
    like: int
    changes: Mapping[str, str]
    column: str


@dataclass(frozen=True)
class Flaws:
    """What is wrong with a tenant's files. A row is named by stream and position among the stream's facts.

    misstated: columns that the first file states wrongly, corrected in the later file.
    phantoms: rows that never were: in the first file with these columns, in the later file with amount 0.
    late: rows that are only in the later file.
    repeated: rows of the first file that the later file holds again.
    doubled: rows that stand twice in the first file, word for word.
    """

    misstated: Mapping[tuple[str, int], Mapping[str, str]] = field(default_factory=dict)
    phantoms: Sequence[tuple[str, int, Mapping[str, str]]] = ()
    late: Mapping[str, Sequence[int]] = field(default_factory=dict)
    repeated: Mapping[str, Sequence[int]] = field(default_factory=dict)
    doubled: Mapping[str, Sequence[int]] = field(default_factory=dict)
    broken: Sequence[Broken] = ()


@dataclass(frozen=True)
class Refusal:
    """A row that ends in quarantine: its number (1 is the first after the header) and the column."""

    row_number: int
    column: str


@dataclass(frozen=True)
class DemoFile:
    """One delivered file and what loading it for the first time must give."""

    delivery: str
    stream: str
    rows: tuple[dict[str, str], ...]
    unchanged: int
    refusals: tuple[Refusal, ...]

    @property
    def read(self) -> int:
        """Rows in the file."""
        return len(self.rows)

    @property
    def quarantined(self) -> int:
        """Rows that are refused."""
        return len(self.refusals)

    @property
    def accepted(self) -> int:
        """Rows that are new or change what was known."""
        return self.read - self.unchanged - self.quarantined

    def path_in(self, folder: Path) -> Path:
        """Where the file is written."""
        return folder / self.delivery / f"{self.stream}.csv"

    def write(self, folder: Path) -> Path:
        """Writes the file unless the same text is already there, so that a second run touches nothing."""
        path = self.path_in(folder)
        path.parent.mkdir(parents=True, exist_ok=True)
        lines: list[str] = []
        writer = csv.DictWriter(_Lines(lines.append), fieldnames=list(self.rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows)
        text = "".join(lines)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
        return path


@dataclass(frozen=True)
class _Lines:
    """The one method of a file that `csv` needs."""

    write: Callable[[str], object]


def deliveries(facts: Sequence[Fact], flaws: Flaws) -> list[DemoFile]:
    """The files of a tenant in the order in which they are loaded: all of `first`, then all of `later`."""
    by_stream: dict[str, list[dict[str, str]]] = {}
    for fact in facts:
        by_stream.setdefault(fact.stream, []).append(fact.as_row())
    streams = [stream for stream in STREAM_ORDER if stream in by_stream]
    first = [_first(stream, by_stream[stream], flaws) for stream in streams]
    later = [_later(stream, by_stream[stream], flaws) for stream in streams]
    return [*first, *(item for item in later if item.rows)]


def _first(stream: str, truth: list[dict[str, str]], flaws: Flaws) -> DemoFile:
    rows: list[dict[str, str]] = []
    refusals: list[Refusal] = []
    doubled = 0
    broken = [item for item in flaws.broken if item.stream == stream]
    for place, row in enumerate(truth):
        if place not in flaws.late.get(stream, ()):
            rows.append({**row, **flaws.misstated.get((stream, place), {})})
        if place in flaws.doubled.get(stream, ()):
            rows.append(dict(rows[-1]))
            doubled += 1
        for item in (item for item in broken if item.like == place):
            rows.append({**row, **item.changes})
            refusals.append(Refusal(len(rows), item.column))
    for name, like, changes in flaws.phantoms:
        if name == stream:
            rows.append({**truth[like], **changes})
    return DemoFile("first", stream, tuple(rows), doubled, tuple(refusals))


def _later(stream: str, truth: list[dict[str, str]], flaws: Flaws) -> DemoFile:
    corrected = [place for (name, place) in flaws.misstated if name == stream]
    repeated = list(flaws.repeated.get(stream, ()))
    rows = [truth[place] for place in (*corrected, *flaws.late.get(stream, ()), *repeated)]
    for name, like, changes in flaws.phantoms:
        if name == stream:
            rows.append({**truth[like], **changes, "amount": "0.00"})
    return DemoFile("later", stream, tuple(rows), len(repeated), ())
