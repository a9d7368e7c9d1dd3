"""`capstan user`: who may see which tenant."""

import sys

import click

from capstan.cli import Context, pass_context
from capstan.commands.options import json_option
from capstan.terminal import emit_json, emit_table, say


@click.group()
def user() -> None:
    """Give people access, and list who has it.

    \b
    Example:
      capstan user add office@example.com --tenant aldersyde --role lp --investor lp-003
    """


@user.command("add")
@click.argument("email")
@click.option("--tenant", required=True, metavar="SLUG", help="The tenant they may see.")
@click.option(
    "--role",
    required=True,
    type=click.Choice(["founder", "manager", "lp", "analyst", "operator"]),
    help="What they are there.",
)
@click.option(
    "--investor", "investors", multiple=True, metavar="ID", help="Investor that an lp sees; repeatable."
)
@click.option("--name", help="Name that people see.")
@click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input instead of making one."
)
@json_option
@pass_context
def add(
    context: Context,
    email: str,
    tenant: str,
    role: str,
    investors: tuple[str, ...],
    name: str | None,
    password_stdin: bool,
    as_json: bool,
) -> None:
    """Give a person access to a tenant; an existing person's role and investors there become those given.

    For a new person an initial password is made and shown once, here.

    \b
    Example:
      capstan user add office@example.com --tenant aldersyde --role lp --investor lp-003
    """
    from warehouse.users import add_user

    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    if password_stdin and not password:
        raise click.UsageError("--password-stdin was given, but standard input holds no password")
    made = add_user(
        context.database,
        email,
        tenant=tenant,
        role=role,
        investor_ids=investors,
        display_name=name,
        password=password,
    )
    shown = None if password_stdin else made.initial_password
    row = made.user
    if as_json:
        emit_json(
            {
                "email": row.email,
                "tenant": row.tenant_slug,
                "role": row.role,
                "investors": row.investor_ids,
                "created": made.initial_password is not None,
                "initial_password": shown,
            }
        )
        return
    seen = f" for {', '.join(row.investor_ids)}" if row.investor_ids else ""
    say(f"{row.email} is {row.role} of {row.tenant_slug}{seen}.")
    if shown:
        say("Initial password (shown only now):")
        click.echo(shown)
    elif made.initial_password is None:
        say("The person existed already and keeps their password.")


@user.command("list")
@click.option("--tenant", metavar="SLUG", help="Only this tenant.")
@json_option
@pass_context
def list_(context: Context, tenant: str | None, as_json: bool) -> None:
    """List who has access to what.

    \b
    Example:
      capstan user list --tenant aldersyde
    """
    from warehouse.users import list_users

    columns = ("tenant", "email", "display_name", "role", "investors", "is_active")
    rows = [
        (item.tenant_slug, item.email, item.display_name, item.role, item.investor_ids, item.is_active)
        for item in list_users(context.database, tenant)
    ]
    if as_json:
        emit_json([dict(zip(columns, row, strict=True)) for row in rows])
        return
    emit_table(columns, [(*row[:4], ", ".join(row[4]), row[5]) for row in rows])
