"""`capstan recompute`: compute a tenant's numbers a second time, without the database, and compare."""

import click

from capstan.cli import Context, pass_context
from capstan.commands.options import json_option
from capstan.terminal import emit_json, emit_table, say, step

SHOWN = 40


@click.command()
@click.argument("slug")
@json_option
@pass_context
def recompute(context: Context, slug: str, as_json: bool) -> None:
    """Compute every number of a tenant again from its files, in Python, and compare with the marts.

    Exits 1 where a number differs: money by half a cent, anything else by 1e-9, or a status by its word.

    \b
    Example:
      capstan recompute aldersyde
    """
    from orchestration.lib.oracle.comparison import verdict

    with step("Computing every number a second time", as_json):
        found = verdict(context.database, slug)
    differing = [item.as_json() for item in found.disagreements]
    if as_json:
        emit_json(
            {
                "numbers": sum(found.compared.values()),
                "metrics": dict(sorted(found.compared.items())),
                "differing": differing,
            }
        )
    else:
        say(
            f"{sum(found.compared.values()):,} numbers of {len(found.compared)} metrics and columns: "
            f"{len(differing)} differ."
        )
        if differing:
            emit_table(
                ["metric", "of", "vehicle", "as of", "in the mart", "computed again"],
                [
                    [
                        item["metric"],
                        f"{item['entity_type']} {item['entity_id']}",
                        item["vehicle_id"] or "",
                        item["as_of"],
                        _told(item["mart"]),
                        _told(item["oracle"]),
                    ]
                    for item in differing[:SHOWN]
                ],
            )
    raise SystemExit(1 if differing else 0)


def _told(side: dict[str, object] | None) -> str:
    if side is None:
        return "no such number"
    value = "unknown" if side["value"] is None else str(side["value"])
    return f"{value} ({side['status']})" if side["status"] else value
