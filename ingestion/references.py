"""Whether what rows name exists.

Rows are refused whose parents the tenant does not have, or that ask for amounts in a currency no rate knows.
"""

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


def currencies_without_rates(
    connection: psycopg.Connection, tenant_id: int, stream: Stream, frame: pl.DataFrame
) -> dict[int, list[Reason]]:
    """Positions in `frame` of rows that ask for amounts in a currency that no exchange rate knows.

    The tenant's currency and those of its vehicles need none. Before the platform has any rate, nothing is
    refused: which currencies it will have is not known.
    """
    refused: dict[int, list[Reason]] = {}
    for name in (column.name for column in stream.columns if column.needs_rates):
        column = frame.get_column(name)
        asked = column.drop_nulls().unique()
        if asked.is_empty():
            continue
        rows = connection.execute(
            """
            select currency_code, true from control.currency_with_rates
            union all
            select currency_code, false from control.tenant where tenant_id = %(tenant)s
            union all
            select currency_code, false from raw.capstan__vehicles
             where tenant_id = %(tenant)s and _superseded_at = 'infinity'
            """,
            {"tenant": tenant_id},
        ).fetchall()
        if not any(has_rates for _, has_rates in rows):
            continue
        allowed = sorted({code for code, _ in rows})
        missing = asked.filter(~asked.is_in(allowed))
        positions = column.is_in(missing.implode()).fill_null(False).arg_true()
        for position, value in zip(positions.to_list(), column.gather(positions).to_list(), strict=True):
            reason = Reason(
                name,
                shorten(value),
                f"no exchange rate of it is known; allowed: {', '.join(allowed)}; load its fx_rates into "
                "platform first, or correct it",
            )
            refused.setdefault(position, []).append(reason)
    return refused
