"""What commands print: results on standard output, everything else on standard error.

Tables here never cut a value short: what a person pipes into a file is what the database said.
"""

import csv
import io
import json
import math
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import click
from rich.console import Console


def console() -> Console:
    """Where messages and progress go."""
    return Console(stderr=True, highlight=False, soft_wrap=True)


def say(message: str) -> None:
    """One line for the person at the terminal, on standard error."""
    click.echo(message, err=True)


@contextmanager
def step(title: str, quiet: bool = False) -> Iterator[None]:
    """Names what is being done and, when it is done, how long it took."""
    started = time.monotonic()
    shown = console()
    if quiet:
        yield
    elif shown.is_terminal:
        with shown.status(f"{title} ..."):
            yield
    else:
        yield
    if not quiet:
        shown.print(f"{title:<58} {time.monotonic() - started:6.1f} s", markup=False)


def emit_json(document: Any) -> None:
    """The one JSON document of a command. Decimals are written as numbers with all their digits."""
    click.echo(as_json(document))


def as_json(value: Any) -> str:
    """JSON text; dates as ISO 8601, NaN and infinities as text, since JSON has none."""
    if isinstance(value, dict):
        return (
            "{" + ", ".join(f"{json.dumps(str(key))}: {as_json(item)}" for key, item in value.items()) + "}"
        )
    if isinstance(value, list | tuple | set | frozenset):
        return "[" + ", ".join(as_json(item) for item in value) + "]"
    if isinstance(value, Decimal):
        return format(value, "f") if value.is_finite() else json.dumps(str(value))
    if isinstance(value, float) and not math.isfinite(value):
        return json.dumps(str(value))
    if value is None or isinstance(value, bool | int | float | str):
        return json.dumps(value, ensure_ascii=False)
    return json.dumps(as_text(value), ensure_ascii=False)


def as_text(value: Any) -> str:
    """A value as people and CSV readers expect it; NULL is an empty text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, bytes | memoryview):
        return "\\x" + bytes(value).hex()
    if isinstance(value, dict | list | tuple):
        return as_json(value)
    return str(value)


def emit_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """RFC 4180 with a header."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([as_text(value) for value in row] for row in rows)
    click.echo(target.getvalue(), nl=False)


def emit_table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Columns padded to their widest value; numbers to the right. Nothing is shortened."""
    values = list(rows)
    numeric = [
        any(row[place] is not None for row in values)
        and all(row[place] is None or _is_number(row[place]) for row in values)
        for place in range(len(columns))
    ]
    cells = [[as_text(value).replace("\n", "\\n").replace("\r", "\\r") for value in row] for row in values]
    widths = [max([len(name), *(len(row[place]) for row in cells)]) for place, name in enumerate(columns)]

    def line(row: Sequence[str]) -> str:
        padded = (
            text.rjust(width) if right else text.ljust(width)
            for text, width, right in zip(row, widths, numeric, strict=True)
        )
        return "  ".join(padded).rstrip()

    for text in (line(columns), "  ".join("-" * width for width in widths), *(line(row) for row in cells)):
        click.echo(text)


def emit_records(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """A JSON list with one object a row; a repeated column name gets its position appended."""
    names: list[str] = []
    for place, name in enumerate(columns, start=1):
        names.append(f"{name}_{place}" if name in names else name)
    emit_json([dict(zip(names, row, strict=True)) for row in rows])


def is_terminal() -> bool:
    """Whether a person reads standard output directly."""
    return sys.stdout.isatty()


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)
