"""The digest of a row: equal for equal values however they were written, so that a repeat is told from a change."""

import duckdb
import polars as pl

from ingestion.checking.column_checks import canonical
from ingestion.contracts.model import Stream

ROW_HASH = "_row_hash"
SEPARATOR = "\x1f"  # no valid text holds it: control characters are refused


def with_row_hash(frame: pl.DataFrame, stream: Stream) -> pl.DataFrame:
    """Adds `_row_hash`: the first 128 bits of a SHA-256 over all columns of the contract, as hexadecimal text."""
    text = frame.select(
        pl.concat_str(
            [canonical(column).fill_null("") for column in stream.columns], separator=SEPARATOR
        ).alias("text")
    )
    connection = duckdb.connect(":memory:", config={"enable_external_access": "false"})
    try:
        connection.register("rows", text.to_arrow())
        digests = connection.sql("select substr(sha256(text), 1, 32) as digest from rows").pl()
    finally:
        connection.close()
    return frame.with_columns(digests.get_column("digest").alias(ROW_HASH))
