"""Parquet as text: typed values become the text that a canonical CSV file would hold."""

import io
import json
from decimal import Decimal
from typing import Any

import polars as pl

from ingestion.errors import UnreadableFileError
from ingestion.readers.table import ROW_NUMBER, TextTable, refuse_reserved


def read_parquet(data: bytes, file_name: str) -> TextTable:
    """All rows; raises `UnreadableFileError` when the file is truncated or no Parquet."""
    try:
        frame = pl.read_parquet(io.BytesIO(data), use_pyarrow=False)
    except (pl.exceptions.PolarsError, OSError, ValueError) as error:
        raise UnreadableFileError(
            f"{file_name} cannot be read as Parquet ({_first_line(error)}). It may be truncated: "
            f"it has {len(data):,} bytes. Write or copy it again."
        ) from error
    except BaseException as error:
        # A panic of the reader on a damaged file derives from BaseException; anything else is not ours to
        # stop.
        if type(error).__name__ != "PanicException":
            raise
        raise UnreadableFileError(f"{file_name} is damaged: its Parquet pages cannot be decoded.") from error
    refuse_reserved(frame.columns, file_name)
    columns = [_as_text(frame.get_column(name), file_name) for name in frame.columns]
    numbers = pl.Series(ROW_NUMBER, range(1, frame.height + 1), dtype=pl.Int64)
    return TextTable(pl.DataFrame([numbers, *columns]))


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__


def _as_text(column: pl.Series, file_name: str) -> pl.Series:
    kind = column.dtype
    if kind.is_float():
        text = column.cast(pl.String)
        if text.str.contains("[eE]").any():
            text = pl.Series(column.name, [_plain(v) for v in text], dtype=pl.String)
    elif isinstance(kind, pl.Datetime):
        text = _instants(column, kind)
    elif kind == pl.Binary:
        text = _decoded(column, file_name)
    elif kind.is_nested():
        values = [None if value is None else _as_json(value) for value in column.to_list()]
        text = pl.Series(column.name, values, dtype=pl.String)
    else:
        try:
            text = column.cast(pl.String)
        except pl.exceptions.PolarsError as error:
            raise UnreadableFileError(
                f"{file_name}: the column {column.name!r} holds {kind}, which has no text form here. Write "
                f"it as strings or numbers.",
                column=column.name,
            ) from error
    return text.to_frame().select(pl.when(pl.first() != "").then(pl.first()).alias(column.name)).to_series()


def _decoded(column: pl.Series, file_name: str) -> pl.Series:
    texts: list[str | None] = []
    for row, value in enumerate(column.to_list(), start=1):
        try:
            texts.append(None if value is None else value.decode("utf-8"))
        except UnicodeDecodeError as error:
            raise UnreadableFileError(
                f"{file_name}: the column {column.name!r} holds bytes that are no UTF-8 text, first in row "
                f"{row}. Write it as a column of strings.",
                row=row,
                column=column.name,
            ) from error
    return pl.Series(column.name, texts, dtype=pl.String)


def _instants(column: pl.Series, kind: pl.Datetime) -> pl.Series:
    if kind.time_zone is not None:
        return column.dt.convert_time_zone("UTC").dt.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00")
    day = pl.first().dt.strftime("%Y-%m-%d")  # dates that were written as midnights
    moment = pl.first().dt.strftime("%Y-%m-%dT%H:%M:%S%.6f")
    midnight = pl.first().dt.truncate("1d") == pl.first()
    return column.to_frame().select(pl.when(midnight).then(day).otherwise(moment)).to_series()


def _as_json(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, list):
        return "[" + ", ".join(_as_json(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(name)}: {_as_json(item)}" for name, item in value.items()) + "}"
    return json.dumps(value, default=str)


def _plain(text: str | None) -> str | None:
    if text is None or "e" not in text.lower():
        return text
    return format(Decimal(text), "f")
