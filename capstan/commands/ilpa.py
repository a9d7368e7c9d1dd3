"""`capstan ilpa`: ILPA's templates as workbooks, made in one person's own database session."""

from datetime import UTC, datetime
from pathlib import Path

import click

from capstan.cli import Context, pass_context
from capstan.commands.options import json_option
from capstan.terminal import emit_json, say


@click.command()
@click.argument("slug")
@click.option("--as", "email", required=True, metavar="EMAIL", help="Whose session it is.")
@click.option(
    "--template",
    type=click.Choice(["reporting", "performance", "capital-call"]),
    default="reporting",
    show_default=True,
    help="Reporting Template v2.0, Performance Template v1.1, or Capital Call & Distribution Template v2.0.",
)
@click.option(
    "--method",
    type=click.Choice(["granular", "gross-up"]),
    default="granular",
    show_default=True,
    help="Of the Performance Template; one method for the life of a fund.",
)
@click.option("--vehicle", required=True, metavar="ID", help="The fund.")
@click.option("--investor", metavar="ID", help="The holder it is for; an LP's own where there is one.")
@click.option("--whole-fund", is_flag=True, help="All limited partners together: for the fund's own people.")
@click.option("--period", required=True, metavar="2026Q3", help="The quarter reported on.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.xlsx",
    help="Where to write it; an existing file is replaced. By default a name in this folder.",
)  # fmt: skip
@json_option
@pass_context
def ilpa(
    context: Context,
    slug: str,
    email: str,
    template: str,
    method: str,
    vehicle: str,
    investor: str | None,
    whole_fund: bool,
    period: str,
    out: Path | None,
    as_json: bool,
) -> None:
    """Write an ILPA template of a fund, a holder and a quarter as an Excel workbook with live sums.

    It holds what that person may read: an LP its own allocation beside the total fund, never another LP's.
    docs/metrics/ilpa.md says where each row comes from and what is not verified against ILPA's own files.

    \b
    Example:
      capstan ilpa aldersyde --as office@carrowdenne.example --vehicle fund-1 --whole-fund \\
        --period 2026Q3 --out rt.xlsx
    """
    from capstan.errors import CapstanError
    from reporting.ilpa.templates import template_named
    from reporting.packs.periods import quarter_named
    from warehouse import audit
    from warehouse.sessions import Sessions, viewer_for

    quarter = quarter_named(period)
    viewer = viewer_for(context.database, email, slug)
    if whole_fund and investor:
        raise click.UsageError("--whole-fund and --investor exclude each other: name one of them")
    own = viewer.investor_ids[0] if len(viewer.investor_ids) == 1 else None
    holder = None if whole_fund else investor or own
    if holder is None and not whole_fund:
        raise click.UsageError(
            "--investor ID is missing: which holder's allocation is it? "
            + (
                f"You may read {', '.join(viewer.investor_ids)}."
                if viewer.investor_ids
                else "--whole-fund gives all limited partners together."
            )
        )
    whose = holder or "whole-fund"
    path = out or Path(f"ilpa-{template}-{vehicle}-{whose}-{quarter.name}.xlsx")
    render = template_named(template, method)
    with Sessions(context.database) as sessions:
        told = f"ilpa {template} {vehicle} {whose} {quarter.name}"
        audit.record(context.database, viewer, audit.STATEMENT_DOWNLOADED, told, sessions=sessions)
        with sessions.read(viewer) as reader:
            book = render(reader, vehicle, holder, quarter, prepared_on=datetime.now(UTC).date())
    try:
        book.save(path)
    except OSError as error:
        raise CapstanError(f"{path} cannot be written: {error.strerror or error}") from error
    facts = {
        "template": template, "vehicle": vehicle, "investor": holder, "period": quarter.name,
        "file": str(path), "sheets": book.sheetnames,
    }  # fmt: skip
    if as_json:
        emit_json(facts)
    else:
        say(f"{path}: {', '.join(book.sheetnames)}")
