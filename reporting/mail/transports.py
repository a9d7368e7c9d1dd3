"""The two ways out: an SMTP server, or a folder of `.eml` files where none is configured.

A transport either has delivered when `send` returns, or says which of three things is true: try later,
never, or nobody can know.
"""

import contextlib
import os
import smtplib
import ssl
import tempfile
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from reporting.errors import MailRefused, MailUnavailable, ReportingError
from reporting.mail.settings import MailSettings

TIMEOUT_SECONDS = 30


class MailInDoubt(ReportingError):
    """The connection broke after the message was handed over: it may or may not have been taken."""


class Transport(Protocol):
    """A way out for one message to one recipient."""

    def send(self, message: EmailMessage, recipient: str, name: str) -> None:
        """Deliver. Raises MailUnavailable, MailRefused or MailInDoubt."""

    def has_delivered(self, name: str) -> bool | None:
        """Whether a message of this name was delivered before; None where nobody can be asked."""


class FolderTransport:
    """Writes `<name>.eml` into a folder, whole or not at all; the same name is the same message."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, message: EmailMessage, recipient: str, name: str) -> None:
        """Write the message. Raises MailUnavailable where the folder cannot be written."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            descriptor, temporary = tempfile.mkstemp(dir=self.folder, prefix=".", suffix=".part")
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(message.as_bytes())
                    file.flush()
                    os.fsync(file.fileno())
                Path(temporary).replace(self.folder / f"{name}.eml")
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise MailUnavailable(f"{self.folder} cannot be written: {error}") from error

    def has_delivered(self, name: str) -> bool | None:
        """Whether the file is there: here the question has an answer."""
        return (self.folder / f"{name}.eml").exists()


class SmtpTransport:
    """Hands the message to the server of `CAPSTAN_SMTP_URL`, one connection a message."""

    def __init__(self, settings: MailSettings) -> None:
        if settings.smtp_url is None:
            raise ValueError("SmtpTransport needs CAPSTAN_SMTP_URL")
        self._settings = settings
        self._url = urlsplit(settings.smtp_url.get_secret_value())

    def send(self, message: EmailMessage, recipient: str, name: str) -> None:
        """Deliver to exactly this recipient, whatever the headers say."""
        handed_over = False
        try:
            server = self._connected()
            try:
                handed_over = True
                refused = server.send_message(message, from_addr=self._settings.sender, to_addrs=[recipient])
            finally:
                _part(server)  # whatever it says to goodbye, the answer to the message stands
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            raise _by_code(code, said, recipient) from error
        except smtplib.SMTPResponseException as error:
            raise _by_code(error.smtp_code, error.smtp_error, recipient) from error
        except smtplib.SMTPNotSupportedError as error:
            raise MailRefused(f"the mail server lacks what this needs: {error}") from error
        except (smtplib.SMTPException, OSError) as error:
            if handed_over:
                raise MailInDoubt(
                    f"the connection broke while the message was handed over: {error}"
                ) from error
            raise MailUnavailable(f"the mail server cannot be reached: {error}") from error
        if refused:
            raise MailRefused(f"the mail server refused {recipient!r}")

    def has_delivered(self, name: str) -> bool | None:
        """Nobody can be asked over SMTP."""
        return None

    def _connected(self) -> smtplib.SMTP:
        host = self._url.hostname or "localhost"
        scheme = self._url.scheme
        secure = ssl.create_default_context()
        if scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, self._url.port or 465, timeout=TIMEOUT_SECONDS, context=secure
            )
        else:
            server = smtplib.SMTP(host, self._url.port or 587, timeout=TIMEOUT_SECONDS)
        try:
            if scheme == "smtp+starttls":
                server.starttls(context=secure)
            server.ehlo_or_helo_if_needed()
            if self._url.username:
                if scheme == "smtp":
                    raise MailRefused(
                        "CAPSTAN_SMTP_URL has a password and no encryption; use smtp+starttls:// or smtps://"
                    )
                server.login(unquote(self._url.username), unquote(self._url.password or ""))
        except BaseException:
            server.close()
            raise
        return server


def transport_for(settings: MailSettings, home: Path) -> Transport:
    """SMTP where it is configured, else the folder `mail` of this home."""
    if settings.smtp_url is not None:
        return SmtpTransport(settings)
    return FolderTransport(settings.folder or home / "mail")


def _part(server: smtplib.SMTP) -> None:
    with contextlib.suppress(smtplib.SMTPException, OSError):
        server.quit()
    server.close()


def _by_code(code: int, said: bytes | str, recipient: str) -> ReportingError:
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    text = f"the mail server answered {code} for {recipient!r}: {words[:200]}"
    return MailUnavailable(text) if 400 <= code < 500 else MailRefused(text)
