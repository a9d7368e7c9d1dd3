"""Errors that ingestion raises to its callers. Bad rows are no errors: they are quarantined and counted."""


class IngestionError(Exception):
    """Base of all, explained: what was tried, with which value, and what is allowed."""


class WrongUsageError(IngestionError):
    """What was asked for can never be: a source, stream or combination that does not exist."""


class UnknownStreamError(WrongUsageError):
    """A stream was named that no contract defines."""

    def __init__(self, stream: str, known: tuple[str, ...]) -> None:
        self.stream = stream
        self.known = known
        super().__init__(f"There is no stream {stream!r}. Streams are: {', '.join(known)}.")


class MappingError(IngestionError):
    """A mapping cannot be used: its text, columns or SQL. Names the file and, where known, the position."""


class UnreadableFileError(IngestionError):
    """A file cannot be read, so the whole of it is refused; `row` and `column` say where, if they exist."""

    def __init__(
        self, message: str, *, row: int | None = None, column: str | None = None, value: str | None = None
    ):
        self.row = row
        self.column = column
        self.value = value
        super().__init__(message)
