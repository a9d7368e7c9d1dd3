"""CSV files for spreadsheets: exact numbers, ISO dates, and no cell that a spreadsheet would run as a
formula."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import streamlit as st

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe_cell(value: Any) -> Any:
    """The value as a CSV cell; text that a spreadsheet might take for a formula gets a leading apostrophe.

    Numbers stay numbers: a negative amount is data, not text.
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


def csv_text(columns: Mapping[str, str] | None, rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows as RFC 4180 text with a header; `columns` maps each key to its heading, None takes all as
    they are."""
    columns = columns or {key: key for key in (rows[0] if rows else {})}
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow([safe_cell(heading) for heading in columns.values()])
    writer.writerows([safe_cell(row.get(key)) for key in columns] for row in rows)
    return target.getvalue()


def csv_button(
    label: str,
    file_name: str,
    columns: Mapping[str, str] | None,
    rows: Callable[[], Sequence[Mapping[str, Any]]],
    *,
    key: str,
) -> None:
    """A download of all rows that match, made only when it is asked for. UTF-8 with a mark, as spreadsheets
    expect."""
    st.download_button(
        label,
        data=lambda: csv_text(columns, rows()).encode("utf-8-sig"),
        file_name=file_name,
        mime="text/csv",
        key=key,
        on_click="ignore",
        type="tertiary",
        icon=":material/download:",
    )
