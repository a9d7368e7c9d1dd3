"""`capstan explain`: one number down to the files and rows that it comes from."""

from dataclasses import asdict
from datetime import date, datetime
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
@click.option("--vehicle", metavar="ID", help="The fund or round.")
@click.option(
    "--investor", metavar="ID", help="One investor's number; without it the vehicle's, or an LP's own."
)
@click.option("--holding", metavar="ID", help="A company that a fund owns part of.")
@click.option("--pool", metavar="ID", help="Funds or holdings pooled: all, vintage:2018, sector:Energy …")
@click.option("--stage", metavar="STAGE", help="A stage of the round: contacted, meeting, dd …")
@click.option("--commitment", metavar="ID", help="One commitment, for what is collected of it.")
@click.option("--view", metavar="ID", help="One view in the deal room.")
@click.option(
    "--currency",
    metavar="CODE",
    help="A portfolio or value bridge as told in this currency; else the usual one.",
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
    vehicle: str | None,
    investor: str | None,
    holding: str | None,
    pool: str | None,
    stage: str | None,
    commitment: str | None,
    view: str | None,
    currency: str | None,
    as_of: date | None,
    known_at: datetime | None,
    as_json: bool,
) -> None:
    """Explain a number as a person sees it: formula, inputs with file and row, the number again.

    What it is of is named by its ids: a vehicle, an investor in it, an investor's whole portfolio, a pool …
    The second number is computed from the inputs listed, in the same session. Exit code 1 where they differ.

    \b
    Example:
      capstan explain aldersyde --as office@carrowdenne.example irr --vehicle fund-1 --as-of 2026-09-30
    """
    from reporting.presentation.metric_register import UnknownMetric
    from reporting.presentation.metric_register import metric as registered
    from warehouse.explanations import MetricText, NotExplainable, no_metric
    from warehouse.explanations import explain as explained
    from warehouse.known_at import KnownAt
    from warehouse.sessions import Sessions, viewer_for

    try:
        words = registered(metric)
    except UnknownMetric as error:
        raise NotExplainable(no_metric(metric)) from error
    text = MetricText(words.name, words.title, words.question, words.formula, words.unit, words.served_by)
    viewer = viewer_for(context.database, email, slug)
    with Sessions(context.database) as sessions, sessions.read(viewer) as reader:
        rows = KnownAt(reader, known_at) if known_at else reader
        found = explained(
            rows, text, vehicle, investor_id=investor, holding_id=holding, pool_id=pool, stage=stage,
            commitment_id=commitment, view_id=view, currency_code=currency, as_of=as_of,
        )  # fmt: skip
    if as_json:
        emit_json(asdict(found))
    else:
        _show(found)
    if found.agrees is False:
        raise click.exceptions.Exit(1)


def _show(found: "Explanation") -> None:
    of = ", ".join(
        f"{name.removesuffix('_id').removesuffix('_code')} {value}" for name, value in found.about.items()
    )
    when = f", as of {found.as_of}" if found.as_of else ""
    what = f"{found.metric.title} of {f'{found.vehicle_name}, ' if found.vehicle_name else ''}{of}{when}"
    click.echo(f"{what}: {_worded(found, found.value)}")
    click.echo(f"Question: {found.metric.question}")
    click.echo(f"Formula:  {found.metric.formula}")
    click.echo(f"Place:    {found.place}")
    if found.reason:
        click.echo(f"Note:     {found.reason}")
    click.echo("")
    emit_table(
        ("used_for", "what", "vehicle", "investor", "on", "amount", "currency", "file", "row"),
        [
            (
                i.used_for,
                i.label,
                i.vehicle_id,
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
    unit = f" {found.currency_code}" if found.metric.unit == "money" and found.currency_code else ""
    return f"{as_text(value)}{unit}"
