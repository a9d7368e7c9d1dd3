"""`capstan tenant`: onboarding of organisations."""

from dataclasses import asdict

import click

from capstan.cli import Context, pass_context
from capstan.commands.options import json_option
from capstan.terminal import emit_json, emit_table, say


@click.group()
def tenant() -> None:
    """Add, list, show and off-board tenants: organisations whose data is kept apart.

    \b
    Example:
      capstan tenant add aldersyde --name "Aldersyde Partners" --kind manager --currency EUR
    """


@tenant.command("add")
@click.argument("slug")
@click.option("--name", required=True, help="Name that people see.")
@click.option("--kind", required=True, type=click.Choice(["company", "manager"]), help="Who they are.")
@click.option("--currency", required=True, help="Currency that totals are reported in, such as EUR.")
@click.option("--timezone", default="UTC", show_default=True, help="IANA time zone, such as Europe/Berlin.")
@click.option(
    "--isolation",
    type=click.Choice(["shared", "schema"]),
    default="shared",
    show_default=True,
    help="Tables shared under row-level security, or schemas and roles of its own.",
)
@click.option("--colour", help="Brand colour, such as #1d4ed8.")
@json_option
@pass_context
def add(
    context: Context,
    slug: str,
    name: str,
    kind: str,
    currency: str,
    timezone: str,
    isolation: str,
    colour: str | None,
    as_json: bool,
) -> None:
    """Add a tenant.

    \b
    Example:
      capstan tenant add aldersyde --name "Aldersyde Partners" --kind manager --currency EUR
    """
    from warehouse.tenants import add_tenant

    added = add_tenant(
        context.database,
        slug,
        name=name,
        kind=kind,
        currency_code=currency,
        timezone=timezone,
        isolation=isolation,
        brand_colour=colour,
    )
    if as_json:
        emit_json(asdict(added))
        return
    say(f"Added {added.name} ({added.slug}).")
    say(f"Next: `capstan user add EMAIL --tenant {slug} --role ...`, `capstan ingest {slug} capstan FILES`.")


@tenant.command("list")
@json_option
@pass_context
def list_(context: Context, as_json: bool) -> None:
    """List all tenants.

    \b
    Example:
      capstan tenant list
    """
    from warehouse.tenants import list_tenants

    tenants = list_tenants(context.database)
    if as_json:
        emit_json([asdict(item) for item in tenants])
        return
    columns = ("slug", "name", "kind", "currency_code", "timezone", "isolation")
    emit_table(columns, [[getattr(item, name) for name in columns] for item in tenants])
    if not tenants:
        say("There are none yet: `capstan tenant add` adds one, `capstan demo` makes three.")


@tenant.command("show")
@click.argument("slug")
@json_option
@pass_context
def show(context: Context, slug: str, as_json: bool) -> None:
    """Show one tenant, who may see it and how much was loaded for it.

    \b
    Example:
      capstan tenant show aldersyde
    """
    from warehouse.batches import loader_transaction
    from warehouse.sessions import data_version
    from warehouse.tenants import get_tenant
    from warehouse.users import list_users

    found = get_tenant(context.database, slug)
    people = list_users(context.database, slug)
    with loader_transaction(context.database, found) as connection:
        loaded = connection.execute(
            "select stream, count(*), sum(accepted_count)::bigint, sum(quarantined_count)::bigint, "
            "max(finished_at) from raw.batch where tenant_id = %s group by stream order by stream",
            (found.tenant_id,),
        ).fetchall()
    columns = ("stream", "batches", "accepted", "quarantined", "last_loaded_at")
    facts = {**asdict(found), "data_version": data_version(context.database, found.tenant_id)}
    if as_json:
        users = [{"email": item.email, "role": item.role} for item in people]
        emit_json(
            {**facts, "users": users, "loaded": [dict(zip(columns, row, strict=True)) for row in loaded]}
        )
        return
    emit_table(("", ""), list(facts.items()))
    say("")
    emit_table(columns, loaded)
    say(f"{len(people)} people have access: `capstan user list --tenant {slug}`.")


@tenant.command("offboard")
@click.argument("slug")
@click.option("--confirm", required=True, metavar="SLUG", help="The slug once more: this cannot be undone.")
@json_option
@pass_context
def offboard(context: Context, slug: str, confirm: str, as_json: bool) -> None:
    """Remove a tenant: its rows, its files, and people with no other access. Its audit log stays.

    Nobody reads or loads from the first moment on. A run that was cut short is finished by the same command.

    \b
    Example:
      capstan tenant offboard aldersyde --confirm aldersyde
    """
    from capstan.offboarding import off_board

    if confirm != slug:
        raise click.UsageError(f"--confirm says {confirm!r}, not {slug!r}; nothing was removed")
    done = off_board(context.database, slug)
    if as_json:
        emit_json(asdict(done))
        return
    emit_table(("table", "rows removed"), list(done.rows.items()))
    say(
        f"Tenant {slug} is gone: {sum(done.rows.values())} rows, {done.files} files, {done.people} people. "
        f"Its audit log stays under tenant number {done.tenant_id}."
    )
    say("Backups and mail that was delivered are outside: docs/runbooks/off-boarding.md.")
