"""Files into raw tables: one asset a canonical stream, all loaded by one function, and their sources."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg

from ingestion.connectors.shipped import connector_mappings, connector_names
from ingestion.contracts.registry import STREAM_NAMES
from ingestion.errors import IngestionError
from ingestion.loading import CANONICAL, ingest
from ingestion.results import BatchResult
from orchestration.defs.tenants import TENANTS
from orchestration.lib import inbox
from orchestration.lib.batch_reports import StreamReport, check_name, check_names, reports
from orchestration.lib.load_order import in_order
from orchestration.resources.warehouse import Warehouse
from warehouse.errors import WarehouseError

RAW_KEYS = {stream: dg.AssetKey(["raw", f"capstan__{stream}"]) for stream in STREAM_NAMES}


class FilesOfSource(dg.Config):
    """Files of one source. `stream` and `mappings` mean the same as for `capstan ingest`."""

    source: str
    paths: list[str]
    stream: str | None = None
    mappings: list[str] = []  # noqa: RUF012 - pydantic copies it


class LoadConfig(dg.Config):
    """What to load for the tenant of the partition: files named here, or a claim of the inbox."""

    files: list[FilesOfSource] = []  # noqa: RUF012 - pydantic copies it
    claim: str | None = None


def sources_of(stream: str) -> list[str]:
    """The sources that can bring this stream: canonical files, and the connectors that map to it."""
    mapped = [
        name for name in connector_names() if any(m.stream.name == stream for m in connector_mappings(name))
    ]
    return [CANONICAL, *mapped]


def source_assets() -> list[dg.AssetSpec]:
    """Where lineage begins: a folder of the inbox a source."""
    return [
        dg.AssetSpec(
            ["inbox", source],
            group_name="sources",
            kinds={"file"},
            description=f"Files of `{source}`: dropped into inbox/<tenant>/{source}/, or loaded by hand.",
        )
        for source in (CANONICAL, *connector_names())
    ]


def _specs() -> list[dg.AssetSpec]:
    return [
        dg.AssetSpec(
            key,
            deps=[["inbox", source] for source in sources_of(stream)],
            group_name="raw",
            kinds={"postgres", "parquet"},
            skippable=True,
            description=f"The stream `{stream}`: every version of every row, with the file and line of each.",
            partitions_def=TENANTS,
        )
        for stream, key in RAW_KEYS.items()
    ]


def _check_specs() -> list[dg.AssetCheckSpec]:
    return [
        dg.AssetCheckSpec(
            name, asset=key, description="Great Expectations, over the rows that the load accepted."
        )
        for stream, key in RAW_KEYS.items()
        for name in check_names(stream)
    ]


@dg.multi_asset(name="load_files", specs=_specs(), check_specs=_check_specs(), can_subset=True)
def load_files(
    context: dg.AssetExecutionContext, config: LoadConfig, warehouse: dg.ResourceParam[Warehouse]
) -> Iterator[dg.MaterializeResult]:
    """Load the configured files of one tenant. A refused file fails the run at its end; others are loaded."""
    tenant = context.partition_key
    results: list[BatchResult] = []
    problems: list[str] = []
    for load, claimed in _loads(config, tenant, warehouse):
        for path in load.paths:
            outcome, problem = _load_one(context, warehouse, tenant, load, path)
            results += outcome
            if problem:
                problems.append(problem)
            if claimed is not None:
                folder = warehouse.database.home / "inbox"
                if problem:
                    inbox.file_failed(folder, claimed, Path(path), problem)
                else:
                    inbox.file_done(folder, claimed, Path(path))
    for report in reports(warehouse.database, tenant, results):
        yield _result(report)
    if problems:
        raise dg.Failure(
            description=f"{len(problems)} file(s) of {tenant} were not loaded:\n" + "\n".join(problems),
            allow_retries=False,
        )


def _loads(
    config: LoadConfig, tenant: str, warehouse: Warehouse
) -> Iterator[tuple[FilesOfSource, inbox.Claim | None]]:
    for files in config.files:
        yield files.model_copy(update={"paths": in_order(files.paths)}), None
    if config.claim is not None:
        claimed = inbox.claim_named(warehouse.database.home / "inbox", tenant, config.claim)
        sources = {str(path): source for source, path in claimed.files()}
        for path in in_order(sources):
            yield FilesOfSource(source=sources[path], paths=[path]), claimed


def _load_one(
    context: dg.AssetExecutionContext, warehouse: Warehouse, tenant: str, load: FilesOfSource, path: str
) -> tuple[list[BatchResult], str | None]:
    """The batches of one file, and why it was refused if it was."""
    try:
        found = ingest(
            warehouse.database,
            tenant,
            load.source,
            [path],
            stream=load.stream,
            mappings=load.mappings,
            progress=context.log.info,
        )
    except (IngestionError, WarehouseError) as error:
        return [], f"{Path(path).name}: {error}"
    rejected = [reason for batch in found if batch.status == "rejected" for reason in batch.reasons]
    return found, f"{Path(path).name}: {' '.join(rejected)}" if rejected else None


def _result(report: StreamReport) -> dg.MaterializeResult:
    key = RAW_KEYS[report.stream]
    return dg.MaterializeResult(
        asset_key=key,
        metadata={
            **report.counts(),
            "batches": [batch.as_json() for batch in report.batches],
        },
        check_results=[
            dg.AssetCheckResult(
                asset_key=key,
                check_name=check_name(found.expectation, found.column),
                passed=found.success,
                metadata={"unexpected_rows": found.unexpected},
            )
            for found in report.expectations
        ],
    )


LOAD_JOB = dg.define_asset_job(
    "load_tenant_files",
    selection=dg.AssetSelection.assets(load_files),
    description="Load files of one tenant into the raw tables.",
)
