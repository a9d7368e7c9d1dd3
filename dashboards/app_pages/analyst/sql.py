"""Analyst · SQL: ask the marts anything, in one's own read-only session. The database decides what may be
seen."""

from typing import Any

import streamlit as st

from dashboards import display, wording
from dashboards.connection import connection
from dashboards.downloads import csv_button
from dashboards.markup import Column
from dashboards.queries import catalogue
from dashboards.reading import page_context, read, reading
from warehouse import audit
from warehouse.errors import WarehouseError

SHOWN_ROWS = 200
FIRST = """select vehicle_name, as_of, tvpi, irr, irr_status
  from fct_vehicle_performance
 where is_latest
 order by vehicle_name"""


def main() -> None:
    """The statement, its answer, and what there is to ask."""
    display.heading(
        "SQL",
        "Ask the marts anything. Read-only, one statement at a time, 30 seconds at most.",
        aside="Names need no schema: yours is looked in first",
    )
    with st.form("statement", border=False):
        statement = st.text_area("Statement", FIRST, height=180, key="s-statement", max_chars=20_000)
        asked = st.form_submit_button("Run", type="primary")
    if asked and statement.strip():
        run(statement)
    show_catalogue()


def run(statement: str) -> None:
    """Run the statement in the viewer's session and show its answer or the database's own words."""
    try:
        viewer = page_context().viewer
        audit.record(
            connection().database, viewer, audit.QUERIED, statement[:1000], sessions=connection().sessions
        )
        with reading(viewer) as reader:
            names, rows = reader.columns_and_rows(statement)
    except WarehouseError as error:
        display.note(str(error), "warn")
        return
    keys = [f"c{place}" for place in range(len(names))]  # two columns may have the same name
    records: list[dict[str, Any]] = [dict(zip(keys, row, strict=True)) for row in rows]
    shown = records[:SHOWN_ROWS]
    is_number = [
        any(isinstance(row[key], int | float) or hasattr(row[key], "as_tuple") for row in shown)
        for key in keys
    ]
    more = f", the first {wording.whole(SHOWN_ROWS)} shown" if len(rows) > SHOWN_ROWS else ""
    display.section("Answer", f"{wording.counted(len(rows), 'row')}{more}.")
    display.table(
        [
            Column(key, name, "number" if numeric else "line")
            for key, name, numeric in zip(keys, names, is_number, strict=True)
        ],
        [{key: None if row[key] is None else str(row[key]) for key in keys} for row in shown],
    )
    headings = dict(zip(keys, names, strict=True))
    csv_button("Download as CSV", "answer.csv", headings, lambda: records, key="s-csv")


def show_catalogue() -> None:
    """The relations that this viewer may read, with their columns."""
    display.section(
        "What there is",
        "The relations that you may read. What a portfolio mart said before is in a relation of its name and "
        "_versions, with known_from and known_to.",
    )
    display.table(
        (Column("name", "Relation"), Column("columns", "Columns", "wrap")),
        [{"name": row["name"], "columns": row["columns"]} for row in read(catalogue.relations)],
    )


main()
