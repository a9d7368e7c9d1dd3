"""One batch: one stream of one file, from checked rows to the ledger, in one transaction.

Running it twice, or again after it was killed at any point, ends in the same tables: the batch's id and
sequence follow from what the ledger holds, files are renamed into place before the commit, and everything
else is in the transaction.
"""

import hashlib
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl
import psycopg

from ingestion import lake, landing, quarantine, raw_writer
from ingestion.checking.digest import with_row_hash
from ingestion.checking.duplicates import split_duplicates
from ingestion.checking.row_checks import check_rows
from ingestion.contracts.model import Stream
from ingestion.expectations import ExpectationResult, validate
from ingestion.mapping import ROW_PART
from ingestion.quarantine import CONTENT, KEY_SEPARATOR, Content, RefusedRow
from ingestion.raw_writer import NOTHING_KNOWN, ORDINAL, Known
from ingestion.readers.table import ROW_NUMBER, Reason, UnreadableRow
from ingestion.references import currencies_without_rates, unknown_references
from ingestion.results import BatchResult
from ingestion.statistics import refresh_statistics
from warehouse.batches import loader_transaction
from warehouse.database import Database
from warehouse.tenants import Tenant

REASONS_TOLD = 20


class ExpectationsFailedError(Exception):
    """Rows that passed the row checks fail the expectations: the batch must not load."""

    def __init__(self, stream: Stream, failed: list[ExpectationResult]) -> None:
        told = "; ".join(
            f"{f.expectation} on {f.column or 'the table'} ({f.unexpected} rows)" for f in failed
        )
        super().__init__(f"The rows of {stream.name} passed the row checks but not the expectations: {told}.")


@dataclass(frozen=True)
class Batch:
    """What is to be loaded.

    Args:
        frame: `_row_number`, perhaps `_row_part`, and the columns of the contract, all text.
        source: the rows as they were read, by `_row_number`, to be kept with what is refused.
        silent_rows: input rows that a mapping yields nothing for.
    """

    tenant: Tenant
    stream: Stream
    content: Content
    file_name: str
    frame: pl.DataFrame
    unreadable: list[UnreadableRow]
    source: pl.DataFrame
    silent_rows: int = 0


@dataclass
class _State:
    """What is known of a batch while it is loaded."""

    valid: pl.DataFrame
    refused: list[RefusedRow] = field(default_factory=list)
    repeats: int = 0


def load_batch(database: Database, batch: Batch, step: Callable[[str], None]) -> BatchResult:
    """Load a batch and report it. `step` is told each thing that was done."""
    state = _check(batch)
    step(f"{batch.frame.height:,} rows checked")
    with ThreadPoolExecutor(1) as pool, loader_transaction(database, batch.tenant) as connection:
        loaded_at = _begin(connection, batch.tenant.tenant_id)
        _refuse_unknown_references(connection, batch, state)
        _refuse_conflicts(batch, state)
        step("references checked")
        accepted, unchanged, known = _stage(connection, batch, state, step)
        earlier = _earlier(connection, batch.content)
        state.refused.sort(key=lambda row: (row.row_number, row.part))
        if (
            earlier
            and accepted.is_empty()
            and quarantine.is_as_before(connection, batch.content, state.refused)
        ):
            return _result(batch, state, earlier[-1], 0, unchanged, "unchanged")
        batch_id = _batch_id(batch, len(earlier))
        batch_seq = _next_seq(connection, batch.tenant.tenant_id)
        path = landing.lake_path(
            database.home, batch.tenant.slug, batch.content.source, batch.stream.name, batch_id
        )
        # While Postgres inserts, this process would only wait.
        expectations = pool.submit(validate, batch.stream, state.valid)
        twin = pool.submit(lake.write_twin, path, batch.stream, accepted, batch_seq)
        if not accepted.is_empty():
            inserted = raw_writer.write(
                connection,
                batch.tenant.tenant_id,
                batch.stream,
                batch.content.source,
                batch_id,
                loaded_at,
                known,
            )
            if inserted != accepted.height:
                raise RuntimeError(
                    f"{inserted} rows of {batch.stream.name} were inserted of {accepted.height}"
                )
        step(f"{accepted.height:,} rows inserted")
        quarantine.keep(connection, batch.content, batch_id, batch.file_name, state.refused)
        _resolve_others(connection, batch, state, batch_id)
        step(f"{len(state.refused):,} rows quarantined")
        results = expectations.result()
        failed = [result for result in results if not result.success]
        if failed:
            raise ExpectationsFailedError(batch.stream, failed)
        twin.result()
        step("written to the lake")
        status = "unchanged" if accepted.is_empty() and not state.refused else "loaded"
        result = _result(batch, state, batch_id, accepted.height, unchanged, status)
        _write_ledger(connection, batch, result, batch_seq, loaded_at, results)
        step("entered in the ledger")
    step("committed")
    refresh_statistics(database, batch.stream, accepted.height, step)
    return result


def repeat_of_the_latest(
    database: Database, tenant: Tenant, content: Content, file_name: str
) -> BatchResult | None:
    """The result of loading a content again when nothing can have changed; None: load it to know.

    Nothing can when the stream's latest batch is this very content and refused no row.
    """
    with loader_transaction(database, tenant) as connection:
        row = connection.execute(
            "select batch_id, read_count, validation -> 'messages', source, file_sha256, mapping_sha256 "
            "from raw.batch where tenant_id = %s and stream = %s and status <> 'rejected' "
            "and quarantined_count = 0 and batch_seq = "
            "(select max(batch_seq) from raw.batch where tenant_id = %s and stream = %s)",
            (tenant.tenant_id, content.stream, tenant.tenant_id, content.stream),
        ).fetchone()
    if row is None or tuple(row[3:]) != (content.source, content.file_sha256, content.mapping_sha256):
        return None
    return BatchResult(
        row[0],
        content.stream,
        content.source,
        file_name,
        row[1],
        0,
        row[1],
        0,
        "unchanged",
        tuple(row[2] or ()),
    )


def reject_batch(
    database: Database, tenant: Tenant, content: Content, file_name: str, reason: Reason
) -> BatchResult:
    """Record a file that cannot be read at all: a ledger row without rows, and row 0 in quarantine."""
    refused = [RefusedRow(0, 1, "", (reason,), None)]
    with loader_transaction(database, tenant) as connection:
        loaded_at = _begin(connection, tenant.tenant_id)
        earlier = _earlier(connection, content)
        if earlier and quarantine.is_as_before(connection, content, refused):
            batch_id = earlier[-1]
        else:
            batch_id = _content_id(tenant.slug, content, len(earlier))
            quarantine.keep(connection, content, batch_id, file_name, refused)
            connection.execute(
                LEDGER,
                (*content.values, batch_id, _next_seq(connection, tenant.tenant_id), file_name, 0, 0, 0, 0,
                 "rejected", json.dumps({"messages": [reason.reason]}), loaded_at),
            )  # fmt: skip
    return BatchResult(
        batch_id, content.stream, content.source, file_name, 0, 0, 0, 0, "rejected", (reason.reason,)
    )


def _check(batch: Batch) -> _State:
    frame = batch.frame
    if ROW_PART not in frame.columns:
        frame = frame.with_columns(pl.lit(1, dtype=pl.Int64).alias(ROW_PART))
    frame = frame.with_row_index(ORDINAL)
    checked = check_rows(frame, batch.stream)
    state = _State(with_row_hash(checked.valid, batch.stream))
    for row in batch.unreadable:
        state.refused.append(RefusedRow(row.row_number, 1, row.original, (row.reason,), None))
    positions = sorted(checked.refused)
    _refuse(batch, state, frame[positions], [checked.refused[position] for position in positions])
    return state


def _refuse(batch: Batch, state: _State, rows: pl.DataFrame, reasons: list[list[Reason]]) -> None:
    if rows.is_empty():
        return
    read = rows.select(ROW_NUMBER).join(batch.source, on=ROW_NUMBER, how="left", maintain_order="left")
    originals = read.select(pl.struct(pl.exclude(ROW_NUMBER)).struct.json_encode()).to_series().to_list()
    for row, original, why in zip(rows.iter_rows(named=True), originals, reasons, strict=True):
        key = [row[name] if row[name] is not None else "" for name in batch.stream.key]
        has_key = all(row[name] or batch.stream.column(name).nullable for name in batch.stream.key)
        text = KEY_SEPARATOR.join(key).replace("\x00", "\u2400") if has_key else None
        if text is not None and len(text) > 1000:
            text = None
        state.refused.append(RefusedRow(row[ROW_NUMBER], row[ROW_PART], original, tuple(why), text))


def _refuse_positions(batch: Batch, state: _State, refused: dict[int, list[Reason]]) -> None:
    if not refused:
        return
    positions = sorted(refused)
    _refuse(batch, state, state.valid[positions], [refused[position] for position in positions])
    keep = pl.Series([True] * state.valid.height)
    keep[positions] = False
    state.valid = state.valid.filter(keep)


def _refuse_unknown_references(connection: psycopg.Connection, batch: Batch, state: _State) -> None:
    for unknown in (unknown_references, currencies_without_rates):
        refused = unknown(connection, batch.tenant.tenant_id, batch.stream, state.valid)
        _refuse_positions(batch, state, refused)


def _refuse_conflicts(batch: Batch, state: _State) -> None:
    split = split_duplicates(state.valid, batch.stream)
    _refuse(batch, state, split.conflicts, split.conflict_reasons)
    state.valid, state.repeats = split.first, split.repeats


def _stage(
    connection: psycopg.Connection, batch: Batch, state: _State, step: Callable[[str], None]
) -> tuple[pl.DataFrame, int, Known]:
    """Stages the valid rows; returns the accepted ones, how many are unchanged, and how they compare."""
    if state.valid.is_empty():
        return state.valid, state.repeats, NOTHING_KNOWN
    raw_writer.stage(connection, batch.stream, state.valid)
    step(f"{state.valid.height:,} rows copied")
    tenant_id = batch.tenant.tenant_id
    if not raw_writer.has_current_rows(connection, tenant_id, batch.stream):
        return state.valid, state.repeats, NOTHING_KNOWN
    known = raw_writer.compare(connection, tenant_id, batch.stream, batch.content.source)
    step("compared with what is known")
    ordinals = state.valid.get_column(ORDINAL)
    if known.foreign:
        positions = ordinals.is_in(list(known.foreign)).arg_true().to_list()
        reasons = {position: [_foreign(batch, known.foreign[ordinals[position]])] for position in positions}
        _refuse_positions(batch, state, reasons)
    accepted = state.valid
    if known.unchanged.len():
        accepted = accepted.filter(~pl.col(ORDINAL).is_in(known.unchanged.implode()))
    return accepted, known.unchanged.len() + state.repeats, known


def _foreign(batch: Batch, owner: str) -> Reason:
    key = ", ".join(batch.stream.key)
    return Reason(
        batch.stream.key[0],
        "",
        f"the key ({key}) belongs to the source {owner!r}, which loaded it first; a row has one source. "
        f"Give the rows of {batch.content.source!r} ids of their own",
    )


def _resolve_others(connection: psycopg.Connection, batch: Batch, state: _State, batch_id: str) -> None:
    keys = quarantine.open_keys(connection, batch.content)
    if not keys:
        return
    brought = state.valid.select(
        pl.concat_str([pl.col(name).fill_null("") for name in batch.stream.key], separator=KEY_SEPARATOR)
    ).to_series()
    resolved = brought.filter(brought.is_in(keys)).to_list()
    if resolved:
        quarantine.resolve_keys(connection, batch.content, batch_id, resolved)


def _begin(connection: psycopg.Connection, tenant_id: int) -> datetime:
    """Loads of one tenant follow each other from here to the commit; returns the instant of this one."""
    connection.execute(
        "select pg_advisory_xact_lock(hashtextextended('capstan load ' || %s::text, 0))", (tenant_id,)
    )
    row = connection.execute("select clock_timestamp()").fetchone()
    assert row is not None
    return datetime.fromisoformat(row[0].isoformat())


def _earlier(connection: psycopg.Connection, content: Content) -> list[str]:
    rows = connection.execute(
        f"select batch_id from raw.batch where {CONTENT} order by batch_seq", content.values
    ).fetchall()
    return [row[0] for row in rows]


def _batch_id(batch: Batch, times: int) -> str:
    return _content_id(batch.tenant.slug, batch.content, times)


def _content_id(slug: str, content: Content, times: int) -> str:
    parts = [slug, content.source, content.stream, content.file_sha256, content.mapping_sha256, times]
    return hashlib.sha256(json.dumps(parts).encode("utf-8")).hexdigest()[:24]


def _next_seq(connection: psycopg.Connection, tenant_id: int) -> int:
    row = connection.execute(
        "select coalesce(max(batch_seq), 0) + 1 from raw.batch where tenant_id = %s", (tenant_id,)
    ).fetchone()
    assert row is not None
    return int(row[0])


LEDGER = """
insert into raw.batch (tenant_id, source, stream, file_sha256, mapping_sha256, batch_id, batch_seq, file_name,
                       read_count, accepted_count, unchanged_count, quarantined_count, status, validation,
                       started_at, finished_at)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, clock_timestamp())
"""


def _write_ledger(
    connection: psycopg.Connection,
    batch: Batch,
    result: BatchResult,
    batch_seq: int,
    started_at: datetime,
    expectations: list[ExpectationResult],
) -> None:
    validation = {
        "expectations": [expectation.as_json() for expectation in expectations],
        "input_rows_without_output": batch.silent_rows,
        "messages": list(result.reasons),
    }
    connection.execute(
        LEDGER,
        (
            *batch.content.values, result.batch_id, batch_seq, batch.file_name,
            result.read, result.accepted, result.unchanged, result.quarantined, result.status,
            json.dumps(validation), started_at,
        ),
    )  # fmt: skip


def _result(
    batch: Batch, state: _State, batch_id: str, accepted: int, unchanged: int, status: str
) -> BatchResult:
    read = batch.frame.height + len(batch.unreadable)
    quarantined = len(state.refused)
    if accepted + unchanged + quarantined != read:
        raise RuntimeError(
            f"{batch.file_name}: {accepted} accepted + {unchanged} unchanged + {quarantined} quarantined "
            f"are not the {read} rows that were read"
        )
    return BatchResult(
        batch_id,
        batch.stream.name,
        batch.content.source,
        batch.file_name,
        read,
        accepted,
        unchanged,
        quarantined,
        status,
        tuple(_reasons(batch, state)),
    )


def _reasons(batch: Batch, state: _State) -> list[str]:
    told = [
        f"{batch.file_name}, row {row.row_number}"
        + (f", {reason.column}" if reason.column else "")
        + (f" {reason.value!r}" if reason.value and reason.column else "")
        + f": {reason.reason}"
        for row in state.refused[:REASONS_TOLD]
        for reason in row.reasons
    ]
    if len(state.refused) > REASONS_TOLD:
        told.append(f"and {len(state.refused) - REASONS_TOLD:,} more rows; `capstan quarantine` lists all")
    if state.repeats:
        told.append(f"{state.repeats:,} rows repeat an earlier row of the file; they count as unchanged")
    if batch.source.is_empty() and not batch.unreadable:
        told.append(f"{batch.file_name} has a header and no rows, so there was nothing to load")
    if batch.silent_rows:
        told.append(f"{batch.silent_rows:,} rows of the file yield no {batch.stream.name}")
    return told
