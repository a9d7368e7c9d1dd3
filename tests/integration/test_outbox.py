"""One mail a recipient, report and period: whatever is rerun, killed or refused, and never to anybody
else."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from reporting.errors import InvalidPeriod, MailRefused, MailUnavailable, ReportingError, UnknownReport
from reporting.mail import outbox
from reporting.mail.delivery import MOST_ATTEMPTS, deliver_due
from reporting.mail.outbox import list_outbox, queue_report, queue_scheduled, release, set_schedule
from reporting.mail.settings import MailSettings
from reporting.mail.transports import FolderTransport, MailInDoubt
from tests.conftest import Cluster, clone
from tests.integration import reporting_world as world
from tests.integration.portal_world import world_clone
from warehouse import audit, roles
from warehouse.database import Database
from warehouse.users import add_user, disable_user, enable_user

REPORT = "lp-statement"
SETTINGS = MailSettings(CAPSTAN_SMTP_URL=None, CAPSTAN_MAIL_FROM="reports@capstan.example")
LATER = datetime(2030, 1, 1, tzinfo=UTC)


class Killed(BaseException):
    """Stands for kill -9: nothing in the code may handle it."""


class Post:
    """A transport that cannot be asked, keeps what it took, and fails as told."""

    def __init__(self, *failures: BaseException | None, taken_before_failing: bool = False) -> None:
        self.failures, self.taken_before_failing = list(failures), taken_before_failing
        self.taken: list[tuple[str, str]] = []
        self.calls = 0
        self.lock = threading.Lock()

    def send(self, message: EmailMessage, recipient: str, name: str) -> None:
        with self.lock:
            self.calls += 1
            failure = self.failures.pop(0) if self.failures else None
            if failure is None or self.taken_before_failing:
                self.taken.append((recipient, str(message["Message-ID"])))
        if failure is not None:
            raise failure

    def has_delivered(self, name: str) -> bool | None:
        return None


@pytest.fixture(scope="module")
def made_world(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with world_clone(cluster, tmp_path_factory.mktemp("outbox") / "home") as database:
        add_user(
            database,
            "second@halden.example",
            tenant="halden",
            role="lp",
            investor_ids=["I-002", "I-003"],
            password="correct horse battery staple",
        )
        yield database


@pytest.fixture
def served(cluster: Cluster, made_world: Database, home) -> Iterator[Database]:
    with clone(Cluster(cluster.folder, cluster.maintenance, made_world.name, cluster.counter), home) as copy:
        yield copy


def statuses(database: Database) -> dict[str, str]:
    return {row.recipient_email: row.status for row in list_outbox(database, "halden")}


def mails(database: Database) -> list[EmailMessage]:
    files = (database.home / "mail").glob("*.eml")
    found = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]
    return sorted(found, key=lambda mail: mail["To"].addresses[0].addr_spec)


def test_each_lp_is_owed_one_mail_and_asking_again_owes_nothing_new(served):
    first = queue_report(served, "halden", REPORT, "2026Q3", settings=SETTINGS)
    assert [(row.recipient_email, row.status, row.is_new) for row in first] == [
        ("lp@halden.example", "owed", True),
        ("second@halden.example", "owed", True),
    ]
    again = queue_report(served, "halden", "lp_statement", "2026-q3", settings=SETTINGS)
    assert [row.outbox_id for row in again] == [row.outbox_id for row in first]
    assert not any(row.is_new for row in again)


def test_delivery_writes_one_whole_mail_a_recipient_and_a_rerun_writes_none(served):
    queue_report(served, "halden", REPORT, "2026Q3", settings=SETTINGS)
    assert deliver_due(served, SETTINGS).sent == 2
    found = mails(served)
    assert [mail["To"].addresses[0].addr_spec for mail in found] == [
        "lp@halden.example",
        "second@halden.example",
    ]
    assert {part.get_content_type() for part in found[0].walk()} >= {
        "text/plain",
        "text/html",
        "image/png",
        "application/pdf",
    }
    two = [part.get_filename() for part in found[1].walk() if part.get_content_type() == "application/pdf"]
    assert two == [
        "Halden-Capital_2026Q3_Halden-Investor-2.pdf",
        "Halden-Capital_2026Q3_Halden-Investor-3.pdf",
    ]
    before = {path: path.stat().st_mtime_ns for path in (served.home / "mail").iterdir()}
    queue_report(served, "halden", REPORT, "2026Q3", settings=SETTINGS)
    assert deliver_due(served, SETTINGS, LATER).sent == 0
    assert {path: path.stat().st_mtime_ns for path in (served.home / "mail").iterdir()} == before


def test_a_mail_holds_only_what_its_recipient_may_see(served):
    queue_report(served, "halden", REPORT, "2026Q3", settings=SETTINGS)
    queue_report(served, "rival", REPORT, "2026Q3", settings=SETTINGS)
    deliver_due(served, SETTINGS)
    html = {
        mail["To"].addresses[0].addr_spec: mail.get_body(("html",)).get_content() for mail in mails(served)
    }
    assert world.CANARY in html["lp@rival.example"]
    assert world.CANARY not in html["lp@halden.example"] + html["second@halden.example"]
    assert "Halden Investor 2" in html["second@halden.example"]
    assert "Halden Investor 2" not in html["lp@halden.example"]
    assert "Halden Investor 1" not in html["second@halden.example"]


def test_killed_between_claim_and_mark_is_not_sent_twice_when_the_folder_can_be_asked(served):
    queue_report(served, "halden", REPORT, "2026Q3", only_email=world.LP, settings=SETTINGS)

    class KilledAfterWriting(FolderTransport):
        def send(self, message: EmailMessage, recipient: str, name: str) -> None:
            super().send(message, recipient, name)
            raise Killed

    with pytest.raises(Killed):
        deliver_due(served, SETTINGS, transport=KilledAfterWriting(served.home / "mail"))
    assert statuses(served) == {world.LP: "sending"}
    assert deliver_due(served, SETTINGS).sent == 0, (
        "while another process may still be sending, nothing is done"
    )
    written = [path.stat().st_mtime_ns for path in (served.home / "mail").iterdir()]
    assert deliver_due(served, SETTINGS, datetime.now(UTC) + timedelta(minutes=16)).recovered == 1
    assert statuses(served) == {world.LP: "sent"}
    assert [path.stat().st_mtime_ns for path in (served.home / "mail").iterdir()] == written


def test_killed_between_claim_and_mark_waits_for_a_person_when_nobody_can_be_asked(served):
    (row,) = queue_report(served, "halden", REPORT, "2026Q3", only_email=world.LP, settings=SETTINGS)
    post = Post(Killed(), taken_before_failing=True)
    with pytest.raises(Killed):
        deliver_due(served, SETTINGS, transport=post)
    deliver_due(served, SETTINGS, datetime.now(UTC) + timedelta(minutes=16), transport=post)
    (held,) = list_outbox(served, "halden")
    assert (held.status, held.reason[: len(outbox.IN_DOUBT)]) == ("held", outbox.IN_DOUBT)
    queue_report(served, "halden", REPORT, "2026Q3", settings=SETTINGS, only_email=world.LP)
    deliver_due(served, SETTINGS, LATER, transport=post)
    assert post.taken == [(world.LP, row.message_id)], "neither time nor asking again sends it twice"
    assert release(served, "halden", row.outbox_id, was_delivered=False).status == "owed"
    deliver_due(served, SETTINGS, LATER, transport=post)
    assert post.taken == [(world.LP, row.message_id)] * 2, (
        "the guard was the hold: released, it goes out, same id"
    )


def test_killed_before_anything_was_rendered_is_owed_again(served, monkeypatch):
    queue_report(served, "halden", REPORT, "2026Q3", only_email=world.LP, settings=SETTINGS)
    post = Post()
    with monkeypatch.context() as patched:
        patched.setattr("reporting.mail.delivery.viewer_for", lambda *_: (_ for _ in ()).throw(Killed()))
        with pytest.raises(Killed):
            deliver_due(served, SETTINGS, transport=post)
    assert deliver_due(served, SETTINGS, datetime.now(UTC) + timedelta(minutes=16), transport=post).sent == 1
    assert len(post.taken) == 1


def test_two_deliverers_at_once_send_each_mail_once(served):
    for number in range(6):
        add_user(
            served,
            f"crowd{number}@halden.example",
            tenant="halden",
            role="lp",
            investor_ids=["I-004"],
            password="correct horse battery staple",
        )
    queue_report(served, "halden", REPORT, "2026Q3", settings=SETTINGS)
    post = Post()
    threads = [
        threading.Thread(target=deliver_due, args=(served, SETTINGS), kwargs={"transport": post})
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(post.taken) == len(set(post.taken)) == 8
    assert set(statuses(served).values()) == {"sent"}


def test_a_server_that_is_away_is_tried_again_later_with_the_same_message(served):
    (row,) = queue_report(served, "halden", REPORT, "2026Q3", only_email=world.LP, settings=SETTINGS)
    post = Post(MailUnavailable("greylisted"), None)
    now = datetime.now(UTC) + timedelta(seconds=1)
    assert deliver_due(served, SETTINGS, now, transport=post).postponed == 1
    assert deliver_due(served, SETTINGS, now, transport=post).sent == 0, "not before its time"
    (waiting,) = list_outbox(served, "halden")
    assert (waiting.status, waiting.reason) == ("owed", "greylisted")
    assert deliver_due(served, SETTINGS, now + timedelta(minutes=2), transport=post).sent == 1
    assert post.taken == [(world.LP, row.message_id)]


def test_a_mail_that_waited_is_made_anew_when_what_its_reader_may_see_has_changed(served):
    queue_report(served, "halden", REPORT, "2026Q3", only_email=world.LP, settings=SETTINGS)
    deliver_due(served, SETTINGS, transport=Post(MailUnavailable("later")))
    add_user(served, world.LP, tenant="halden", role="lp", investor_ids=["I-002"])
    deliver_due(served, SETTINGS, datetime.now(UTC) + timedelta(minutes=5))
    (mail,) = mails(served)
    html = mail.get_body(("html",)).get_content()
    assert "Halden Investor 2" in html
    assert "Halden Investor 1" not in html, "the kept message was rendered under an access that ended"


def test_a_server_that_stays_away_ends_as_failed_and_not_in_silence(served):
    queue_report(served, "halden", REPORT, "2026Q3", only_email=world.LP, settings=SETTINGS)
    post = Post(*[MailUnavailable("no route")] * 50)
    now = datetime.now(UTC)
    for _ in range(MOST_ATTEMPTS + 3):
        now += timedelta(hours=8)
        deliver_due(served, SETTINGS, now, transport=post)
    (row,) = list_outbox(served, "halden")
    assert (row.status, row.attempts, post.calls) == ("failed", MOST_ATTEMPTS, MOST_ATTEMPTS)
    assert "no route" in row.reason


def test_a_refusal_for_good_is_not_tried_again(served):
    queue_report(served, "halden", REPORT, "2026Q3", only_email=world.LP, settings=SETTINGS)
    post = Post(MailRefused("550 no such mailbox"))
    assert deliver_due(served, SETTINGS, transport=post).failed
    deliver_due(served, SETTINGS, LATER, transport=post)
    assert (statuses(served), post.calls) == ({world.LP: "failed"}, 1)


def test_a_connection_that_breaks_after_the_handover_is_held_in_doubt(served):
    queue_report(served, "halden", REPORT, "2026Q3", only_email=world.LP, settings=SETTINGS)
    assert deliver_due(served, SETTINGS, transport=Post(MailInDoubt("broke"), taken_before_failing=True)).held
    assert deliver_due(served, SETTINGS, LATER, transport=Post()).sent == 0


def test_a_disabled_person_is_held_with_the_reason_and_owed_again_when_enabled(served):
    disable_user(served, world.LP)
    (row,) = queue_report(served, "halden", REPORT, "2026Q3", only_email=world.LP, settings=SETTINGS)
    assert (row.status, row.reason) == ("held", "this person's access is disabled")
    assert deliver_due(served, SETTINGS).sent == 0
    enable_user(served, world.LP)
    (row,) = queue_report(served, "halden", REPORT, "2026Q3", only_email=world.LP, settings=SETTINGS)
    assert (row.status, row.is_new) == ("owed", True)
    disable_user(served, world.LP)
    assert "access is disabled" in deliver_due(served, SETTINGS).held[0], "disabled after it was owed"


def test_a_quarter_without_data_is_held_and_follows_when_the_data_is_there(served):
    queue_report(served, "halden", REPORT, "2026Q4", only_email=world.LP, settings=SETTINGS)
    assert "2026Q4 is not complete" in deliver_due(served, SETTINGS).held[0]
    for mart in ("fct_investor_performance", "rpt_investor_portfolio"):
        world.change(
            served,
            f"update marts.{mart} set as_of = '2026-12-31' where tenant_id = %s and as_of = '2026-09-30'",
            world.tenant_id(served),
        )
    queue_report(served, "halden", REPORT, "2026Q4", only_email=world.LP, settings=SETTINGS)
    assert deliver_due(served, SETTINGS).sent == 1


@pytest.mark.parametrize(
    "address",
    [
        "a@x.example,evil@y.example",
        "a@x.example;b",
        "anna@x.example\r\nbcc:evil@y.example",
        "ünal@x.example",
        "a@x..example",
        "a@\u2028x.example",
    ],
)
def test_an_address_that_is_not_one_plain_address_is_never_handed_to_a_server(served, address):
    with served.connect(
        roles.ADMIN
    ) as connection:  # past every check of ours, as a restored backup might hold it
        connection.execute("alter table control.app_user drop constraint if exists app_user_email_check")
        connection.execute("update control.app_user set email = %s where email = %s", (address, world.LP))
    (row,) = queue_report(served, "halden", REPORT, "2026Q3", only_email=address.lower(), settings=SETTINGS)
    assert row.status == "held"
    with served.connect(roles.ADMIN) as connection:  # and past the check at queueing too
        connection.execute("update control.outbox set status = 'owed'")
    post = Post()
    deliver_due(served, SETTINGS, transport=post)
    assert post.calls == 0
    assert set(statuses(served).values()) == {"held"}


def test_every_mail_is_in_the_audit_log_before_it_leaves(served):
    queue_report(served, "halden", REPORT, "2026Q3", settings=SETTINGS)
    deliver_due(served, SETTINGS, transport=Post())
    events = [
        event
        for event in audit.events(served, world.tenant_id(served))
        if event.action == audit.STATEMENT_MAILED
    ]
    assert {event.detail["to"] for event in events} == {world.LP, "second@halden.example"}
    assert audit.verify(served, world.tenant_id(served)) == []


def test_a_statement_is_not_kept_after_it_was_delivered(served):
    queue_report(served, "halden", REPORT, "2026Q3", settings=SETTINGS)
    deliver_due(served, SETTINGS, transport=Post(MailUnavailable("later")))
    with served.connect(roles.CONTROL_APP) as connection:
        kept = connection.execute(
            "select status, message is null from control.outbox order by status"
        ).fetchall()
    assert kept == [("owed", False), ("sent", True)]


def test_a_schedule_owes_the_last_quarter_that_is_over_once(served):
    set_schedule(served, "halden", REPORT)
    day = datetime(2026, 10, 5, tzinfo=UTC).date()
    assert {row.period for row in queue_scheduled(served, today=day)} == {"2026Q3"}
    assert queue_scheduled(served, today=day) == []
    set_schedule(served, "halden", REPORT, is_active=False)
    assert queue_scheduled(served, today=datetime(2027, 1, 5, tzinfo=UTC).date()) == []


def test_wrong_names_are_explained(served):
    with pytest.raises(UnknownReport, match="there are lp-statement"):
        queue_report(served, "halden", "annual", "2026Q3", settings=SETTINGS)
    with pytest.raises(InvalidPeriod, match="2026Q3"):
        queue_report(served, "halden", REPORT, "2026Q5", settings=SETTINGS)
    with pytest.raises(ReportingError, match="role lp"):
        queue_report(served, "halden", REPORT, "2026Q3", only_email=world.MANAGER, settings=SETTINGS)
