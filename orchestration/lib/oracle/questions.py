"""What is asked and answered: numbers by the key of `metric_values`, and cells of the marts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

Asked = tuple[str, str, date, str | None]
"""Entity type, entity, date, vehicle."""


@dataclass(frozen=True)
class Question:
    """Which number: as the key of `metric_values`; no vehicle is a whole portfolio or a pool."""

    metric: str
    entity_type: str
    entity_id: str
    as_of: date
    vehicle_id: str | None


@dataclass(frozen=True)
class Cell:
    """One column of one row of a mart; `key` names the row by the mart's key columns."""

    mart: str
    key: tuple[tuple[str, object], ...]
    column: str

    @property
    def metric(self) -> str:
        """What agreement is counted by: `mart.column`."""
        return f"{self.mart}.{self.column}"


Value = Fraction | Decimal | float | str | date | Sequence[float] | None
"""A number; in a cell also a word, a day or a list of rates."""


@dataclass(frozen=True)
class Answer:
    """The number (None: unknown) and the status it rests on; `unit` is the register's."""

    value: Value
    unit: str
    status: str | None


Answers = dict[Question, Answer]
Row = Mapping[str, Value]


@dataclass(frozen=True)
class Table:
    """What a mart should hold of a tenant: rows by the values of `key`, each with all `columns`.

    `is_paid_in_cents`: its money is sums of parts that were each paid in whole cents.
    """

    mart: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    is_paid_in_cents: bool
    rows: Mapping[tuple[object, ...], Row]


def sum_of(rows: Iterable[Row], column: str) -> Fraction | None:
    """Of amounts; unknown as soon as one is."""
    added = Fraction(0)
    for row in rows:
        amount = row[column]
        if not isinstance(amount, Fraction):
            return None
        added += amount
    return added


def table(
    mart: str,
    key: Iterable[str],
    columns: Iterable[str],
    rows: Iterable[Row],
    *,
    is_paid_in_cents: bool = False,
) -> Table:
    """A table of rows that hold key and columns under their names."""
    by, held = tuple(key), tuple(columns)
    return Table(mart, by, held, is_paid_in_cents, {tuple(row[name] for name in by): row for row in rows})


Made = tuple[str, Fraction | float | tuple[float, ...] | None, str, str | None]
"""Metric, value, unit, status."""


def filed(made: list[Made], ask: Asked) -> Answers:
    """The numbers made, under what was asked."""
    return {Question(metric, *ask): Answer(value, unit, why) for metric, value, unit, why in made}


def ratio(part: Fraction | None, whole: Fraction | None) -> Fraction | None:
    """part / whole, unknown where a side is unknown or the whole is 0."""
    return None if part is None or not whole else part / whole


def multiples(
    paid: Fraction | None,
    back: Fraction | None,
    nav: Fraction | None,
    commitment: Fraction | None,
    fx: str,
    nav_status: str,
) -> list[Made]:
    """DPI, RVPI, TVPI and PIC from sums."""
    together = None if back is None or nav is None else back + nav
    return [
        ("dpi", ratio(back, paid), "multiple", fx),
        ("rvpi", ratio(nav, paid), "multiple", nav_status),
        ("tvpi", ratio(together, paid), "multiple", nav_status),
        ("pic", ratio(paid, commitment), "multiple", fx),
    ]
