"""Quarters as reports name them: `2026Q3`."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from reporting.errors import InvalidPeriod

_ORDINALS = ("First", "Second", "Third", "Fourth")


@dataclass(frozen=True, order=True)
class Quarter:
    """A calendar quarter; both its days are inclusive."""

    year: int
    number: int

    @property
    def name(self) -> str:
        """As it is written in commands and file names: `2026Q3`."""
        return f"{self.year}Q{self.number}"

    @property
    def title(self) -> str:
        """As it is written in a heading: `Third quarter 2026`."""
        return f"{_ORDINALS[self.number - 1]} quarter {self.year}"

    @property
    def first_day(self) -> date:
        """The first day of the quarter."""
        return date(self.year, self.number * 3 - 2, 1)

    @property
    def last_day(self) -> date:
        """The last day of the quarter."""
        following = date(self.year + self.number // 4, self.number * 3 % 12 + 1, 1)
        return following - timedelta(days=1)


def quarter_named(text: str) -> Quarter:
    """The quarter of this name. Raises InvalidPeriod, saying how one is written."""
    found = re.fullmatch(r"([12]\d{3})-?Q([1-4])", text.strip().upper(), re.ASCII)
    if found is None:
        raise InvalidPeriod(f"the period {text!r} is not a quarter; write it as 2026Q3")
    return Quarter(int(found[1]), int(found[2]))


def quarter_before(day: date) -> Quarter:
    """The last quarter that was over on this day: what a statement is due for."""
    number = (day.month - 1) // 3
    return Quarter(day.year, number) if number else Quarter(day.year - 1, 4)
