"""A message has one recipient whatever the data says, and SMTP failures are told apart."""

import socketserver
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from pydantic import ValidationError

from reporting.errors import MailRefused, MailUnavailable, UnsafeAddress
from reporting.mail.message import assert_one_recipient, compose, message_id_for, safe_address
from reporting.mail.settings import MailSettings
from reporting.mail.transports import MailInDoubt, SmtpTransport
from reporting.packs.rendered import Attachment, InlineImage, Rendered

RENDERED = Rendered(
    "Hello\r\nBcc: evil@y.example",
    "<p>ü</p>",
    "ü",
    (Attachment("a.pdf", "application/pdf", b"%PDF-"),),
    (InlineImage("nav-1", b"\x89PNG"),),
)
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def composed(email: str = "anna@x.example", name: str = "Anna") -> EmailMessage:
    return compose(
        RENDERED,
        sender=safe_address("reports@f.example", "Fund"),
        recipient=safe_address(email, name),
        message_id="<a@f.example>",
        at=NOW,
    )


@pytest.mark.parametrize(
    "email",
    [
        "a@x.example, evil@y.example",
        "a@x.example;b@y.example",
        "a@x.example\r\nBcc: b@y.example",
        "a@x.example\n",
        "a b@x.example",
        "<a@x.example>",
        '"a"@x.example',
        "a@@x.example",
        "@x.example",
        "a@",
        "a@x..example",
        "a@x.example\u2028b",
        "a\u202e@x.example",
        "undisclosed:a@x.example;",
        "a@x.example\x00",
        "",
        "a" * 65 + "@x.example",
    ],
)
def test_anything_but_one_plain_address_is_refused(email):
    with pytest.raises(UnsafeAddress):
        safe_address(email)


def test_a_plain_header_would_have_had_two_recipients():
    message = EmailMessage()
    message["To"] = "ok@a.example, evil@y.example"
    assert len(message["To"].addresses) == 2, "the fault that Address and the assertion guard against"
    with pytest.raises(UnsafeAddress, match="instead of"):
        assert_one_recipient(message, "ok@a.example")


def test_hostile_names_and_subjects_stay_within_their_header():
    message = composed(name='Anna\r\nBcc: evil@y.example, "x" <z@y.example>')
    assert [address.addr_spec for address in message["To"].addresses] == ["anna@x.example"]
    assert message["Bcc"] is None
    assert message["Subject"] == "Hello Bcc: evil@y.example"
    assert b"\r\nBcc:" not in message.as_bytes()


def test_the_message_id_is_the_same_each_time_and_differs_by_person_period_and_tenant():
    one = message_id_for("halden", "lp-statement", "2026Q3", 1, "f.example")
    assert one == message_id_for("halden", "lp-statement", "2026Q3", 1, "f.example")
    others = {
        message_id_for(*place, "f.example")
        for place in (
            ("rival", "lp-statement", "2026Q3", 1),
            ("halden", "lp-statement", "2026Q2", 1),
            ("halden", "lp-statement", "2026Q3", 2),
        )
    }
    assert len(others | {one}) == 4


class Conversation(socketserver.StreamRequestHandler):
    """A small SMTP server: answers as `server.script` says, keeps envelopes."""

    def handle(self) -> None:
        self.wfile.write(b"220 hello\r\n")
        while line := self.rfile.readline():
            verb = line.split()[0].upper().decode()
            answer = self.server.script.get(verb)
            if answer == "drop":
                return
            if verb == "RCPT":
                self.server.recipients.append(line.decode().strip())
            if verb == "DATA" and answer is None:
                self.wfile.write(b"354 go on\r\n")
                while (text := self.rfile.readline()) and text != b".\r\n":
                    self.server.data += text
                if self.server.script.get("END") == "drop":
                    return
            self.wfile.write((answer or ("221 bye" if verb == "QUIT" else "250 ok")).encode() + b"\r\n")


@pytest.fixture
def server() -> Iterator[socketserver.TCPServer]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Conversation) as made:
        made.script, made.recipients, made.data = {}, [], b""
        thread = threading.Thread(target=made.serve_forever, daemon=True)
        thread.start()
        yield made
        made.shutdown()


def transport(port: int) -> SmtpTransport:
    return SmtpTransport(
        MailSettings(CAPSTAN_SMTP_URL=f"smtp://127.0.0.1:{port}", CAPSTAN_MAIL_FROM="reports@f.example")
    )


def test_smtp_gets_exactly_one_recipient_and_the_whole_message(server):
    transport(server.server_address[1]).send(composed(), "anna@x.example", "name")
    assert [line.upper().split("<")[1].split(">")[0] for line in server.recipients] == ["ANNA@X.EXAMPLE"]
    assert b"Message-ID: <a@f.example>" in server.data
    assert b"a.pdf" in server.data


@pytest.mark.parametrize("goodbye", ["421 too busy to part", "drop"])
def test_a_server_that_parts_rudely_after_taking_the_message_has_taken_it(server, goodbye):
    server.script["QUIT"] = goodbye
    transport(server.server_address[1]).send(composed(), "anna@x.example", "name")
    assert b"Message-ID" in server.data


@pytest.mark.parametrize(
    ("script", "error"),
    [
        ({"RCPT": "550 no such mailbox"}, MailRefused),
        ({"RCPT": "451 greylisted"}, MailUnavailable),
        ({"DATA": "554 spam"}, MailRefused),
        ({"END": "drop"}, MailInDoubt),
        ({"EHLO": "drop", "HELO": "drop"}, MailUnavailable),
    ],
)
def test_what_the_server_says_decides_between_later_never_and_nobody_knows(server, script, error):
    server.script.update(script)
    with pytest.raises(error):
        transport(server.server_address[1]).send(composed(), "anna@x.example", "name")


def test_a_server_that_is_not_there_is_tried_later_and_a_password_never_travels_unencrypted(server):
    with socketserver.TCPServer(("127.0.0.1", 0), Conversation) as closed:
        port = closed.server_address[1]
    with pytest.raises(MailUnavailable):
        transport(port).send(composed(), "anna@x.example", "name")
    open_line = MailSettings(
        CAPSTAN_SMTP_URL=f"smtp://u:secret@127.0.0.1:{server.server_address[1]}",
        CAPSTAN_MAIL_FROM="reports@f.example",
    )
    with pytest.raises(MailRefused, match="no encryption"):
        SmtpTransport(open_line).send(composed(), "anna@x.example", "name")


@pytest.mark.parametrize("url", ["http://x", "localhost:25"])
def test_settings_refuse_what_they_cannot_use_and_repeat_no_secret(url):
    with pytest.raises(ValidationError) as refused:
        MailSettings(CAPSTAN_SMTP_URL=f"{url}?password=hunter2")
    assert "hunter2" not in str(refused.value)
    settings = MailSettings(CAPSTAN_SMTP_URL="smtps://u:hunter2@mail.example")
    assert "hunter2" not in repr(settings)
