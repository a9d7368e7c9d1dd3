"""CSV for spreadsheets: exact numbers, ISO dates, and no cell that a spreadsheet would run as a formula."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe_cell(value: Any) -> Any:
    """The value as a CSV cell; text that a spreadsheet might run gets a leading apostrophe.

    Numbers stay numbers: a negative amount is data, not text. A missing value is an empty cell.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime | date):
        return value.isoformat()
    text = str(value)
    return f"'{text}" if text.lstrip(" ").startswith(_STARTS_A_FORMULA) else text


def csv_text(columns: Mapping[str, str] | Sequence[str] | None, rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows as RFC 4180 text with a header.

    `columns` are the keys in the order wanted, or map each key to its heading; None takes all of the first
    row.
    """
    if columns is None:
        columns = list(rows[0]) if rows else []
    headings = columns.values() if isinstance(columns, Mapping) else columns
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow([safe_cell(heading) for heading in headings])
    writer.writerows([safe_cell(row.get(column)) for column in columns] for row in rows)
    return target.getvalue()
