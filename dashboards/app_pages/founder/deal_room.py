"""Founder · Deal room: who read what, how far and for how long?"""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboards import display, states, wording
from dashboards.display import Figure
from dashboards.listing import show_listing
from dashboards.markup import Column
from dashboards.queries import deal_rooms
from dashboards.reading import page_context, read
from dashboards.wording import helps, title
from reporting.presentation import round_figures

Row = dict[str, Any]
DOCUMENTS = (
    Column("name", "Document"),
    Column("views", "Views", "number"),
    Column(
        "readers",
        "Readers",
        "number",
        "Different investors, or addresses where the investor is not known",
        fold=True,
    ),
    Column("time", "Time", "number", "All views together"),
    Column("completion", "Mean completion", "number", helps("completion_pct")),
    Column(
        "downloads",
        "Downloads",
        "number",
        "Views that ended in a download: what is read then is not seen",
        fold=True,
    ),
    Column("last", "Last viewed", "quiet", fold=True),
)
READERS = (
    Column("name", "Investor"),
    Column("stage", "Stage", "quiet"),
    Column("visits", title("visits"), "number", helps("visits")),
    Column("documents", title("documents_viewed"), "number", helps("documents_viewed"), fold=True),
    Column("time", title("seconds"), "number", helps("seconds")),
    Column("last", "Last viewed", "quiet", fold=True),
    Column("touch", title("days_since_last_touch"), "number", helps("days_since_last_touch"), fold=True),
)
VIEWS = (
    Column("when", "When"),
    Column("reader", "Reader"),
    Column("document", "Document", "quiet"),
    Column("pages", title("pages_viewed"), "number", helps("pages_viewed"), fold=True),
    Column("time", "Time", "number"),
    Column("visit", "Visit", "number", fold=True),
    Column("remark", "Remark", "quiet", fold=True),
)


def main() -> None:
    """Number, trend, parts, rows."""
    vehicles = read(deal_rooms.vehicles)
    if not vehicles:
        states.show_nothing_yet(
            "Nobody has read anything yet",
            because="No view of a document has been recorded so far.",
            next_step="Share the deal room; the first view appears here after the next load, bots set apart.",
        )
        return
    head = st.container()
    with display.choosers():
        vehicle = display.choose(
            "Round", vehicles, key="round", id_key="vehicle_id", name=lambda row: str(row["vehicle_name"])
        )
    everyone = bool(st.session_state.get("d-everyone", False))
    summary = read(deal_rooms.summary, vehicle_id=vehicle, everyone=everyone)
    name = next(row["vehicle_name"] for row in vehicles if row["vehicle_id"] == vehicle)
    with head:
        display.heading(
            "Deal room",
            "Who read what, how far, and for how long?",
            as_of=f"Latest view {wording.day(summary['last_viewed_at'])}",
            aside=str(name),
        )
    show_headline(summary)
    st.toggle(
        "Count machines and own team",
        key="d-everyone",
        help="Link scanners and your own people are set apart.",
    )
    apart = (
        f"{wording.counted(summary['machine_views'], 'view')} by machines and "
        f"{wording.counted(summary['own_team_views'], 'view')} by your own team"
    )
    display.note(f"Included: {apart}." if everyone else f"Left out: {apart}.")
    display.section("Over time", "Reading time per week.")
    display.chart(
        round_figures.reading_by_week(
            read(deal_rooms.views_by_week, vehicle_id=vehicle, everyone=everyone),
            palette=page_context().palette,
        ),
        key="weeks",
        alt="Reading time per week",
    )
    show_readers(vehicle)
    show_documents(vehicle, everyone)
    show_views(vehicle, everyone, summary["views"])


def show_headline(summary: Row) -> None:
    """Views, readers, time, completion."""
    display.figures(
        "headline",
        [
            Figure(
                "Readers",
                wording.whole(summary["readers"]),
                "Different investors, or addresses where not known",
            ),
            Figure("Views", wording.whole(summary["views"]), "One opening of one document"),
            Figure("Reading time", wording.duration(summary["seconds"]), "All views together"),
            Figure("Mean completion", wording.percent(summary["completion_pct"], 0), helps("completion_pct")),
        ],
    )


def show_readers(vehicle: str) -> None:
    """Who is most engaged."""
    rows = read(deal_rooms.engagement, vehicle_id=vehicle)
    display.section("Most engaged", "By reading time; machines and your own team never count here.")
    if not rows:
        display.note("No investor has opened a document yet.")
        return
    most = max(row["seconds"] or 0 for row in rows) or 1
    show_listing(
        deal_rooms.engagement,
        READERS,
        lambda row: reader_texts(row, most),
        key="readers",
        file_name="engagement.csv",
        orders={
            "Longest read": ("seconds", True),
            "Last viewed": ("last_viewed_at", True),
            "Most visits": ("visits", True),
            "Name": ("investor_name", False),
        },
        filters={"Stage": "stage"},
        find_in=("investor_name", "firm", "investor_id"),
        vehicle_id=vehicle,
    )


def reader_texts(row: Mapping[str, Any], most: int) -> dict[str, Any]:
    """A reader as texts, with a bar against the one who read longest."""
    return {
        "name": row["investor_name"] or row["investor_id"],
        "_note": wording.firm_beside(row["investor_name"], row["firm"]),
        "_bar": (row["seconds"] or 0) / most,
        "stage": wording.stage(row["stage"]),
        "visits": wording.whole(row["visits"]),
        "documents": wording.whole(row["documents_viewed"]),
        "time": wording.duration(row["seconds"]),
        "last": wording.day(row["last_viewed_at"]),
        "touch": wording.days(row["days_since_last_touch"]),
    }


def show_documents(vehicle: str, everyone: bool) -> None:
    """Each document with how it was read."""
    display.section("Documents", "The most viewed first.")
    show_listing(
        deal_rooms.documents,
        DOCUMENTS,
        document_texts,
        key="documents",
        file_name="documents.csv",
        orders={
            "Most viewed": ("views", True),
            "Longest read": ("seconds", True),
            "Last viewed": ("last_viewed_at", True),
            "Name": ("name", False),
        },
        filters={"Type": "type"},
        find_in=("name",),
        vehicle_id=vehicle,
        everyone=everyone,
    )


def document_texts(row: Mapping[str, Any]) -> dict[str, Any]:
    """A document as texts."""
    pages = f"{row['pages']} pages" if row["pages"] else ""
    return {
        "name": row["name"] or row["document_id"],
        "_note": " · ".join(part for part in (wording.sentence(row["type"]), pages) if part),
        "views": wording.whole(row["views"]),
        "readers": wording.whole(row["readers"]),
        "time": wording.duration(row["seconds"]),
        "completion": wording.percent(row["completion_pct"], 0),
        "downloads": wording.whole(row["downloads"]),
        "last": wording.day(row["last_viewed_at"]),
    }


def show_views(vehicle: str, everyone: bool, matches: int) -> None:
    """Single views, newest first."""
    display.section("Every view", "Newest first.")
    body = st.container()
    offset = display.pager(matches, key="d-page")
    rows = read(
        deal_rooms.views, vehicle_id=vehicle, everyone=everyone, limit=display.PAGE_ROWS, offset=offset
    )
    with body:
        display.table(VIEWS, [view_texts(row) for row in rows])
    display.csv_of(
        f"Download all {wording.whole(matches)} as CSV",
        "views.csv",
        deal_rooms.views,
        key="d-csv",
        vehicle_id=vehicle,
        everyone=everyone,
        limit=None,
        offset=0,
    )


def view_texts(row: Row) -> dict[str, Any]:
    """A view as texts."""
    remarks = (
        "machine" if row["is_machine"] else "",
        "own team" if row["is_own_team"] else "",
        "downloaded" if row["downloaded"] else "",
    )
    return {
        "when": f"{wording.day(row['started_at'])}, {row['started_at']:%H:%M} UTC",
        "reader": row["reader"],
        "document": row["document_name"],
        "pages": f"{row['pages_viewed']} of {row['pages']}"
        if row["pages"]
        else wording.whole(row["pages_viewed"]),
        "time": wording.duration(row["duration_seconds"]),
        "visit": wording.whole(row["visit_number"]),
        "remark": ", ".join(part for part in remarks if part),
        "_tone": "quiet" if row["is_machine"] or row["is_own_team"] else "",
    }


main()
