"""The digest of a row: equal for equal values however they were written, to tell a repeat from a change."""

import hashlib

import duckdb
import polars as pl

from ingestion.checking.column_checks import canonical
from ingestion.contracts.model import Column, Stream

ROW_HASH = "_row_hash"
SEPARATOR = "\x1f"  # no valid text holds this character: control characters are refused
FEW = 5_000


def with_row_hash(frame: pl.DataFrame, stream: Stream) -> pl.DataFrame:
    """Adds `_row_hash`: the first 128 bits of a SHA-256 over all columns of the contract, in hexadecimal.

    Columns that joined the stream later add `name=value` where they have a value and nothing where they are
    blank: rows that were loaded before there was such a column keep their digest.
    """
    values = frame.select(_digested(column, frame) for column in stream.columns)
    if frame.height < FEW:
        return frame.with_columns(pl.Series(ROW_HASH, _one_by_one(values, stream), dtype=pl.String))
    # concat_ws leaves nulls out
    texts = ", ".join(
        column.name if column.is_addition else f"coalesce({column.name}, '')" for column in stream.columns
    )
    connection = duckdb.connect(":memory:", config={"enable_external_access": "false"})
    try:
        connection.register("values_", values.to_arrow())
        digests = connection.sql(
            f"select substr(sha256(concat_ws(chr({ord(SEPARATOR)}), {texts})), 1, 32) as digest from values_"
        ).pl()
    finally:
        connection.close()
    return frame.with_columns(digests.get_column("digest").alias(ROW_HASH))


def _digested(column: Column, frame: pl.DataFrame) -> pl.Expr:
    value = canonical(column, frame)
    if column.is_addition:
        value = pl.lit(f"{column.name}=") + value  # null stays null
    return value.alias(column.name)


def _one_by_one(values: pl.DataFrame, stream: Stream) -> list[str]:
    """The same digests without DuckDB, whose start costs 20 ms."""
    additions = [column.is_addition for column in stream.columns]
    return [
        hashlib.sha256(_joined(row, additions).encode("utf-8")).hexdigest()[:32] for row in values.iter_rows()
    ]


def _joined(row: tuple[str | None, ...], additions: list[bool]) -> str:
    cells = zip(row, additions, strict=True)
    return SEPARATOR.join(value or "" for value, is_addition in cells if value is not None or not is_addition)
