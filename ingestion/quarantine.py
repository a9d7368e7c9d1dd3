"""Refused rows: how they are kept, how a later load resolves them, how people list them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from ingestion.readers.table import Reason
from warehouse import tenants
from warehouse.batches import loader_transaction
from warehouse.database import Database

LONGEST_ORIGINAL = 64_000
KEY_SEPARATOR = "\x1f"


@dataclass(frozen=True)
class QuarantinedRow:
    """One reason of one refused row that no later load has resolved; row 0 is the file as a whole."""

    stream: str
    file_name: str
    row_number: int
    column: str
    value: str
    reason: str
    batch_id: str


@dataclass(frozen=True)
class RefusedRow:
    """A row that a batch refused.

    Args:
        part: which of the rows that a mapping yields for this input row; 1 otherwise.
        original: the row as it was read; long ones are cut, the file itself is kept in the landing folder.
        key: the values of its key joined by a separator, if all that it needs are there.
    """

    row_number: int
    part: int
    original: str
    reasons: tuple[Reason, ...]
    key: str | None

    def reasons_json(self) -> str:
        """All reasons as they are stored."""
        return json.dumps([reason.as_json() for reason in self.reasons], ensure_ascii=False)


@dataclass(frozen=True)
class Content:
    """What a load is about: a file, through a mapping, into a stream of a tenant."""

    tenant_id: int
    source: str
    stream: str
    file_sha256: str
    mapping_sha256: str

    @property
    def values(self) -> tuple[Any, ...]:
        """For the condition `CONTENT`."""
        return (self.tenant_id, self.source, self.stream, self.file_sha256, self.mapping_sha256)


CONTENT = "tenant_id = %s and source = %s and stream = %s and file_sha256 = %s and mapping_sha256 = %s"


def list_quarantined(
    database: Database, tenant_slug: str, batch_id: str | None = None
) -> list[QuarantinedRow]:
    """All open reasons of a tenant, or those of one batch, by file and row. Raises TenantNotFound."""
    tenant = tenants.get_tenant(database, tenant_slug)
    with loader_transaction(database, tenant) as connection:
        rows = connection.execute(
            """
            select stream, file_name, row_number,
                   reason ->> 'column', reason ->> 'value', reason ->> 'reason', batch_id
            from raw.quarantine, jsonb_array_elements(reasons) with ordinality as r (reason, place)
            where tenant_id = %(tenant)s and resolved_by_batch_id is null
              and (%(batch)s::text is null or batch_id = %(batch)s)
            order by quarantined_at, stream, file_name, file_sha256, row_number, row_part, place
            """,
            {"tenant": tenant.tenant_id, "batch": batch_id},
        ).fetchall()
    return [QuarantinedRow(*row) for row in rows]


def is_as_before(connection: psycopg.Connection, content: Content, refused: Sequence[RefusedRow]) -> bool:
    """Whether exactly these rows of this content stand open in quarantine, for the same reasons."""
    rows = connection.execute(
        f"select row_number, row_part, reasons from raw.quarantine where {CONTENT} and "
        f"resolved_by_batch_id is null",
        content.values,
    ).fetchall()
    stored = {(number, part): reasons for number, part, reasons in rows}
    now = {(row.row_number, row.part): [reason.as_json() for reason in row.reasons] for row in refused}
    return stored == now


def keep(
    connection: psycopg.Connection,
    content: Content,
    batch_id: str,
    file_name: str,
    refused: Sequence[RefusedRow],
) -> None:
    """Store the refused rows of a batch and resolve those rows of the same content that it accepts now."""
    connection.execute(
        f"update raw.quarantine set resolved_by_batch_id = %s where {CONTENT} and resolved_by_batch_id is "
        f"null",
        (batch_id, *content.values),
    )
    if not refused:
        return
    connection.execute(
        "create temp table refused (row_number bigint, row_part integer, original text, reasons jsonb, "
        "row_key text)"
        " on commit drop"
    )
    with connection.cursor().copy("copy refused from stdin") as copy:
        for row in refused:
            copy.write_row((row.row_number, row.part, _cut(row.original), row.reasons_json(), row.key))
    connection.execute(
        """
        insert into raw.quarantine (tenant_id, source, stream, file_sha256, mapping_sha256, row_number,
        row_part,
                                    batch_id, file_name, original, reasons, row_key, quarantined_at)
        select %s, %s, %s, %s, %s, row_number, row_part, %s, %s, original, reasons, row_key, now() from
        refused
        on conflict (tenant_id, source, stream, file_sha256, mapping_sha256, row_number, row_part) do update
        set batch_id = excluded.batch_id, file_name = excluded.file_name, original = excluded.original,
            reasons = excluded.reasons, row_key = excluded.row_key, quarantined_at = excluded.quarantined_at,
            resolved_by_batch_id = null
        """,
        (*content.values, batch_id, file_name),
    )


def open_keys(connection: psycopg.Connection, content: Content) -> list[str]:
    """Keys of open rows that other files of this source left in quarantine."""
    rows = connection.execute(
        "select distinct row_key from raw.quarantine where tenant_id = %s and source = %s and stream = %s "
        "and not (file_sha256 = %s and mapping_sha256 = %s) and resolved_by_batch_id is null and row_key "
        "is not null",
        content.values,
    ).fetchall()
    return [row[0] for row in rows]


def resolve_keys(connection: psycopg.Connection, content: Content, batch_id: str, keys: list[str]) -> None:
    """Mark rows of other files as resolved: this batch brought a good row of the same key."""
    connection.execute(
        "update raw.quarantine set resolved_by_batch_id = %s where tenant_id = %s and source = %s and "
        "stream = %s "
        "and not (file_sha256 = %s and mapping_sha256 = %s) and resolved_by_batch_id is null "
        "and row_key = any(%s)",
        (batch_id, *content.values, keys),
    )


def _cut(original: str) -> str:
    if len(original) <= LONGEST_ORIGINAL:
        return original
    return (
        f"{original[:LONGEST_ORIGINAL]}… (cut: {len(original):,} characters; the landing folder has them all)"
    )
