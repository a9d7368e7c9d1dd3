"""From bytes to UTF-8: byte order marks are believed, everything else must be UTF-8 already or is refused."""

import codecs

from ingestion.errors import UnreadableFileError

# UTF-32 first: its little-endian mark begins with that of UTF-16.
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def to_utf8(data: bytes, file_name: str) -> bytes:
    """The same text in UTF-8 without a mark; raises `UnreadableFileError` with the first bad place."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            body = data[len(mark) :]
            if encoding == "utf-8":
                return _checked(body, file_name)
            try:
                return body.decode(encoding).encode("utf-8")
            except UnicodeDecodeError as error:
                raise UnreadableFileError(
                    f"{file_name} says that it is {encoding.upper()}, but byte {error.start + len(mark)} "
                    f"is not: "
                    f"{error.reason}. Save it again as UTF-8."
                ) from error
    sample = data[:4096]
    if len(sample) >= 4 and sample.count(0) >= len(sample) // 4:
        raise UnreadableFileError(
            f"{file_name} looks like UTF-16 or UTF-32 without a byte order mark ({sample.count(0)} of its "
            f"first "
            f"{len(sample)} bytes are NUL). Save it as UTF-8."
        )
    return _checked(data, file_name)


def _checked(data: bytes, file_name: str) -> bytes:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line_start = data.rfind(b"\n", 0, error.start) + 1
        row = data.count(b"\n", 0, error.start)
        field = data.count(b",", line_start, error.start) + 1
        byte = data[error.start]
        raise UnreadableFileError(
            f"{file_name} is not UTF-8: line {row + 1}, field {field} has the byte 0x{byte:02X} "
            f"(it may be Latin-1 or Windows-1252). Save it as UTF-8.",
            row=row,
            column=f"field {field}",
            value=f"0x{byte:02X}",
        ) from error
    return data
