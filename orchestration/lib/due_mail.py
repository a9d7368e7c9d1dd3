"""What the schedules of delivery ask: which tenants get a report, and is any mail due. Sends nothing."""

from datetime import datetime, timedelta

from reporting.mail.delivery import ABANDONED_AFTER
from reporting.mail.outbox import list_outbox
from warehouse import roles
from warehouse.database import Database


def tenants_scheduled(database: Database, report: str) -> list[str]:
    """Slugs of the active tenants whose schedule for this report is on."""
    with database.connect(roles.CONTROL_APP) as connection:
        rows = connection.execute(
            "select t.slug from control.schedule s join control.tenant t using (tenant_id) "
            "where s.report = %s and s.is_active and t.status = 'active' order by t.slug",
            (report,),
        ).fetchall()
    return [row[0] for row in rows]


def is_mail_due(database: Database, now: datetime) -> bool:
    """Whether the outbox owes something now, or holds a mail whose sender is gone."""
    owed = any(row.next_attempt_at <= now for row in list_outbox(database, status="owed"))
    return owed or any(
        row.next_attempt_at < now - ABANDONED_AFTER - timedelta(seconds=1)
        for row in list_outbox(database, status="sending")
    )
