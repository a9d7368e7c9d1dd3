"""ILPA's templates as files to download: made when asked for, in the session of the person who asks."""

from collections.abc import Callable
from datetime import date

import streamlit as st

from dashboards import display, wording
from dashboards.connection import connection
from dashboards.queries import ilpa
from dashboards.reading import later, page_context, read
from warehouse import audit

TITLES = {
    ("reporting", "granular"): "Reporting Template",
    ("performance", "granular"): "Performance Template, granular",
    ("performance", "gross-up"): "Performance Template, gross-up",
    ("capital-call", "granular"): "Capital Call & Distribution Template",
}
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def show_templates(
    vehicle_id: str, investor_id: str | Callable[[], str | None], quarter_end: date, *, key: str
) -> None:
    """A section with the templates that there are for a holder of a vehicle and a quarter.

    Args:
        investor_id: the holder; or a chooser to draw under the heading, that answers None for the whole fund.
    """
    display.section(
        "ILPA templates",
        f"Excel files with live sums for the quarter to {wording.day(quarter_end)}, as the books stand now.",
    )
    holder = investor_id if isinstance(investor_id, str) else investor_id()
    place: dict[str, object] = {"vehicle_id": vehicle_id, "investor_id": holder, "quarter_end": quarter_end}
    found = read(ilpa.available, **place)
    if not found:
        display.note("None for this quarter: the vehicle states no lines of the templates, or nothing moved.")
        return
    with st.container(horizontal=True, key=f"templates-{key}"):
        for template, method in found:
            name = "-".join(("ilpa", template, *([method] if template == "performance" else [])))
            st.download_button(
                TITLES[template, method],
                data=_made(template, method, place),
                file_name=f"{name}-{vehicle_id}-{holder or 'whole-fund'}-{quarter_end}.xlsx",
                mime=EXCEL,
                key=f"{key}-{template}-{method}",
                on_click="ignore",
                type="tertiary",
                icon=":material/download:",
            )


def _made(template: str, method: str, place: dict[str, object]) -> Callable[[], bytes]:
    """The file, made and put on record when it is asked for."""
    viewer = page_context().viewer
    made = later(ilpa.workbook, template=template, method=method, **place)
    whose = place["investor_id"] or "whole-fund"
    told = f"ilpa {template} {place['vehicle_id']} {whose} {place['quarter_end']}"

    def answer() -> bytes:
        content = made()
        open_connection = connection()
        audit.record(
            open_connection.database,
            viewer,
            audit.STATEMENT_DOWNLOADED,
            told,
            sessions=open_connection.sessions,
        )
        return content

    return answer
