"""`capstan webhook`: endpoints that take events, and what becomes of the events."""

from dataclasses import asdict

import click

from capstan.cli import Context, pass_context
from capstan.commands.options import json_option
from capstan.terminal import emit_json, say


@click.group()
def webhook() -> None:
    """Open endpoints for webhooks, and turn the events that came into rows.

    \b
    Example:
      capstan webhook add orrery-grid stripe
    """


@webhook.command("add")
@click.argument("slug")
@click.argument("source")
@click.option("--secret", prompt=True, hide_input=True, envvar="CAPSTAN_WEBHOOK_SECRET",
              help="Signing secret of the sender; asked for when not given.")  # fmt: skip
@json_option
@pass_context
def add(context: Context, slug: str, source: str, secret: str, as_json: bool) -> None:
    """Open an endpoint for SOURCE (stripe) and show its secret address once."""
    from ingestion.webhooks.endpoints import add_endpoint

    path = f"/v1/webhooks/{source}/{add_endpoint(context.database, slug, source, secret)}"
    if as_json:
        emit_json({"path": path})
    else:
        say("Enter this path of the API at the sender; it is shown once:")
        click.echo(path)


@webhook.command("process")
@click.argument("slug")
@json_option
@pass_context
def process(context: Context, slug: str, as_json: bool) -> None:
    """Turn the events that wait into rows. Safe to repeat."""
    from ingestion.webhooks.processing import process_events

    done = process_events(context.database, slug)
    if as_json:
        emit_json(asdict(done))
    else:
        say(f"{done.applied} applied, {done.outdated} outdated, {done.ignored} ignored.")
