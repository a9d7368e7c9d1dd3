"""CSV by RFC 4180: a fast parser for well-formed files, and a careful one for all others.

Both give the same table. The fast one is only trusted after the quotes have been checked; whatever it
refuses, the careful one reads again and says row by row what is wrong.
"""

import csv
import io
import sys
from collections.abc import Iterator

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.csv as pa_csv

from ingestion.errors import UnreadableFileError
from ingestion.readers.encoding import to_utf8
from ingestion.readers.options import ReadOptions
from ingestion.readers.table import ROW_NUMBER, Reason, TextTable, UnreadableRow, refuse_reserved

BLOCK_BYTES = 8 << 20
HEADER_BYTES = 1 << 16
QUOTE, COMMA_SET_END = 0x22, (0x0A, 0x0D)


def read_csv(data: bytes, file_name: str, options: ReadOptions) -> TextTable:
    """The rows of a CSV file; raises `UnreadableFileError` where the file as a whole cannot be read."""
    body = to_utf8(data, file_name)
    if not body.strip():
        raise UnreadableFileError(f"{file_name} is empty: a header and rows were expected.")
    header, start = _first_record(body, file_name, options.delimiter)
    if options.header:
        columns = _column_names(header, file_name)
    else:
        columns = list(options.columns) or [f"column_{i + 1}" for i in range(len(header))]
        start = 0
        if len(columns) != len(header):
            raise UnreadableFileError(
                f"{file_name}: its first row has {len(header)} fields, expected are {len(columns)} "
                f"({', '.join(columns)})."
            )
    fast = _read_fast(body, start, columns, options.delimiter)
    if fast is not None:
        return fast
    return _read_carefully(body[start:], columns, file_name, options.delimiter)


def _first_record(body: bytes, file_name: str, delimiter: str) -> tuple[list[str], int]:
    """The first record and the offset behind it; a short piece of the file is enough for most."""
    for piece in (body[:HEADER_BYTES], body):
        lines = _Lines(io.StringIO(piece.decode("utf-8", "ignore"), newline=""))
        reader = _reader(lines, delimiter)
        try:
            record = next(row for row in reader if row)
        except (csv.Error, StopIteration):
            continue
        offset = len("".join(lines.seen).encode("utf-8"))
        if offset < len(piece) or len(piece) == len(body):
            return record, offset
    raise UnreadableFileError(f"{file_name}: its header cannot be read; it may have an open quote.", row=0)


def _column_names(header: list[str], file_name: str) -> list[str]:
    columns: list[str] = []
    for position, name in enumerate(header, start=1):
        columns.append(name if name else f"column_{position}")
    refuse_reserved(columns, file_name)
    for position, name in enumerate(columns):
        first = columns.index(name)
        if first != position:
            raise UnreadableFileError(
                f"{file_name}: its header names the column {name!r} twice (fields {first + 1} and "
                f"{position + 1}). "
                f"Each column needs a name of its own.",
                row=0,
                column=name,
            )
    return columns


def _read_fast(body: bytes, start: int, columns: list[str], delimiter: str) -> TextTable | None:
    """The whole table at once, or None where the file needs care."""
    if b"\x00" in body:
        return None
    view = np.frombuffer(body, dtype=np.uint8)[start:]
    if view.size == 0:
        return _table([], columns)
    has_quotes = b'"' in body
    if has_quotes and not quotes_are_well_formed(view, ord(delimiter)):
        return None
    names = [str(i) for i in range(len(columns))]
    try:
        table = pa_csv.read_csv(
            pa.py_buffer(view),
            read_options=pa_csv.ReadOptions(column_names=names, block_size=BLOCK_BYTES),
            parse_options=pa_csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=has_quotes, ignore_empty_lines=True
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:
        return None
    frame = pl.DataFrame(pl.from_arrow(table))
    frame.columns = columns
    return TextTable(_finish(frame))


def quotes_are_well_formed(view: "np.ndarray[tuple[int], np.dtype[np.uint8]]", delimiter: int) -> bool:
    """Whether every quote opens a field, closes one, or is doubled inside one.

    Quotes alternate between opening and closing; a doubled one is a closing and an opening side by side.
    """
    at = np.flatnonzero(view == QUOTE)
    if at.size % 2:
        return False
    opening, closing = at[0::2], at[1::2]
    ends = np.array([delimiter, *COMMA_SET_END], dtype=np.uint8)
    before = np.isin(view[np.maximum(opening - 1, 0)], ends) | (opening == 0)
    before[1:] |= opening[1:] == closing[:-1] + 1
    after = np.isin(view[np.minimum(closing + 1, view.size - 1)], ends) | (closing == view.size - 1)
    after[:-1] |= closing[:-1] + 1 == opening[1:]
    return bool(before.all() and after.all())


class _Lines:
    """The lines of a text, remembering those that were handed out since `seen` was last cleared."""

    def __init__(self, text: io.StringIO) -> None:
        self._text = text
        self.seen: list[str] = []

    def __iter__(self) -> Iterator[str]:
        for line in self._text:
            self.seen.append(line)
            yield line


def _reader(lines: _Lines, delimiter: str) -> "Iterator[list[str]]":
    csv.field_size_limit(sys.maxsize)
    return csv.reader(lines, delimiter=delimiter, strict=True)


def _read_carefully(body: bytes, columns: list[str], file_name: str, delimiter: str) -> TextTable:
    lines = _Lines(io.StringIO(body.decode("utf-8"), newline=""))
    reader = _reader(lines, delimiter)
    rows: list[tuple[int, list[str]]] = []
    unreadable: list[UnreadableRow] = []
    number = 0
    while True:
        lines.seen.clear()
        try:
            record = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            number += 1
            if "unexpected end of data" in str(error):
                raise _open_quote(lines.seen[0], columns, number, file_name, delimiter) from error
            unreadable.append(_unreadable(number, lines.seen, f"its quotes are broken: {error}"))
            continue
        if not record:
            continue
        number += 1
        if len(record) != len(columns):
            unreadable.append(
                _unreadable(number, lines.seen, f"it has {len(record)} fields, the header has {len(columns)}")
            )
        elif any("\x00" in cell for cell in record):
            column = next(name for name, cell in zip(columns, record, strict=True) if "\x00" in cell)
            unreadable.append(
                _unreadable(number, lines.seen, "it has a NUL byte, which no text may hold", column)
            )
        else:
            rows.append((number, record))
    table = _table([record for _, record in rows], columns, [n for n, _ in rows])
    return TextTable(table.frame, unreadable)


def _unreadable(number: int, lines: list[str], reason: str, column: str = "") -> UnreadableRow:
    original = "".join(lines).rstrip("\r\n").replace("\x00", "\u2400")
    return UnreadableRow(number, original, Reason(column, original[:200], reason))


def _open_quote(
    first_line: str, columns: list[str], number: int, file_name: str, delimiter: str
) -> UnreadableFileError:
    fields = len(next(csv.reader([first_line], delimiter=delimiter)))
    column = columns[min(fields, len(columns)) - 1]
    return UnreadableFileError(
        f"{file_name}: a quote is opened in row {number}, column {column}, and never closed, so where the "
        f"rows after "
        f"it end cannot be told. Close it, or double it inside a quoted field.",
        row=number,
        column=column,
        value=first_line.strip()[:200],
    )


def _table(records: list[list[str]], columns: list[str], numbers: list[int] | None = None) -> TextTable:
    data = {name: [record[i] for record in records] for i, name in enumerate(columns)}
    frame = pl.DataFrame(data, schema=dict.fromkeys(columns, pl.String))
    return TextTable(_finish(frame, numbers))


def _finish(frame: pl.DataFrame, numbers: list[int] | None = None) -> pl.DataFrame:
    """Adds the row numbers and makes empty cells null."""
    text = pl.all()
    frame = frame.select(pl.when(text != "").then(text).name.keep())
    if numbers is None:
        return frame.with_row_index(ROW_NUMBER, offset=1).with_columns(pl.col(ROW_NUMBER).cast(pl.Int64))
    return frame.insert_column(0, pl.Series(ROW_NUMBER, numbers, dtype=pl.Int64))
