"""`ingest`: from files to batches: which file is read with which mapping, in which order."""

import re
from collections.abc import Sequence
from pathlib import Path, PurePath

from ingestion.batch import Batch, ExpectationsFailedError, load_batch, reject_batch, repeat_of_the_latest
from ingestion.checking.header import with_contract_columns, without_strays
from ingestion.checking.row_checks import shorten
from ingestion.connectors.shipped import connector_mappings, connector_names
from ingestion.contracts.model import Stream
from ingestion.contracts.registry import STREAM_NAMES, load_rank, stream_named
from ingestion.errors import UnreadableFileError, WrongUsageError
from ingestion.expectations import warm_up
from ingestion.landing import content_digest, land
from ingestion.mapping import ROW_PART, Mapping, read_mapping, run_mapping
from ingestion.quarantine import Content
from ingestion.readers.open_file import read_file
from ingestion.readers.options import ReadOptions
from ingestion.readers.table import Reason, TextTable, storable
from ingestion.results import BatchResult, Progress
from warehouse.database import Database
from warehouse.tenants import PLATFORM_SLUG, Tenant, get_tenant

CANONICAL = "capstan"
SOURCE = re.compile(r"[a-z][a-z0-9_]{0,40}")


def ingest(
    database: Database,
    tenant_slug: str,
    source: str,
    paths: Sequence[Path | str],
    *,
    stream: str | None = None,
    mappings: Sequence[Path | str] = (),
    progress: Progress | None = None,
) -> list[BatchResult]:
    """Load files for a tenant; one result a file and stream, parents before children.

    Args:
        source: `capstan` for canonical files, a shipped connector, or any name with `mappings` or
        canonical files.
        stream: the stream of canonical files; by default each file's name begins with it.
        mappings: mapping files; each is applied to each path.
        progress: told a sentence at each step.

    Raises:
        WrongUsageError: an unknown source, stream or path, or what does not go together.
        MappingError: a mapping that is none. Bad rows and bad files raise nothing: they are quarantined
            and reported.
        TenantNotFound: there is no such tenant.
    """
    tenant = get_tenant(database, tenant_slug)
    files = _files(paths)
    tell = progress or (lambda _: None)
    loads = _plan(source, files, stream, mappings)
    for _, target, _ in loads:
        _check_home(tenant, target)
    warm_up()
    return [_load(database, tenant, source, path, target, mapping, tell) for path, target, mapping in loads]


def _files(paths: Sequence[Path | str]) -> list[Path]:
    if not paths:
        raise WrongUsageError("No file was given; name one or more files or folders.")
    files: list[Path] = []
    for given in map(Path, paths):
        if given.is_dir():
            files += sorted(p for p in given.iterdir() if p.is_file() and not p.name.startswith("."))
        elif given.is_file():
            files.append(given)
        else:
            raise WrongUsageError(f"There is no file {given}.")
    return files


def _plan(
    source: str, files: list[Path], stream: str | None, mappings: Sequence[Path | str]
) -> list[tuple[Path, Stream, Mapping | None]]:
    if not SOURCE.fullmatch(source):
        raise WrongUsageError(
            f"The source {source!r} is not allowed: small letters, digits and underscores, a letter first."
        )
    if mappings and stream:
        raise WrongUsageError(
            "A mapping names its stream itself; leave out either the stream or the mapping."
        )
    read = [read_mapping(Path(path)) for path in mappings]
    if not read and source != CANONICAL and not stream:
        read = connector_mappings(source)
        if not read and not any(_stream_in(path.name) for path in files):
            raise WrongUsageError(
                f"There is no connector {source!r}. Shipped are {', '.join(connector_names())}; canonical "
                f"files have "
                f"the source {CANONICAL!r}; for anything else give a mapping."
            )
    if read:
        loads: list[tuple[Path, Stream, Mapping | None]] = [(p, m.stream, m) for m in read for p in files]
    else:
        loads = [(path, _stream_of(path, stream), None) for path in files]
    return sorted(loads, key=lambda load: load_rank(load[1].name))


def _stream_of(path: Path, stream: str | None) -> Stream:
    if stream:
        return stream_named(stream)
    found = _stream_in(path.name)
    if found is None:
        raise WrongUsageError(
            f"Which stream is in {path.name}? Its name begins with none of {', '.join(STREAM_NAMES)}. "
            f"Name the stream (--stream), or give a mapping."
        )
    return stream_named(found)


def _stream_in(file_name: str) -> str | None:
    stem = PurePath(file_name).name.split(".")[0].lower()
    fitting = [name for name in STREAM_NAMES if stem == name or stem.startswith((f"{name}_", f"{name}-"))]
    return max(fitting, key=len, default=None)


def _check_home(tenant: Tenant, stream: Stream) -> None:
    if stream.platform and tenant.slug != PLATFORM_SLUG:
        raise WrongUsageError(
            f"The stream {stream.name} is shared by all tenants: load it for {PLATFORM_SLUG!r}, not "
            f"{tenant.slug!r}."
        )
    if not stream.platform and tenant.slug == PLATFORM_SLUG:
        raise WrongUsageError(
            f"The stream {stream.name} belongs to a tenant; {PLATFORM_SLUG!r} holds fx_rates and "
            f"index_levels only."
        )


def _load(
    database: Database,
    tenant: Tenant,
    source: str,
    path: Path,
    stream: Stream,
    mapping: Mapping | None,
    tell: Progress,
) -> BatchResult:
    def step(what: str) -> None:
        tell(f"{storable(path.name)}: {stream.name}: {what}")

    data = path.read_bytes()
    name = storable(path.name)
    digest = content_digest(data)
    land(database.home, data, digest)
    step("landed")
    content = Content(tenant.tenant_id, source, stream.name, digest, mapping.sha256 if mapping else "")
    repeated = repeat_of_the_latest(database, tenant, content, name)
    if repeated is not None:
        step("nothing has changed since it was loaded")
        return repeated
    try:
        batch = _read(tenant, stream, mapping, content, name, data)
        step(f"{batch.frame.height + len(batch.unreadable):,} rows read")
        return load_batch(database, batch, step)
    except UnreadableFileError as error:
        reason = Reason(error.column or "", shorten(error.value or ""), str(error))
        result = reject_batch(database, tenant, content, name, reason)
    except ExpectationsFailedError as error:
        result = reject_batch(database, tenant, content, name, Reason("", "", str(error)))
    step("rejected")
    return result


def _read(
    tenant: Tenant, stream: Stream, mapping: Mapping | None, content: Content, file_name: str, data: bytes
) -> Batch:
    if mapping is None:
        table = without_strays(read_file(data, file_name, ReadOptions()), stream)
        frame = with_contract_columns(table, stream, file_name)
        return Batch(tenant, stream, content, file_name, frame, table.unreadable, table.frame)
    table = read_file(data, file_name, mapping.options)
    mapped = run_mapping(mapping, table, file_name)
    rows = mapped.table
    parts = rows.frame.get_column(ROW_PART)
    bare = TextTable(rows.frame.drop(ROW_PART), rows.unreadable)
    frame = with_contract_columns(bare, stream, f"The mapping {mapping.name} over {file_name}").with_columns(
        parts
    )
    return Batch(tenant, stream, content, file_name, frame, rows.unreadable, table.frame, mapped.silent_rows)
