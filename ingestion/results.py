"""What loading reports: one result a stream and file, and one line a refused row."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Progress = Callable[[str], None]
"""Called with a sentence at each step of a load; it may be slow, but must not raise."""


@dataclass(frozen=True)
class BatchResult:
    """What became of one stream of one file.

    Args:
        read: rows of the file, or rows that the mapping yields and rows that it could not be given;
            accepted + unchanged + quarantined = read, always.
        unchanged: rows that were known already with the same values.
        status: `loaded`, `unchanged` (nothing new) or `rejected` (the file as a whole cannot be read).
        reasons: for people: why rows or the file were refused, and what else is worth knowing.
    """

    batch_id: str
    stream: str
    source: str
    file_name: str
    read: int
    accepted: int
    unchanged: int
    quarantined: int
    status: str
    reasons: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The form in which the command line prints it."""
        return {
            "batch_id": self.batch_id,
            "stream": self.stream,
            "source": self.source,
            "file_name": self.file_name,
            "read": self.read,
            "accepted": self.accepted,
            "unchanged": self.unchanged,
            "quarantined": self.quarantined,
            "status": self.status,
            "reasons": list(self.reasons),
        }
