"""Which reader a file needs: by its first bytes, then by its name."""

from pathlib import PurePath

from ingestion.errors import UnreadableFileError
from ingestion.readers.csv_file import read_csv
from ingestion.readers.json_file import read_documents, read_json, read_json_lines
from ingestion.readers.options import ReadOptions
from ingestion.readers.parquet_file import read_parquet
from ingestion.readers.table import TextTable

REFUSED = (
    (b"\x1f\x8b", "compressed with gzip", "Unpack it first."),
    (b"PK\x03\x04", "a zip archive or an Excel workbook (.xlsx)", "Save the sheet as CSV (UTF-8)."),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls)", "Save the sheet as CSV (UTF-8)."),
    (b"%PDF", "a PDF document", "Export the table as CSV."),
)
SUFFIXES = {".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json", ".parquet": "parquet", ".pq": "parquet"}


def read_file(data: bytes, file_name: str, options: ReadOptions) -> TextTable:
    """The file as a table of text; raises `UnreadableFileError` when no row of it can be trusted."""
    if not data:
        raise UnreadableFileError(f"{file_name} is empty (0 bytes).")
    for magic, what, remedy in REFUSED:
        if data.startswith(magic):
            raise UnreadableFileError(
                f"{file_name} is {what}. Read are CSV, Parquet, JSON Lines, JSON. {remedy}"
            )
    kind = options.format
    if kind == "auto":
        by_content = "parquet" if data.startswith(b"PAR1") else None
        kind = by_content or SUFFIXES.get(PurePath(file_name).suffix.lower(), "csv")  # type: ignore[assignment]
    if kind == "parquet":
        return read_parquet(data, file_name)
    if kind == "jsonl":
        return read_json_lines(data, file_name)
    if kind == "json":
        return read_json(data, file_name)
    if kind == "document":
        return read_documents(data, file_name)
    return read_csv(data, file_name, options)
