"""Sends what the outbox owes: claim, render in the recipient's own session, keep the message, send, mark.

Each step is committed before the next, so that a process killed anywhere leaves a row that says how far it
came: without a message nothing was sent and it is owed again; with one it may have been sent, and only a
transport that can be asked settles that.
"""

import hashlib
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from psycopg.rows import class_row

from reporting.errors import (
    InvalidPeriod,
    MailRefused,
    MailUnavailable,
    NothingToReport,
    UnknownReport,
    UnsafeAddress,
)
from reporting.mail.message import assert_one_recipient, compose, safe_address
from reporting.mail.outbox import IN_DOUBT
from reporting.mail.settings import MailSettings
from reporting.mail.transports import MailInDoubt, Transport, transport_for
from reporting.packs.catalogue import report_named
from reporting.packs.rendered import Brand
from warehouse import audit, roles
from warehouse.database import Database
from warehouse.errors import AccessDenied
from warehouse.sessions import Sessions, SessionUnavailable, Viewer, data_version, viewer_for
from warehouse.tenants import get_tenant

ABANDONED_AFTER = timedelta(minutes=15)
"""A row that is being sent for longer belongs to a process that is gone."""
MOST_ATTEMPTS = 8
ACCESS_HEADER = "X-Capstan-Access"
"""A fingerprint of what the recipient could see when the message was rendered."""
LONGEST_WAIT = timedelta(hours=6)


@dataclass
class Delivery:
    """What one call of `deliver_due` did, in numbers; `held` and `failed` with their reasons."""

    sent: int = 0
    postponed: int = 0
    recovered: int = 0
    held: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, int | list[str]]:
        """For logs and `--json`."""
        return {
            "sent": self.sent,
            "postponed": self.postponed,
            "recovered": self.recovered,
            "held": self.held,
            "failed": self.failed,
        }


@dataclass(frozen=True)
class _Claim:
    tenant_id: int
    tenant_slug: str
    outbox_id: int
    report: str
    period: str
    user_id: int
    recipient_email: str
    attempts: int
    message_id: str
    message: bytes | None

    @property
    def name(self) -> str:
        """The message's name at the transport; the same each time."""
        return f"{self.tenant_slug}_{self.report}_{self.period}_{self.user_id}"


def deliver_due(
    database: Database,
    settings: MailSettings | None = None,
    now: datetime | None = None,
    *,
    tenant_slug: str | None = None,
    transport: Transport | None = None,
) -> Delivery:
    """Send everything that is due, of one tenant or of all, and say what happened.

    Safe to run in several processes at once. `now` is for tests; `transport` is chosen by the settings.
    """
    settings = settings or MailSettings()
    out = transport or transport_for(settings, database.home)
    tenant_id = get_tenant(database, tenant_slug).tenant_id if tenant_slug else None
    done = Delivery()
    with Sessions(database) as sessions:
        office = _Office(database, settings, out, sessions, now, tenant_id, done)
        office.recover()
        while (claim := office.claim()) is not None:
            office.handle(claim)
    return done


class _Office:
    """One run over the outbox."""

    def __init__(
        self,
        database: Database,
        settings: MailSettings,
        transport: Transport,
        sessions: Sessions,
        now: datetime | None,
        tenant_id: int | None,
        done: Delivery,
    ) -> None:
        self.database, self.settings, self.transport = database, settings, transport
        self.sessions, self.tenant_id, self.done = sessions, tenant_id, done
        self._now = now

    def now(self) -> datetime:
        return self._now or datetime.now(UTC)

    def recover(self) -> None:
        """Settle rows that a process left behind while it was sending."""
        with self.database.connect(roles.CONTROL_APP) as connection:
            left = (
                connection.cursor(row_factory=class_row(_Claim))
                .execute(
                    "select o.tenant_id, t.slug as tenant_slug, o.outbox_id, o.report, o.period, o.user_id, "
                    "o.recipient_email, o.attempts, o.message_id, o.message "
                    "from control.outbox o join control.tenant t using (tenant_id) "
                    "where o.status = 'sending' and o.next_attempt_at < %s "
                    "and (%s::integer is null or o.tenant_id = %s) for update of o skip locked",
                    (self.now() - ABANDONED_AFTER, self.tenant_id, self.tenant_id),
                )
                .fetchall()
            )
            for claim in left:
                delivered = False if claim.message is None else self.transport.has_delivered(claim.name)
                self.done.recovered += 1
                if delivered is None:
                    reason = (
                        f"{IN_DOUBT}the sender stopped after handing the message over, and the mail "
                        f"server cannot be "
                        "asked. Look for the Message-ID at the server, then release it as delivered or owed"
                    )
                    self._mark(claim, "held", reason, connection=connection)
                elif delivered:
                    self._mark(claim, "sent", None, connection=connection)
                else:
                    self._mark(claim, "owed", "the sender stopped before sending", connection=connection)

    def claim(self) -> _Claim | None:
        """Take the next row that is due, and commit that it is being sent."""
        with self.database.connect(roles.CONTROL_APP) as connection:
            return (
                connection.cursor(row_factory=class_row(_Claim))
                .execute(
                    """
                    update control.outbox o
                       set status = 'sending', attempts = o.attempts + 1, next_attempt_at = %(now)s
                      from control.tenant t
                     where t.tenant_id = o.tenant_id
                       and (o.tenant_id, o.outbox_id) = (
                           select d.tenant_id, d.outbox_id from control.outbox d
                            where d.status = 'owed' and d.next_attempt_at <= %(now)s
                              and (%(tenant)s::integer is null or d.tenant_id = %(tenant)s)
                            order by d.next_attempt_at, d.outbox_id
                            limit 1 for update skip locked)
                    returning o.tenant_id, t.slug as tenant_slug, o.outbox_id, o.report, o.period, o.user_id,
                              o.recipient_email, o.attempts, o.message_id, o.message
                    """,
                    {"now": self.now(), "tenant": self.tenant_id},
                )
                .fetchone()
            )

    def handle(self, claim: _Claim) -> None:
        """Render where needed, send, and mark the row with what came of it."""
        try:
            message = self._message_of(claim) or self._render(claim)
            assert_one_recipient(message, claim.recipient_email)
        except (NothingToReport, AccessDenied, UnsafeAddress, UnknownReport, InvalidPeriod) as error:
            self._hold(claim, _why_held(error))
            return
        except SessionUnavailable as error:
            self._postpone(claim, str(error))
            return
        except Exception as error:  # a fault of ours in one report must not stop the others
            self._postpone(claim, f"rendering failed: {type(error).__name__}: {error}")
            return
        try:
            self.transport.send(message, claim.recipient_email, claim.name)
        except MailUnavailable as error:
            self._postpone(claim, str(error))
        except MailRefused as error:
            self.done.failed.append(f"{claim.recipient_email}: {error}")
            self._mark(claim, "failed", str(error))
        except MailInDoubt as error:
            self._hold(claim, f"{IN_DOUBT}{error}. Look for the Message-ID at the server, then release it")
        else:
            self._mark(claim, "sent", None)
            self.done.sent += 1

    def _render(self, claim: _Claim) -> EmailMessage:
        report = report_named(claim.report)
        tenant = get_tenant(self.database, claim.tenant_slug)
        viewer = viewer_for(self.database, claim.recipient_email, claim.tenant_slug)
        if viewer.user_id != claim.user_id or viewer.role != report.recipient_role:
            raise AccessDenied("this address belongs to somebody else now, or the role changed")
        version = data_version(self.database, claim.tenant_id)
        brand = Brand(tenant.name, tenant.brand_colour, tenant.locale)
        with self.sessions.read(viewer) as reader:
            rendered = report.render(reader, claim.period, brand, prepared_on=self.now().date())
        message = compose(
            rendered,
            sender=_sender(self.settings, tenant.name),
            recipient=safe_address(claim.recipient_email, viewer.display_name),
            message_id=claim.message_id,
            at=self.now(),
        )
        message[ACCESS_HEADER] = _access_of(viewer)
        audit.record(
            self.database,
            viewer,
            audit.STATEMENT_MAILED,
            f"{claim.report} {claim.period}",
            {"message_id": claim.message_id, "to": claim.recipient_email, "data_version": version},
            sessions=self.sessions,
        )
        with self.database.connect(roles.CONTROL_APP) as connection:
            connection.execute(
                "update control.outbox set message = %s, subject = %s, data_version = %s "
                "where tenant_id = %s and outbox_id = %s and status = 'sending'",
                (message.as_bytes(), message["Subject"], version, claim.tenant_id, claim.outbox_id),
            )
        return message

    def _message_of(self, claim: _Claim) -> EmailMessage | None:
        """The message as it was rendered before; None without one, or where its reader's access changed."""
        if claim.message is None:
            return None
        viewer = viewer_for(self.database, claim.recipient_email, claim.tenant_slug)
        kept = message_from_bytes(claim.message, policy=SMTP.clone(cte_type="7bit"))
        if not isinstance(kept, EmailMessage):
            raise TypeError("the kept message is not an EmailMessage")
        return kept if kept[ACCESS_HEADER] == _access_of(viewer) else None

    def _hold(self, claim: _Claim, reason: str) -> None:
        self.done.held.append(f"{claim.recipient_email}: {reason}")
        self._mark(claim, "held", reason)

    def _postpone(self, claim: _Claim, reason: str) -> None:
        if claim.attempts >= MOST_ATTEMPTS:
            self.done.failed.append(f"{claim.recipient_email}: {reason}")
            self._mark(claim, "failed", f"given up after {claim.attempts} attempts: {reason}")
            return
        self.done.postponed += 1
        self._mark(claim, "owed", reason, wait=wait_after(claim.attempts))

    def _mark(
        self,
        claim: _Claim,
        status: str,
        reason: str | None,
        *,
        wait: timedelta = timedelta(0),
        connection: object = None,
    ) -> None:
        query = (
            "update control.outbox set status = %(status)s, last_error = %(reason)s, next_attempt_at = "
            "%(next)s, "
            "sent_at = case when %(status)s = 'sent' then %(now)s else sent_at end, "
            # A statement is kept only until it is delivered: nobody else has a use for it here.
            "message = case when %(status)s = 'sent' then null else message end "
            "where tenant_id = %(tenant)s and outbox_id = %(id)s and status = 'sending'"
        )
        params = {
            "status": status,
            "reason": reason[:1000] if reason else None,
            "now": self.now(),
            "next": self.now() + wait,
            "tenant": claim.tenant_id,
            "id": claim.outbox_id,
        }
        if connection is not None:
            connection.execute(query, params)  # type: ignore[attr-defined]
            return
        with self.database.connect(roles.CONTROL_APP) as own:
            own.execute(query, params)


def wait_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts: 1, 2, 4 … minutes up to six hours, give or take a fifth."""
    doubled = min(timedelta(minutes=2 ** max(attempts - 1, 0)), LONGEST_WAIT)
    return doubled * random.uniform(0.8, 1.2)  # noqa: S311 - spreads retries, keeps no secret


def _access_of(viewer: Viewer) -> str:
    seen = "\x1f".join((str(viewer.tenant_id), str(viewer.user_id), viewer.role, *viewer.investor_ids))
    return hashlib.sha256(seen.encode()).hexdigest()[:32]


def _why_held(error: Exception) -> str:
    if isinstance(error, AccessDenied):
        return "this person's access is disabled, was taken away, or belongs to another address now"
    return str(error)


def _sender(settings: MailSettings, tenant_name: str) -> Address:
    return safe_address(settings.sender, tenant_name)
