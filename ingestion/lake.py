"""The Parquet twin of a batch: the rows it brought, typed, for reconciliation with DuckDB."""

from pathlib import Path

import polars as pl

from ingestion.checking.column_checks import as_date, as_instant, canonical_number
from ingestion.contracts.model import Column, Stream
from ingestion.landing import write_whole
from ingestion.readers.table import ROW_NUMBER

DECIMAL = pl.Decimal(38, 20)


def write_twin(path: Path, stream: Stream, accepted: pl.DataFrame, batch_seq: int) -> None:
    """Write the accepted rows with `_row_number` and `_batch_seq`, the order of batches; none: no file."""
    if accepted.is_empty():
        path.unlink(missing_ok=True)
        return
    typed = accepted.select(
        *(_typed(stream, column, accepted).alias(column.name) for column in stream.columns),
        pl.col(ROW_NUMBER),
        pl.lit(batch_seq, dtype=pl.Int64).alias("_batch_seq"),
    )
    write_whole(path, lambda file: typed.write_parquet(file, compression="lz4"))


def _typed(stream: Stream, column: Column, frame: pl.DataFrame) -> pl.Expr:
    value = pl.col(column.name)
    if column.name in stream.key and column.nullable:
        return value.fill_null("")
    if column.type == "numeric":
        return canonical_number(column.name, frame).cast(DECIMAL)
    if column.type == "integer":
        return canonical_number(column.name, frame).cast(pl.Int64)
    if column.type == "date":
        return as_date(value)
    if column.type == "timestamptz":
        return as_instant(value)
    if column.type == "boolean":
        return value.str.to_lowercase() == "true"
    return value
