"""`capstan quarantine`: rows that were refused."""

from typing import Any

import click

from capstan.cli import Context, pass_context
from capstan.commands.options import json_option
from capstan.terminal import emit_json, emit_table, say

COLUMNS = ("stream", "file_name", "row_number", "column", "value", "reason", "batch_id")


@click.command()
@click.argument("slug")
@click.option("--batch", "batch_id", metavar="ID", help="Only rows of this batch.")
@json_option
@pass_context
def quarantine(context: Context, slug: str, batch_id: str | None, as_json: bool) -> None:
    """List the rows of a tenant that were refused, one line a reason. Correct them and load the file again.

    \b
    Example:
      capstan quarantine aldersyde
    """
    from ingestion.quarantine import list_quarantined

    found: list[Any] = list_quarantined(context.database, slug, batch_id)
    rows = [[getattr(item, name) for name in COLUMNS] for item in found]
    if as_json:
        emit_json([dict(zip(COLUMNS, row, strict=True)) for row in rows])
        return
    emit_table(COLUMNS, rows)
    say(f"({len({(row[1], row[2], row[6]) for row in rows})} rows refused)")
