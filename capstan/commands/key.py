"""`capstan key`: keys of the API."""

from dataclasses import asdict

import click

from capstan.cli import Context, pass_context
from capstan.commands.options import json_option
from capstan.terminal import emit_json, emit_table, say


@click.group()
def key() -> None:
    """Issue, list and revoke keys of the API. A key sees what its owner sees in one tenant.

    \b
    Example:
      capstan key add office@carrowdenne.example --tenant aldersyde --name "Portfolio system"
    """


@key.command("add")
@click.argument("email")
@click.option("--tenant", required=True, metavar="SLUG", help="The tenant that the key reads.")
@click.option("--name", default="key", show_default=True, help="What the key is for.")
@json_option
@pass_context
def add(context: Context, email: str, tenant: str, name: str, as_json: bool) -> None:
    """Issue a key. It is shown once and cannot be read again."""
    from api.auth import issue_key

    made = issue_key(context.database, email, tenant, name)
    if as_json:
        emit_json({"key": made})
    else:
        say("The key, shown once; send it as `Authorization: Bearer …`:")
        click.echo(made)


@key.command("list")
@click.argument("slug")
@json_option
@pass_context
def list_(context: Context, slug: str, as_json: bool) -> None:
    """List the keys of a tenant, revoked ones too."""
    from api.auth import list_keys

    found = list_keys(context.database, slug)
    if as_json:
        emit_json({"keys": [asdict(one) for one in found]})
    else:
        emit_table(
            ("fingerprint", "owner", "name", "created_at", "revoked_at"),
            [(one.fingerprint, one.email, one.name, one.created_at, one.revoked_at) for one in found],
        )


@key.command("revoke")
@click.argument("slug")
@click.argument("fingerprint")
@pass_context
def revoke(context: Context, slug: str, fingerprint: str) -> None:
    """End a key by its fingerprint; `capstan key list` shows it."""
    from api.auth import revoke_key

    if not revoke_key(context.database, slug, fingerprint):
        say(f"Error: {slug} has no living key {fingerprint!r}; `capstan key list {slug}` shows them.")
        raise click.exceptions.Exit(1)
    say("The key has ended.")
