# ruff: noqa: E501 - statements read as lines
"""Rows of the canonical streams put straight into raw, as a load would leave them: for tests of what dbt makes of them."""

import itertools
from collections.abc import Iterable, Mapping
from typing import Any

from psycopg import sql
from psycopg.types.json import Jsonb

from warehouse import roles
from warehouse.database import Database

_numbers = itertools.count(1)
Row = Mapping[str, Any]

KEYS = {
    "vehicles": ("vehicle_id",),
    "vehicle_terms": ("vehicle_id",),
    "investors": ("investor_id",),
    "holdings": ("holding_id",),
    "commitments": ("commitment_id",),
    "transactions": ("transaction_id",),
    "allocations": ("allocation_id",),
    "valuations": ("vehicle_id", "investor_id", "holding_id", "as_of"),
    "stage_events": ("event_id",),
    "deal_rooms": ("room_id",),
    "documents": ("document_id",),
    "views": ("view_id",),
    "communications": ("communication_id",),
    "payments": ("payment_id",),
    "fx_rates": ("base_currency_code", "quote_currency_code", "on_date"),
    "index_levels": ("index_code", "on_date"),
}
DEFAULTS: dict[str, dict[str, Any]] = {
    "vehicles": {"kind": "fund", "currency_code": "USD", "status": "active"},
    "commitments": {"currency_code": "USD", "status": "signed"},
    "transactions": {"currency_code": "USD"},
    "allocations": {"currency_code": "USD"},
    "valuations": {"currency_code": "USD", "investor_id": "", "holding_id": ""},
    "payments": {"currency_code": "USD"},
    "documents": {"type": "pitch_deck", "uploaded_at": "2024-01-01T00:00:00Z"},
    "fx_rates": {"base_currency_code": "EUR", "source": "test"},
}


def load(database: Database, tenant_id: int, streams: Mapping[str, Iterable[Row]]) -> None:
    """Insert the rows as the newest versions, each stream as one batch of the tenant's ledger.

    A row whose key is there already closes the older version. Names default to the key.
    """
    with database.connect(roles.ADMIN) as connection:
        for stream, rows in streams.items():
            batch_id = f"batch-{stream}-{next(_numbers)}"
            shapes: dict[tuple[str, ...], list[dict[str, Any]]] = {}
            connection.execute(
                "insert into raw.batch (tenant_id, batch_id, batch_seq, source, stream, file_name, file_sha256, read_count, "
                "accepted_count, unchanged_count, quarantined_count, status, started_at, finished_at) "
                "select %s, %s, coalesce(max(batch_seq), 0) + 1, 'capstan', %s, %s, %s, 0, 0, 0, 0, 'loaded', now(), now() "
                "from raw.batch where tenant_id = %s",
                (tenant_id, batch_id, stream, f"{stream}.csv", batch_id, tenant_id),
            )
            table = sql.Identifier("raw", f"capstan__{stream}")
            same_key = sql.SQL(" and ").join(
                sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(name))
                for name in KEYS[stream]
            )
            close = sql.SQL(
                "update {} set _superseded_at = clock_timestamp() "
                "where tenant_id = %(tenant_id)s and _superseded_at = 'infinity' and {}"
            ).format(table, same_key)
            for number, given in enumerate(rows, start=1):
                values = {
                    **_complete(stream, tenant_id, given),
                    "tenant_id": tenant_id, "_batch_id": batch_id, "_row_number": number,
                }  # fmt: skip
                shapes.setdefault(tuple(values), []).append(values)
            for columns, group in shapes.items():
                insert = sql.SQL(
                    "insert into {} ({}, _source, _row_hash, _loaded_at) values ({}, 'capstan', '', now())"
                ).format(
                    table,
                    sql.SQL(", ").join(map(sql.Identifier, columns)),
                    sql.SQL(", ").join(map(sql.Placeholder, columns)),
                )
                with connection.cursor() as cursor:
                    cursor.executemany(close, group)
                    cursor.executemany(insert, group)


def _complete(stream: str, tenant_id: int, given: Row) -> dict[str, Any]:
    row = {**DEFAULTS.get(stream, {}), **given}
    if stream in ("vehicles", "investors", "holdings", "deal_rooms", "documents"):
        row.setdefault("name", f"{row[KEYS[stream][0]]} of {tenant_id}")
    return {name: Jsonb(value) if name == "page_seconds" else value for name, value in row.items()}
