"""The outbox: a job that sends what is due, and the schedule that starts it when something is."""

from datetime import UTC, datetime

import dagster as dg

from orchestration.lib.due_mail import is_mail_due
from orchestration.resources.warehouse import Warehouse
from reporting.mail.delivery import deliver_due


@dg.op(name="deliver_due_mail")
def deliver_due_mail(context: dg.OpExecutionContext, warehouse: dg.ResourceParam[Warehouse]) -> None:
    """Send what is owed, of all tenants; what cannot be sent is postponed, held or failed with its reason."""
    done = deliver_due(warehouse.database)
    for problem in (*done.held, *done.failed):
        context.log.warning(problem)
    context.add_output_metadata(done.as_dict())


@dg.job(name="deliver_outbox", description="Send the mail that is due, of all tenants.")
def deliver_outbox() -> None:
    """The job around the op."""
    deliver_due_mail()


@dg.schedule(
    name="deliver_outbox",
    job=deliver_outbox,
    cron_schedule="*/5 * * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Every five minutes, where mail is due.",
)
def outbox_schedule(
    context: dg.ScheduleEvaluationContext, warehouse: dg.ResourceParam[Warehouse]
) -> dg.RunRequest | dg.SkipReason:
    """A run costs a process, so there is one only where mail waits."""
    if not is_mail_due(warehouse.database, datetime.now(UTC)):
        return dg.SkipReason("no mail is due")
    return dg.RunRequest()
