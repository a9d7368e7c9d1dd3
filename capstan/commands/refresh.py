"""`capstan refresh`: recompute marts."""

from typing import Any

import click

from capstan.cli import Context, pass_context
from capstan.commands.options import json_option
from capstan.terminal import emit_json, say, step


@click.command()
@click.argument("slugs", nargs=-1, metavar="[SLUG]...")
@json_option
@pass_context
def refresh(context: Context, slugs: tuple[str, ...], as_json: bool) -> None:
    """Recompute the marts of the tenants named, or of all that have new data.

    \b
    Example:
      capstan refresh aldersyde
    """
    refreshed = recompute(context.database, list(slugs) or None, quiet=as_json)
    if as_json:
        emit_json({"refreshed": refreshed})
    else:
        say(f"Recomputed: {', '.join(refreshed)}." if refreshed else "Nothing to do: no tenant has new data.")


def recompute(database: Any, slugs: list[str] | None, *, quiet: bool = False) -> list[str]:
    """Recomputes these tenants (None: all with new data), changed models first; returns their slugs."""
    from orchestration.lib import dbt_runner
    from warehouse.tenants import get_tenant

    for slug in slugs or ():
        get_tenant(database, slug)
    with step("Recomputing the marts", quiet):
        return dbt_runner.refresh(database, slugs)
