"""`capstan doctor`: is this installation healthy?

What is checked is in `capstan/health.py`; this prints it.
"""

import click

from capstan.commands.options import json_option
from capstan.terminal import emit_json, emit_table, say


@click.command()
@json_option
def doctor(as_json: bool) -> None:
    """Check server, roles, policies (the catalogue lint), freshness, the outbox, disk and secrets.

    Changes nothing. Exit code 1 where something is wrong; warnings alone leave it at 0.

    \b
    Example:
      capstan doctor
    """
    from capstan.health import examine
    from warehouse.settings import WarehouseSettings

    findings = examine(WarehouseSettings())
    wrong = [item for item in findings if item.state == "error"]
    if as_json:
        emit_json({"healthy": not wrong, "checks": [item.as_json() for item in findings]})
    else:
        emit_table(("state", "check", "found"), [(item.state, item.check, item.found) for item in findings])
        for item in findings:
            if item.state != "ok":
                say(f"{item.check}: {item.remedy}")
        say("All is well." if not wrong else f"{len(wrong)} of {len(findings)} checks failed.")
    if wrong:
        raise click.exceptions.Exit(1)
