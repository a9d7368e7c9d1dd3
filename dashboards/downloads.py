"""The download button of pages: the rows of a query as CSV, read and written when the file is asked for."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from reporting.presentation.delimited import csv_text


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
