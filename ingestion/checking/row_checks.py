"""Checks all rows of a batch against the contract and collects every reason; repairs nothing."""

from dataclasses import dataclass

import polars as pl

from ingestion.checking.column_checks import column_checks
from ingestion.contracts.model import Stream
from ingestion.readers.table import Reason

SHOWN = 200
"""Characters of a value that a reason repeats; the whole row is kept beside it."""


@dataclass(frozen=True)
class Checked:
    """`valid` keeps the order and columns of the input; `refused` gives reasons by position in it."""

    valid: pl.DataFrame
    refused: dict[int, list[Reason]]


def check_rows(frame: pl.DataFrame, stream: Stream) -> Checked:
    """Every row that keeps the contract of the stream, and every reason why the others do not."""
    checks = [check for column in stream.columns for check in column_checks(column)]
    failed = frame.select(check.fails.fill_null(False).alias(f"check_{i}") for i, check in enumerate(checks))
    refused: dict[int, list[Reason]] = {}
    any_failed = failed.select(pl.all().any()).row(0) if frame.height else ()
    for i, has_failures in enumerate(any_failed):
        if not has_failures:
            continue
        check = checks[i]
        positions = failed.get_column(f"check_{i}").arg_true()
        values = frame.get_column(check.column).gather(positions)
        for position, value in zip(positions.to_list(), values.to_list(), strict=True):
            text = value or ""
            reason = Reason(check.column, shorten(text), check.say(text))
            refused.setdefault(position, []).append(reason)
    if not refused:
        return Checked(frame, refused)
    keep = ~failed.select(pl.any_horizontal(pl.all())).to_series()
    return Checked(frame.filter(keep), refused)


def shorten(text: str) -> str:
    """A value as it can be shown: cut, without characters that a database or terminal cannot hold."""
    shown = text if len(text) <= SHOWN else f"{text[:SHOWN]}… ({len(text):,} characters)"
    return "".join(c if c == "\t" or c >= " " else "\u2400" if c == "\x00" else " " for c in shown)
