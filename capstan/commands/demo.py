"""`capstan demo`: a whole platform on invented data, with one command."""

from typing import TYPE_CHECKING, Any

import click

from capstan.cli import Context, pass_context
from capstan.commands.options import json_option
from capstan.terminal import emit_json, emit_table, say, step

if TYPE_CHECKING:
    from capstan.demonstration import Outcome, SignIn


@click.command()
@click.option("--no-serve", is_flag=True, help="Stop when everything is set up, instead of serving it.")
@json_option
@pass_context
def demo(context: Context, no_serve: bool, as_json: bool) -> None:
    """Make the demo world, load it, compute, send its reports, then serve it until Ctrl-C.

    A company raising a round, a manager with two funds, and a second manager whose ids collide with the
    first's. Running it again changes nothing. Data that you loaded yourself stays as it is.

    \b
    Example:
      capstan demo --no-serve
    """
    if as_json and not no_serve:
        raise click.UsageError("--json needs --no-serve: a served demo has no end to report")
    with step("Opening the database", as_json):
        database = context.database
    from capstan.demonstration import set_up, sign_ins

    outcome = set_up(database, quiet=as_json)
    people = sign_ins(database)
    if as_json:
        emit_json(_document(outcome, people))
        return
    _say_what_happened(outcome)
    if no_serve:
        _show(people)
        say("Passwords are kept in the secrets folder of the home. `capstan up` serves this world.")
        return
    from capstan.serving import serve

    serve(database, when_ready=lambda addresses: _show(people, addresses.portal))


def _show(people: "list[SignIn]", portal: str | None = None) -> None:
    columns = ("tenant", "role", "name", "e-mail", "password")
    say("")
    emit_table(columns, [(who.tenant, who.role, who.name, who.email, who.password) for who in people])
    say(f"\nSign in at {portal} (Ctrl-C stops everything)." if portal else "")


def _say_what_happened(outcome: "Outcome") -> None:
    accepted = sum(batch.accepted for batch in outcome.batches)
    refused = sum(batch.quarantined for batch in outcome.batches)
    if outcome.batches:
        say(f"{accepted:,} rows accepted, {refused} refused on purpose (`capstan quarantine aldersyde`).")
    else:
        say("Every file had been loaded before.")
    if outcome.reports_sent:
        say(f"{outcome.reports_sent} statements delivered (`capstan outbox`).")


def _document(outcome: "Outcome", people: "list[SignIn]") -> dict[str, Any]:
    return {
        "tenants_added": outcome.tenants_added,
        "people_added": outcome.people_added,
        "batches": [batch.as_json() for batch in outcome.batches],
        "refreshed": outcome.refreshed,
        "reports_sent": outcome.reports_sent,
        "sign_ins": [
            {"tenant": who.tenant, "role": who.role, "email": who.email, "password": who.password}
            for who in people
        ],
    }
