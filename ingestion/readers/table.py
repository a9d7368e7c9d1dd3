"""What a reader hands on: the rows it could read, all as text, and those it could not."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

from ingestion.errors import UnreadableFileError

ROW_NUMBER = "_row_number"


@dataclass(frozen=True)
class Reason:
    """Why a row was refused: the column (blank when it is the row itself), its value and what is allowed."""

    column: str
    value: str
    reason: str

    def as_json(self) -> dict[str, str]:
        """The form in which `raw.quarantine.reasons` holds it."""
        return {
            "column": storable(self.column),
            "value": storable(self.value),
            "reason": storable(self.reason),
        }


def storable(text: str) -> str:
    """The text without what no database holds: NUL becomes ␀, half a surrogate pair its code."""
    return text.replace("\x00", "\u2400").encode("utf-8", "backslashreplace").decode("utf-8")


def refuse_reserved(names: Iterable[str], file_name: str) -> None:
    """Raises `UnreadableFileError` when a file has a column with a name that the reader adds itself."""
    if ROW_NUMBER in names:
        raise UnreadableFileError(
            f"{file_name}: its column {ROW_NUMBER!r} has a name that is kept for the numbers of the rows. "
            f"Rename it or leave it out.",
            row=0,
            column=ROW_NUMBER,
        )


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
        named_by_row: whether each row names its own cells (JSON), so that a name too many is a fault of the
            row and not of the file.
    """

    frame: pl.DataFrame
    unreadable: list[UnreadableRow] = field(default_factory=list)
    named_by_row: bool = False

    @property
    def rows(self) -> int:
        """All rows of the file, readable or not."""
        return self.frame.height + len(self.unreadable)

    @property
    def columns(self) -> list[str]:
        """The file's own columns."""
        return [name for name in self.frame.columns if name != ROW_NUMBER]
