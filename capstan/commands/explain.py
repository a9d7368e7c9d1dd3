"""`capstan explain`: one number down to the files and rows that it comes from."""

from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from capstan.cli import Context, pass_context
from capstan.commands.options import IsoDate, IsoInstant, json_option
from capstan.terminal import as_text, emit_json, emit_table

if TYPE_CHECKING:
    from warehouse.explanations import Explanation


@click.command()
@click.argument("slug")
@click.argument("metric")
@click.option("--as", "email", required=True, metavar="EMAIL", help="Whose number it is.")
@click.option("--vehicle", required=True, metavar="ID", help="The fund or round.")
@click.option(
    "--investor", metavar="ID", help="One investor's number; without it the vehicle's, or an LP's own."
)
@click.option(
    "--as-of", type=IsoDate(), metavar="DATE", help="At this date or the last one before; else the latest."
)
@click.option(
    "--known-at",
    type=IsoInstant(),
    metavar="TIME",
    help="As published at this time (2026-04-20T09:00Z), from the rows known then; else now.",
)
@json_option
@pass_context
def explain(
    context: Context,
    slug: str,
    metric: str,
    email: str,
    vehicle: str,
    investor: str | None,
    as_of: date | None,
    known_at: datetime | None,
    as_json: bool,
) -> None:
    """Explain a number as a person sees it: formula, inputs with file and row, the number again.

    The second number is computed from the inputs listed, in the same session. Exit code 1 where they differ.

    \b
    Example:
      capstan explain aldersyde --as office@carrowdenne.example irr --vehicle fund-1 --as-of 2026-09-30
    """
    from capstan.errors import CapstanError
    from reporting.presentation.metric_register import UnknownMetric
    from reporting.presentation.metric_register import metric as registered
    from warehouse.explanations import MetricText
    from warehouse.explanations import explain as explained
    from warehouse.known_at import KnownAt
    from warehouse.sessions import Sessions, viewer_for

    try:
        words = registered(metric)
    except UnknownMetric as error:
        raise CapstanError(str(error)) from error
    text = MetricText(words.name, words.title, words.question, words.formula, words.unit)
    viewer = viewer_for(context.database, email, slug)
    with Sessions(context.database) as sessions, sessions.read(viewer) as reader:
        rows = KnownAt(reader, known_at) if known_at else reader
        found = explained(rows, text, vehicle, investor_id=investor, as_of=as_of)
    if as_json:
        emit_json(asdict(found))
    else:
        _show(found)
    if found.agrees is False:
        raise click.exceptions.Exit(1)


def _show(found: "Explanation") -> None:
    whose = f", investor {found.investor_id}" if found.investor_id else ""
    what = f"{found.metric.title} of {found.vehicle_name}{whose}, as of {found.as_of}"
    click.echo(f"{what}: {_worded(found, found.value)}")
    click.echo(f"Question: {found.metric.question}")
    click.echo(f"Formula:  {found.metric.formula}")
    if found.reason:
        click.echo(f"Note:     {found.reason}")
    click.echo("")
    emit_table(
        ("used_for", "what", "investor", "on", "amount", "currency", "file", "row"),
        [
            (
                i.used_for,
                i.label,
                i.investor_id,
                i.on_date,
                i.amount,
                i.currency_code,
                i.source_file,
                i.row_number,
            )
            for i in found.inputs
        ],
    )
    click.echo("")
    if found.agrees is None:
        click.echo(f"Computed again: not from these rows alone ({found.reason}).")
    else:
        verdict = "agrees" if found.agrees else "DOES NOT AGREE"
        again = _worded(found, found.recomputed)
        click.echo(f"Computed again from these {len(found.inputs)} rows: {again} ({verdict})")


def _worded(found: "Explanation", value: Any) -> str:
    if value is None:
        return f"no number: {found.reason or found.status}"
    unit = f" {found.currency_code}" if isinstance(value, Decimal) else ""
    return f"{as_text(value)}{unit}"
