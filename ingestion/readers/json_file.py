"""JSON Lines, JSON arrays and JSON documents as text. Numbers keep the digits they were written with."""

import json
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

import polars as pl

from ingestion.errors import UnreadableFileError
from ingestion.readers.encoding import to_utf8
from ingestion.readers.table import (
    ROW_NUMBER,
    Reason,
    TextTable,
    UnreadableRow,
    refuse_reserved,
    storable,
)


class _Number(str):
    """The text of a JSON number."""

    __slots__ = ()


class _DuplicateName(ValueError):
    pass


def read_json_lines(data: bytes, file_name: str) -> TextTable:
    """One object a line; a line that is none becomes an unreadable row."""
    text = to_utf8(data, file_name).decode("utf-8")
    lines = [line for line in text.split("\n") if line.strip()]
    if not lines:
        raise UnreadableFileError(f"{file_name} is empty: one JSON object a line was expected.")
    return _from_parsed(((line.rstrip("\r"), _parse_or_reason(line)) for line in lines), file_name)


def read_json(data: bytes, file_name: str) -> TextTable:
    """An array of objects, or one object as one row."""
    document = _whole(data, file_name)
    items = document if isinstance(document, list) else [document]
    return _from_parsed(((_encode(item), item) for item in items), file_name)


def read_documents(data: bytes, file_name: str) -> TextTable:
    """One row an element of the outermost array (or one row), whole, in the column `document`."""
    document = _whole(data, file_name)
    items = document if isinstance(document, list) else [document]
    texts = [_encode(item) for item in items]
    frame = pl.DataFrame(
        {ROW_NUMBER: range(1, len(texts) + 1), "document": texts},
        schema={ROW_NUMBER: pl.Int64, "document": pl.String},
    )
    return TextTable(frame)


def _whole(data: bytes, file_name: str) -> Any:
    text = to_utf8(data, file_name).decode("utf-8")
    if not text.strip():
        raise UnreadableFileError(f"{file_name} is empty: a JSON document was expected.")
    try:
        return _loads(text)
    except json.JSONDecodeError as error:
        raise UnreadableFileError(
            f"{file_name} is not JSON: line {error.lineno}, column {error.colno}: {error.msg}.",
            row=error.lineno,
        ) from error
    except (_DuplicateName, RecursionError) as error:
        raise UnreadableFileError(f"{file_name} cannot be read as JSON: {error}.") from error


def _loads(text: str) -> Any:
    return json.loads(
        text, parse_float=_plain, parse_int=_Number, parse_constant=_Number, object_pairs_hook=_object
    )


def _plain(literal: str) -> _Number:
    """Decimal notation for what was written with an exponent; digits are never changed."""
    if "e" in literal or "E" in literal:
        try:
            number = Decimal(literal)
        except InvalidOperation:  # an exponent beyond what a Decimal can hold
            return _Number(literal)
        return _Number(format(number, "f") if abs(number.adjusted()) < 60 else literal)
    return _Number(literal)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _DuplicateName(f"the name {twice!r} stands twice in one object")
    return result


def _parse_or_reason(line: str) -> Any:
    try:
        parsed = _loads(line)
    except json.JSONDecodeError as error:
        return Reason("", line[:200], f"it is not JSON: column {error.colno}: {error.msg}")
    except (_DuplicateName, RecursionError) as error:
        return Reason("", line[:200], str(error))
    return parsed


def _from_parsed(items: Iterable[tuple[str, Any]], file_name: str) -> TextTable:
    numbers: list[int] = []
    rows: list[dict[str, str | None]] = []
    names: dict[str, None] = {}
    unreadable: list[UnreadableRow] = []
    for number, (original, item) in enumerate(items, start=1):
        if not isinstance(item, dict | Reason):
            item = Reason("", original[:200], "it is JSON, but no object with names and values")
        if isinstance(item, Reason):
            unreadable.append(UnreadableRow(number, storable(original), item))
            continue
        cells = {name: _cell(value) for name, value in item.items()}
        bad = _unstorable(cells)
        if bad:
            unreadable.append(UnreadableRow(number, storable(original), bad))
            continue
        numbers.append(number)
        rows.append(cells)
        names.update(dict.fromkeys(cells))
    refuse_reserved(names, file_name)
    frame = pl.DataFrame(
        {name: [row.get(name) for row in rows] for name in names}, schema=dict.fromkeys(names, pl.String)
    )
    frame = frame.insert_column(0, pl.Series(ROW_NUMBER, numbers, dtype=pl.Int64))
    return TextTable(frame, unreadable, named_by_row=True)


def _cell(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return str(value)
    return _encode(value)


def _encode(value: Any) -> str:
    if isinstance(value, _Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(k)}:{_encode(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_encode(v) for v in value) + "]"
    return json.dumps(value)


def _unstorable(cells: dict[str, str | None]) -> Reason | None:
    for name, cell in cells.items():
        whole = name + (cell or "")
        if whole.isascii() and "\x00" not in whole:
            continue
        shown = storable((cell or "")[:200])
        if "\x00" in whole:
            return Reason(storable(name), shown, "it has a NUL character, which no text may hold")
        try:
            whole.encode("utf-8")
        except UnicodeEncodeError:
            return Reason(storable(name), shown, "it has half of a surrogate pair, which is no character")
    return None
