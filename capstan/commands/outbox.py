"""`capstan outbox`: what became of every mail."""

from dataclasses import asdict

import click

from capstan.cli import Context, pass_context
from capstan.commands.options import json_option
from capstan.terminal import emit_json, emit_table, say

STATUSES = ("owed", "sending", "sent", "held", "failed")


@click.command()
@click.option("--tenant", metavar="SLUG", help="Only this tenant.")
@click.option("--status", type=click.Choice(STATUSES), help="Only mails in this state.")
@click.option("--deliver", is_flag=True, help="First send what is due.")
@click.option(
    "--release", type=int, metavar="ID", help="Settle a held or failed mail of --tenant: owe it again."
)
@click.option("--was-delivered", is_flag=True, help="With --release: it did arrive; do not send it again.")
@json_option
@pass_context
def outbox(
    context: Context,
    tenant: str | None,
    status: str | None,
    deliver: bool,
    release: int | None,
    was_delivered: bool,
    as_json: bool,
) -> None:
    """Show what was owed, sent, held and failed, with the reason; newest first.

    \b
    Examples:
      capstan outbox --tenant aldersyde
      capstan outbox --deliver
    """
    from reporting.mail import delivery
    from reporting.mail import outbox as mail

    if release is not None and tenant is None:
        raise click.UsageError("--release needs --tenant: ids are those of one tenant's list")
    if was_delivered and release is None:
        raise click.UsageError("--was-delivered settles one mail: name it with --release")
    if release is not None and tenant is not None:
        mail.release(context.database, tenant, release, was_delivered=was_delivered)
    done = delivery.deliver_due(context.database, tenant_slug=tenant) if deliver else None
    rows = mail.list_outbox(context.database, tenant, status=status)
    if as_json:
        emit_json({"outbox": [asdict(row) for row in rows], "delivery": done.as_dict() if done else None})
        return
    emit_table(
        ("id", "tenant", "report", "period", "to", "status", "attempts", "sent_at", "reason"),
        [
            (
                row.outbox_id,
                row.tenant_slug,
                row.report,
                row.period,
                row.recipient_email,
                row.status,
                row.attempts,
                row.sent_at,
                row.reason,
            )
            for row in rows
        ],
    )
    if done:
        held, failed = len(done.held), len(done.failed)
        say(f"{done.sent} sent, {done.postponed} postponed, {held} held, {failed} failed just now.")
