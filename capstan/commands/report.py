"""`capstan report`: render, queue and send reports."""

from dataclasses import asdict

import click

from capstan.cli import Context, pass_context
from capstan.commands.options import json_option
from capstan.terminal import emit_json, emit_table, say


@click.group()
def report() -> None:
    """Send reports to the people who receive them.

    \b
    Example:
      capstan report send aldersyde lp-statement --period 2026Q3
    """


@report.command("send")
@click.argument("slug")
@click.argument("name", metavar="REPORT")
@click.option("--to", "email", metavar="EMAIL", help="Only this recipient.")
@click.option("--period", metavar="2026Q3", help="The period; by default the last one that is over.")
@click.option("--queue-only", is_flag=True, help="Leave the rendering and sending to the schedule.")
@json_option
@pass_context
def send(
    context: Context,
    slug: str,
    name: str,
    email: str | None,
    period: str | None,
    queue_only: bool,
    as_json: bool,
) -> None:
    """Queue a report for its recipients, render each in the recipient's own session, and deliver it.

    Who was sent a period's report before is not sent it again. Without CAPSTAN_SMTP_URL mail becomes files
    under CAPSTAN_HOME/mail. Exit code 1 where a mail is held or failed.

    \b
    Example:
      capstan report send aldersyde lp-statement --to office@carrowdenne.example --period 2026Q3
    """
    from reporting.mail.delivery import deliver_due
    from reporting.mail.outbox import list_outbox, queue_report

    queued = queue_report(context.database, slug, name, period, email)
    if not queue_only:
        deliver_due(context.database, tenant_slug=slug)
    wanted = {row.outbox_id for row in queued}
    rows = [row for row in reversed(list_outbox(context.database, slug)) if row.outbox_id in wanted]
    new = {row.outbox_id for row in queued if row.is_new}
    if as_json:
        emit_json({"outbox": [{**asdict(row), "is_new": row.outbox_id in new} for row in rows]})
    else:
        emit_table(
            ("to", "report", "period", "status", "reason"),
            [(row.recipient_email, row.report, row.period, row.status, row.reason) for row in rows],
        )
        old = len(rows) - len(new)
        say(
            f"{len(new)} queued now"
            + (f", {old} had been queued before and are not sent twice." if old else ".")
        )
    if any(row.status in ("held", "failed") for row in rows):
        raise click.exceptions.Exit(1)
