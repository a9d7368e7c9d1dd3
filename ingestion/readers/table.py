"""What a reader hands on: the rows it could read, all as text, and those it could not."""

from dataclasses import dataclass, field

import polars as pl

ROW_NUMBER = "_row_number"


@dataclass(frozen=True)
class Reason:
    """Why a row was refused: the column (blank when it is the row itself), its value and what is allowed."""

    column: str
    value: str
    reason: str

    def as_json(self) -> dict[str, str]:
        """The form in which `raw.quarantine.reasons` holds it."""
        return {"column": self.column, "value": self.value, "reason": self.reason}


@dataclass(frozen=True)
class UnreadableRow:
    """A row whose cells cannot be told apart; `original` is its text as far as it is known."""

    row_number: int
    original: str
    reason: Reason


@dataclass(frozen=True)
class TextTable:
    """A file as it is.

    Args:
        frame: `_row_number` (from 1 after the header, blank lines not counted) and one text column a
        column of
            the file; an empty cell is null.
        unreadable: the rows that are missing from `frame`.
    """

    frame: pl.DataFrame
    unreadable: list[UnreadableRow] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """All rows of the file, readable or not."""
        return self.frame.height + len(self.unreadable)

    @property
    def columns(self) -> list[str]:
        """The file's own columns."""
        return [name for name in self.frame.columns if name != ROW_NUMBER]
