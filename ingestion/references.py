"""Whether the ids that rows name exist: rows whose parents the tenant does not have are refused."""

import polars as pl
import psycopg

from ingestion.checking.row_checks import shorten
from ingestion.contracts.model import Stream
from ingestion.contracts.registry import stream_named
from ingestion.readers.table import Reason


def unknown_references(
    connection: psycopg.Connection, tenant_id: int, stream: Stream, frame: pl.DataFrame
) -> dict[int, list[Reason]]:
    """Positions in `frame` of rows that name an unknown id, with a reason for each such column."""
    refused: dict[int, list[Reason]] = {}
    for reference in stream.references:
        column = frame.get_column(reference.column)
        named = column.drop_nulls().unique()
        if named.is_empty():
            continue
        parent = stream_named(reference.stream)
        known = connection.execute(
            f"select {reference.target} from raw.{parent.table} "
            f"where tenant_id = %s and _superseded_at = 'infinity' and {reference.target} = any(%s)",
            (tenant_id, named.to_list()),
        ).fetchall()
        if len(known) == named.len():
            continue
        missing = named.filter(~named.is_in([row[0] for row in known]))
        positions = column.is_in(missing.implode()).fill_null(False).arg_true()
        for position, value in zip(positions.to_list(), column.gather(positions).to_list(), strict=True):
            reason = Reason(
                reference.column,
                shorten(value),
                f"is not known among the {parent.name} of this tenant; load the {parent.name} first, or "
                f"correct it",
            )
            refused.setdefault(position, []).append(reason)
    return refused
