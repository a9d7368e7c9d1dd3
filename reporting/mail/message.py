"""One report as one e-mail to one person. Refuses addresses that could become two recipients or a header."""

import hashlib
import re
from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from reporting.errors import UnsafeAddress
from reporting.packs.rendered import Rendered

_PLAIN = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_POLICY = SMTP.clone(cte_type="7bit")


def safe_address(email: str, display_name: str = "") -> Address:
    """The address as a header may hold it. Raises UnsafeAddress for anything but one plain address.

    A display name is data of the tenant: its line breaks and control characters become spaces.
    """
    if not _PLAIN.fullmatch(email) or ".." in email or len(email) > 254:
        raise UnsafeAddress(
            f"{email!r} is not one plain e-mail address such as anna@example.com; nothing is sent to it"
        )
    try:
        return Address(display_name=one_line(display_name), addr_spec=email)
    except (HeaderParseError, ValueError, IndexError) as error:
        raise UnsafeAddress(f"{email!r} cannot be an address in a mail header: {error}") from error


def one_line(text: str) -> str:
    """The text on one line: control characters, line and paragraph separators become one space."""
    return re.sub(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", text).strip()[:200]


def message_id_for(tenant_slug: str, report: str, period: str, user_id: int, domain: str) -> str:
    """The Message-ID of this report to this person: always the same, so that a copy is recognised."""
    digest = hashlib.sha256("\x1f".join((tenant_slug, report, period, str(user_id))).encode()).hexdigest()
    return f"<capstan.{digest[:40]}@{domain}>"


def compose(
    rendered: Rendered,
    *,
    sender: Address,
    recipient: Address,
    message_id: str,
    at: datetime,
) -> EmailMessage:
    """Text, HTML with its pictures, and the files. Raises UnsafeAddress unless it has one recipient."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = sender
    message["To"] = recipient
    message["Subject"] = one_line(rendered.subject)
    message["Date"] = at
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(rendered.text)
    message.add_alternative(rendered.html, subtype="html")
    if rendered.images:
        html_part = message.get_payload()[1]  # type: ignore[index]
        for image in rendered.images:
            html_part.add_related(  # type: ignore[union-attr]
                image.content,
                "image",
                "png",
                cid=f"<{image.content_id}>",
                filename=f"{image.content_id}.png",
                disposition="inline",
            )
    for file in rendered.attachments:
        kind, _, subtype = file.content_type.partition("/")
        message.add_attachment(file.content, maintype=kind, subtype=subtype, filename=file.file_name)
    assert_one_recipient(message, recipient.addr_spec)
    return message


def assert_one_recipient(message: EmailMessage, email: str) -> None:
    """Raises UnsafeAddress unless the mail is addressed to this address and to nobody else."""
    found = [
        address.addr_spec
        for name in ("To", "Cc", "Bcc", "Resent-To")
        for header in message.get_all(name, [])
        for address in header.addresses
    ]
    if found != [email]:
        raise UnsafeAddress(f"the mail would go to {found!r} instead of {email!r}; nothing was sent")
