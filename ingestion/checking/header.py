"""Whether a table has the columns of a stream. Values are checked in `row_checks`."""

import difflib
import json

import polars as pl

from ingestion.contracts.model import Stream
from ingestion.errors import UnreadableFileError
from ingestion.readers.table import ROW_NUMBER, Reason, TextTable, UnreadableRow

TOLD = 10
"""How many columns too many a message names."""


def with_contract_columns(table: TextTable, stream: Stream, what: str) -> pl.DataFrame:
    """`_row_number` and the columns of the contract in its order; optional ones that are missing are blank.

    Args:
        what: how messages name the file or mapping.

    Raises:
        UnreadableFileError: a required column is missing or there is one that the stream does not have.
    """
    have = table.columns
    if not have and not table.frame.height:  # JSON without a readable object: its rows say why
        return pl.DataFrame(schema={ROW_NUMBER: pl.Int64, **dict.fromkeys(stream.column_names, pl.String)})
    unknown = [name for name in have if name not in stream.column_names]
    missing = [name for name in stream.required_names if name not in have]
    if unknown or missing:
        raise UnreadableFileError(
            _message(stream, have, unknown, missing, what), row=0, column=_place(unknown, missing)
        )
    return table.frame.select(
        ROW_NUMBER,
        *(
            pl.col(name) if name in have else pl.lit(None, dtype=pl.String).alias(name)
            for name in stream.column_names
        ),
    )


def without_strays(table: TextTable, stream: Stream) -> TextTable:
    """The table without the rows of a JSON file that alone name something the stream does not have.

    Such a row becomes unreadable and the others load. A name that stands in every row is a fault of the file
    and stays, for `with_contract_columns` to refuse; one that never has a value is left out.
    """
    if not table.named_by_row:
        return table
    frame, strays = table.frame, list[UnreadableRow]()
    for name in [name for name in table.columns if name not in stream.column_names]:
        given = frame.get_column(name).is_not_null()
        if table.frame.height and table.frame.get_column(name).null_count() == 0:
            continue
        for row in frame.filter(given).iter_rows(named=True):
            cells = {key: value for key, value in row.items() if key != ROW_NUMBER and value is not None}
            told = (
                f"it names {name[:80]!r}, which the stream {stream.name} does not have; its names are "
                f"{', '.join(stream.column_names)}"
            )
            original = json.dumps(cells, ensure_ascii=False)
            strays.append(UnreadableRow(row[ROW_NUMBER], original, Reason(name[:80], row[name][:200], told)))
        frame = frame.filter(~given).drop(name)
    return TextTable(frame, table.unreadable + strays, named_by_row=True)


def _place(unknown: list[str], missing: list[str]) -> str:
    return (unknown or missing)[0]


def _message(stream: Stream, have: list[str], unknown: list[str], missing: list[str], what: str) -> str:
    parts: list[str] = []
    if len(have) == 1 and missing:
        for mark, name in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
            if mark in have[0]:
                return (
                    f"{what}: its header is the one field {have[0][:120]!r}. Fields are separated by "
                    f"commas here; this file seems to use {name}. Save it with commas, or load it "
                    f"through a mapping with "
                    f"a line `-- delimiter: {'tab' if mark == chr(9) else mark}`."
                )
    for name in missing:
        near = difflib.get_close_matches(name, unknown[:500], 1, cutoff=0.6)
        hint = f" (is it {near[0]!r}?)" if near else ""
        parts.append(f"the column {name!r} is missing{hint}")
    for name in unknown[:TOLD]:
        parts.append(f"the column {name[:80]!r} (field {have.index(name) + 1}) is not one of the stream")
    if len(unknown) > TOLD:
        parts.append(f"and {len(unknown) - TOLD:,} more columns are not")
    return (
        f"{what} does not have the columns of the stream {stream.name}: {'; '.join(parts)}. "
        f"Its columns are {', '.join(stream.column_names)}; those that may be missing are "
        f"{', '.join(c.name for c in stream.columns if c.nullable) or 'none'}."
    )
