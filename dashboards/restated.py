"""The list of restated figures of an account or a vehicle: what was published, what is published now, why."""

from typing import Any

import streamlit as st

from dashboards import display, wording
from dashboards.markup import Column
from dashboards.queries import restatements
from dashboards.reading import read
from reporting.presentation import reasons

Row = dict[str, Any]
ROWS_SHOWN = 10
COLUMNS = (
    Column("figure", "Figure"),
    Column("old", "Published", "number", "What had been published for the date"),
    Column("new", "Now", "number", "What is published for the same date since"),
    Column("difference", "Difference", "number", "Now less published", fold=True),
    Column("when", "Changed", "line", "When the new figure was published", fold=True),
    Column(
        "cause",
        "Because of",
        "quiet",
        "The first row of the books that caused it; rows are counted after the header",
    ),
)


def show_restatements(vehicle_id: str, investor_id: str | None, *, key: str) -> None:
    """A section with the restated figures of a vehicle, or of an investor's share in it."""
    kinds = read(restatements.metrics, vehicle_id=vehicle_id, investor_id=investor_id)
    display.section(
        "Restated figures",
        "Published for a date and read otherwise later, with the row that caused it; changes too small to be "
        "seen in print are left out.",
    )
    if not kinds:
        display.note("No figure that was published has changed since.")
        return
    with st.container(horizontal=True, key=f"choosers-{key}"):
        metric = display.narrowing(
            "Figure", {name: wording.title(name) for name in kinds}, key=f"{key}-metric", every="All figures"
        )
        matches = kinds[metric] if metric else sum(kinds.values())
        sort = display.sorting(list(restatements.SORTS), key=f"{key}-sort", rows=matches)
    body = st.container()
    offset = display.pager(matches, key=f"{key}-page", rows=ROWS_SHOWN)
    arguments: dict[str, Any] = {
        "vehicle_id": vehicle_id,
        "investor_id": investor_id,
        "metric": metric,
        "sort": sort,
    }
    rows = read(restatements.page, **arguments, limit=ROWS_SHOWN, offset=offset)
    with body:
        display.table(COLUMNS, [texts(row) for row in rows])
    display.csv_of(
        f"Download all {wording.whole(matches)} as CSV",
        "restatements.csv",
        restatements.page,
        key=f"{key}-csv",
        **arguments,
        limit=None,
        offset=0,
    )


def texts(row: Row) -> dict[str, Any]:
    """A restatement as texts."""
    unit, currency = row["unit"], row["currency_code"]
    cause = reasons.RESTATED.get(row["cause"], wording.sentence(row["cause"]))
    more = f"and {wording.counted(row['causes'] - 1, 'more row')}" if row["causes"] > 1 else ""
    return {
        "figure": wording.title(row["metric"]),
        "_note": f"as of {wording.day(row['as_of'])}",
        "old": wording.in_unit(row["old_value"], unit, currency),
        "old_why": remark(row["old_status"]),
        "old_note": wording.day(row["published_at"]),
        "new": wording.in_unit(row["new_value"], unit, currency),
        "new_why": remark(row["new_status"]) if row["new_value"] is not None else missing(row),
        "difference": wording.in_unit(row["difference"], unit, currency),
        "when": wording.day(row["known_from"]),
        "cause": f"{row['source_file']}, row {row['source_row']}" if row["source_file"] else cause,
        "cause_note": more,
        "cause_why": f"{wording.sentence(row['cause_stream'])} {row['cause_key']}"
        if row["cause_key"]
        else "",
    }


def remark(status: str | None) -> str:
    """What a figure rests on, where that is not plain."""
    return "" if status in (None, "ok", "reported") else wording.sentence(status)


def missing(row: Row) -> str:
    """Why there is no figure now."""
    known = {**reasons.IRR, **reasons.PME, **reasons.NAV}.get(row["new_status"] or "")
    return known or wording.sentence(row["change"])
