"""What a report is when it is ready to be sent, and whose looks it wears."""

from dataclasses import dataclass

from reporting.presentation.palette import Palette, palette_for


@dataclass(frozen=True)
class Brand:
    """The tenant as its investors see it."""

    name: str
    brand_colour: str | None = None
    locale: str = "en"

    @property
    def palette(self) -> Palette:
        """The colours that its reports are drawn in."""
        return palette_for(self.brand_colour)


@dataclass(frozen=True)
class Attachment:
    """A file that goes with the mail. `content_type` as `application/pdf`."""

    file_name: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class InlineImage:
    """A picture that the HTML shows as `cid:<content_id>`; always PNG."""

    content_id: str
    content: bytes


@dataclass(frozen=True)
class Rendered:
    """A report for one recipient: the same as HTML and as plain text, with its files."""

    subject: str
    html: str
    text: str
    attachments: tuple[Attachment, ...] = ()
    images: tuple[InlineImage, ...] = ()
