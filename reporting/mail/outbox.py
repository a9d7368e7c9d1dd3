"""What is owed to whom: one row a recipient, report and period, made once and kept.

Here rows are made, listed and released; `delivery.py` sends them. A row is never deleted, so nothing is
dropped in silence: it is owed, being sent, sent, held with the reason, or failed with the server's answer.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row

from reporting.errors import ReportingError, UnsafeAddress
from reporting.mail.message import message_id_for, safe_address
from reporting.mail.settings import MailSettings
from reporting.packs.catalogue import REPORTS, Report, report_named
from warehouse import roles
from warehouse.database import Database
from warehouse.tenants import get_tenant

IN_DOUBT = "in doubt: "
"""What `last_error` begins with where a message may have been sent; only a person releases such a row."""

_COLUMNS = """o.tenant_id, t.slug as tenant_slug, o.outbox_id, o.report, o.period, o.user_id,
    o.recipient_email,
    o.status, o.attempts, o.next_attempt_at, o.message_id, o.subject, o.data_version, o.created_at, o.sent_at,
    o.last_error as reason"""


class NoRecipient(ReportingError):
    """Nobody receives this report, or not the person asked for."""


@dataclass(frozen=True)
class OutboxRow:
    """One mail that is or was owed. `reason` says why it is held or failed, or what delayed it."""

    tenant_id: int
    tenant_slug: str
    outbox_id: int
    report: str
    period: str
    user_id: int
    recipient_email: str
    status: str
    """`owed`, `sending`, `sent`, `held` or `failed`."""
    attempts: int
    next_attempt_at: datetime
    message_id: str
    subject: str
    data_version: int
    created_at: datetime
    sent_at: datetime | None
    reason: str | None
    is_new: bool = False
    """Whether this call made it or made it owed again."""


def queue_report(
    database: Database,
    tenant_slug: str,
    report: str,
    period: str | None = None,
    only_email: str | None = None,
    *,
    settings: MailSettings | None = None,
    today: date | None = None,
) -> list[OutboxRow]:
    """Owe this report of a period to its recipients (or to one of them) and return their rows.

    Asking again makes nothing new: who was sent it is not sent it twice. A row that was held before it was
    rendered is owed again. `period` is by default the last one that is over. Raises UnknownReport,
    InvalidPeriod, TenantNotFound and NoRecipient.
    """
    wanted = report_named(report)
    day = today or datetime.now(UTC).date()
    named = wanted.period_named(period) if period else wanted.period_due(day)
    tenant = get_tenant(database, tenant_slug)
    domain = (settings or MailSettings()).domain
    with database.connect(roles.CONTROL_APP) as connection:
        people = _recipients(connection, tenant.tenant_id, wanted, only_email)
        if not people:
            raise NoRecipient(_nobody(tenant_slug, wanted, only_email))
        touched = [
            _owe(connection, tenant.tenant_id, tenant_slug, wanted, named, person, domain)
            for person in people
        ]
        connection.commit()
        rows = _rows(
            connection,
            "o.tenant_id = %s and o.report = %s and o.period = %s and o.user_id = any(%s)",
            (tenant.tenant_id, wanted.name, named, [person["user_id"] for person in people]),
        )
    new = {outbox_id for outbox_id in touched if outbox_id is not None}
    return [OutboxRow(**{**row, "is_new": row["outbox_id"] in new}) for row in rows]


def queue_scheduled(database: Database, *, today: date | None = None) -> list[OutboxRow]:
    """Owe what the active schedules of all tenants call for on this day; returns the rows that are new."""
    day = today or datetime.now(UTC).date()
    with database.connect(roles.CONTROL_APP, autocommit=True) as connection:
        due = connection.execute(
            "select t.slug, s.report from control.schedule s join control.tenant t using (tenant_id) "
            "where s.is_active and t.status = 'active' order by t.slug, s.report"
        ).fetchall()
    queued: list[OutboxRow] = []
    for slug, name in due:
        if name in REPORTS:
            try:
                queued += queue_report(database, slug, name, today=day)
            except NoRecipient:
                continue  # a schedule may stand before the first LP is given access
    return [row for row in queued if row.is_new]


def set_schedule(database: Database, tenant_slug: str, report: str, *, is_active: bool = True) -> None:
    """Send this report at its cadence from now on, or stop. Raises UnknownReport, TenantNotFound."""
    wanted = report_named(report)
    tenant = get_tenant(database, tenant_slug)
    with database.connect(roles.CONTROL_APP) as connection:
        connection.execute(
            "insert into control.schedule (tenant_id, report, cadence, is_active) values (%s, %s, %s, %s) "
            "on conflict (tenant_id, report) do update set is_active = excluded.is_active",
            (tenant.tenant_id, wanted.name, wanted.cadence, is_active),
        )


def list_outbox(
    database: Database, tenant_slug: str | None = None, *, status: str | None = None
) -> list[OutboxRow]:
    """What was owed, sent, held and why; of one tenant or of all, newest first."""
    tenant_id = get_tenant(database, tenant_slug).tenant_id if tenant_slug else None
    with database.connect(roles.CONTROL_APP, autocommit=True) as connection:
        rows = _rows(
            connection,
            "(%s::integer is null or o.tenant_id = %s) and (%s::text is null or o.status = %s)",
            (tenant_id, tenant_id, status, status),
        )
    return [OutboxRow(**row) for row in reversed(rows)]


def release(database: Database, tenant_slug: str, outbox_id: int, *, was_delivered: bool) -> OutboxRow:
    """Settle a row that is held or failed, after a person looked: it was delivered, or it is owed again.

    Raises ReportingError where there is no such row to settle.
    """
    tenant = get_tenant(database, tenant_slug)
    with database.connect(roles.CONTROL_APP) as connection:
        changed = connection.execute(
            "update control.outbox set status = case when %s then 'sent' else 'owed' end, attempts = 0, "
            "sent_at = case when %s then now() end, next_attempt_at = now(), last_error = null, "
            "message = case when %s then null else message end "
            "where tenant_id = %s and outbox_id = %s and status in ('held', 'failed')",
            (was_delivered, was_delivered, was_delivered, tenant.tenant_id, outbox_id),
        )
        if changed.rowcount != 1:
            raise ReportingError(
                f"there is no held or failed mail {outbox_id} of {tenant_slug!r}; `capstan outbox` lists them"
            )
        (row,) = _rows(connection, "o.tenant_id = %s and o.outbox_id = %s", (tenant.tenant_id, outbox_id))
    return OutboxRow(**row)


def _recipients(
    connection: psycopg.Connection, tenant_id: int, report: Report, only_email: str | None
) -> list[dict[str, Any]]:
    return (
        connection.cursor(row_factory=dict_row)
        .execute(
            """
        select u.user_id, u.email, u.is_active
          from control.membership m join control.app_user u using (user_id)
         where m.tenant_id = %(tenant)s and m.role = %(role)s
           and (%(email)s::text is null or u.email = lower(%(email)s))
         order by u.email
        """,
            {
                "tenant": tenant_id,
                "role": report.recipient_role,
                "email": only_email.strip() if only_email else None,
            },
        )
        .fetchall()
    )


def _owe(
    connection: psycopg.Connection,
    tenant_id: int,
    tenant_slug: str,
    report: Report,
    period: str,
    person: dict[str, Any],
    domain: str,
) -> int | None:
    """Make the row, or owe a held one again; its id where something changed."""
    status, reason = "owed", None
    if not person["is_active"]:
        status, reason = "held", "this person's access is disabled"
    try:
        safe_address(person["email"])
    except UnsafeAddress as unsafe:
        status, reason = "held", str(unsafe)
    row = connection.execute(
        """
        insert into control.outbox as o (tenant_id, report, period, user_id, recipient_email, status,
        message_id,
                                         subject, data_version, last_error)
        select %(tenant)s, %(report)s, %(period)s, %(user)s, %(email)s, %(status)s, %(message_id)s,
        %(subject)s,
               coalesce((select version from control.data_version where tenant_id = %(tenant)s), 0),
               %(reason)s
        on conflict (tenant_id, report, period, user_id) do update
           set status = excluded.status, last_error = excluded.last_error, attempts = 0,
               next_attempt_at = now(), data_version = excluded.data_version,
               recipient_email = excluded.recipient_email
         where o.status = 'held' and o.message is null and excluded.status = 'owed'
        returning outbox_id
        """,
        {
            "tenant": tenant_id,
            "report": report.name,
            "period": period,
            "user": person["user_id"],
            "email": person["email"],
            "status": status,
            "message_id": message_id_for(tenant_slug, report.name, period, person["user_id"], domain),
            "subject": f"{report.title} {period}",
            "reason": reason,
        },
    ).fetchone()
    return int(row[0]) if row else None


def _rows(connection: psycopg.Connection, where: str, params: tuple[Any, ...]) -> list[dict[str, Any]]:
    return (
        connection.cursor(row_factory=dict_row)
        .execute(
            f"select {_COLUMNS} from control.outbox o join control.tenant t using (tenant_id) "
            f"where {where} order by o.outbox_id",
            params,
        )
        .fetchall()
    )


def _nobody(tenant_slug: str, report: Report, only_email: str | None) -> str:
    if only_email:
        return (
            f"{only_email!r} does not receive {report.name} from {tenant_slug!r}: only people with the role "
            f"{report.recipient_role} do; `capstan user list --tenant {tenant_slug}` shows them"
        )
    return (
        f"nobody of {tenant_slug!r} has the role {report.recipient_role}, so nobody receives {report.name}; "
        "add them with `capstan user add`"
    )
