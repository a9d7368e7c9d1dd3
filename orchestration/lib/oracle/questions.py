"""What is asked and answered: numbers by the key of `metric_values`."""

from dataclasses import dataclass
from datetime import date
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
class Answer:
    """The number (None: unknown) and the status it rests on; `unit` is the register's."""

    value: Fraction | float | None
    unit: str
    status: str | None


Answers = dict[Question, Answer]
Made = tuple[str, Fraction | float | None, str, str | None]
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
