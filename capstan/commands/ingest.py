"""`capstan ingest`: files of a tenant into the raw tables."""

from pathlib import Path
from typing import Any

import click

from capstan.cli import Context, pass_context
from capstan.commands.options import json_option
from capstan.terminal import emit_json, emit_table, say


@click.command()
@click.argument("slug")
@click.argument("source")
@click.argument(
    "paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(exists=True, path_type=Path)
)
@click.option(
    "--stream", metavar="NAME", help="The canonical stream; else the file's name says it (views.csv)."
)
@click.option(
    "--mapping",
    "mappings",
    multiple=True,
    metavar="FILE.sql",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Load through this mapping; several load several streams from the same file.",
)
@click.option("--refresh", "then_refresh", is_flag=True, help="Recompute the tenant's marts afterwards.")
@json_option
@pass_context
def ingest(
    context: Context,
    slug: str,
    source: str,
    paths: tuple[Path, ...],
    stream: str | None,
    mappings: tuple[Path, ...],
    then_refresh: bool,
    as_json: bool,
) -> None:
    """Load files (CSV, Parquet, JSON Lines) or folders of them for the tenant SLUG from SOURCE.

    SOURCE is `capstan` for canonical files, or a connector's name. Rows that break the contract go to
    quarantine and the rest loads; loading the same file again changes nothing. Exit code 1 only where a
    whole file was refused.

    \b
    Examples:
      capstan ingest aldersyde capstan transactions.csv valuations.parquet
      capstan ingest northmere maven --mapping opportunities.sql pipeline.csv --refresh
    """
    from ingestion.loading import ingest as load

    results = load(
        context.database,
        slug,
        source,
        list(paths),
        stream=stream,
        mappings=list(mappings),
        progress=None if as_json else say,
    )
    refreshed: list[str] = []
    if then_refresh:
        from capstan.commands.refresh import recompute

        refreshed = recompute(context.database, [slug], quiet=as_json)
    if as_json:
        document: dict[str, Any] = {"batches": [_as_document(item) for item in results]}
        if then_refresh:
            document["refreshed"] = refreshed
        emit_json(document)
    else:
        _show(slug, results, then_refresh)
    if any(item.status == "rejected" for item in results):
        raise click.exceptions.Exit(1)


def _as_document(item: Any) -> dict[str, Any]:
    return {
        "batch_id": item.batch_id,
        "stream": item.stream,
        "source": item.source,
        "file_name": item.file_name,
        "read": item.read,
        "accepted": item.accepted,
        "quarantined": item.quarantined,
        "unchanged": item.unchanged,
        "status": item.status,
        "reasons": item.reasons,
    }


def _show(slug: str, results: list[Any], refreshed: bool) -> None:
    columns = ("file_name", "stream", "read", "accepted", "unchanged", "quarantined", "status")
    emit_table(columns, [[getattr(item, name) for name in columns] for item in results])
    for item in results:
        for reason in list(item.reasons)[:5] if item.status == "rejected" or not item.read else ():
            say(f"{item.file_name}: {_reason(reason)}")
    if any(item.quarantined for item in results):
        say(f"Some rows were refused: `capstan quarantine {slug}` lists them with every reason.")
    if any(item.accepted for item in results) and not refreshed:
        say(f"Next: `capstan refresh {slug}` recomputes the marts.")


def _reason(reason: Any) -> str:
    if isinstance(reason, dict):
        return str(reason.get("reason") or reason)
    return str(reason)
