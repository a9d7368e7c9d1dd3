"""`capstan query`: any SQL, in one person's own database session."""

import sys
from datetime import datetime

import click

from capstan.cli import Context, pass_context
from capstan.commands.options import IsoInstant
from capstan.terminal import emit_csv, emit_records, emit_table, say


@click.command()
@click.argument("slug")
@click.argument("sql")
@click.option("--as", "email", required=True, metavar="EMAIL", help="Whose session it is.")
@click.option(
    "--format",
    "shape",
    type=click.Choice(["table", "csv", "json"]),
    default="table",
    show_default=True,
    help="How rows are printed.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option(
    "--known-at",
    type=IsoInstant(),
    metavar="TIME",
    help="Marts as published at this time (2026-04-20T09:00Z); only those that keep versions.",
)
@pass_context
def query(
    context: Context, slug: str, sql: str, email: str, shape: str, as_json: bool, known_at: datetime | None
) -> None:
    """Run SQL as a person of a tenant, and print what that person would see. Read-only.

    One statement of any shape; `-` reads it from standard input. Tables of the marts need no schema name.
    What the person may not see does not exist for it: the database decides, not this command.

    \b
    Example:
      capstan query aldersyde --as office@carrowdenne.example \\
        "select vehicle_name, as_of, tvpi, irr from fct_investor_performance where is_latest"
    """
    from warehouse import audit
    from warehouse.known_at import KnownAt
    from warehouse.sessions import Sessions, viewer_for

    text = sys.stdin.read() if sql == "-" else sql
    if not text.strip():
        raise click.UsageError("there is no SQL to run")
    viewer = viewer_for(context.database, email, slug)
    with Sessions(context.database) as sessions:
        audit.record(context.database, viewer, audit.QUERIED, text[:1000], sessions=sessions)
        with sessions.read(viewer) as reader:
            marts = reader
            if known_at:
                marts = KnownAt(reader, known_at)
                if as_now := marts.only_as_of_now(text):
                    raise click.UsageError(
                        f"{', '.join(as_now)} cannot be read as known at a time: name marts without their "
                        "schema, and only those that keep versions (docs/metrics/two_dates.md)"
                    )
            columns, rows = marts.columns_and_rows(text)
    if as_json or shape == "json":
        emit_records(columns, rows)
    elif shape == "csv":
        emit_csv(columns, rows)
    else:
        emit_table(columns, rows)
        say(f"({len(rows)} row{'' if len(rows) == 1 else 's'})")
