"""A vehicle's holdings on its page, gross: how much hangs on few of them, how much is at a loss, and each."""

from typing import Any

import streamlit as st

from dashboards import display, wording
from dashboards.display import Figure
from dashboards.markup import Column
from dashboards.queries import holdings
from dashboards.reading import page_context, read
from dashboards.wording import helps, locale, title
from reporting.presentation import analysis_figures, reasons

Row = dict[str, Any]
WEIGHTS = ("top_1_share", "top_5_share", "top_10_share")
LOSSES = ("loss_ratio_cost", "loss_ratio_loss", "loss_ratio_count")


def show_holdings(vehicle_id: str) -> None:
    """The weights and losses, then the list; the net figures stand at the head of the page."""
    display.section(
        "Holdings", "Gross of fees and carried interest; the net figures are at the head of this page."
    )
    kinds = read(holdings.choices, vehicle_id=vehicle_id)
    if not kinds:
        display.note("No holdings have been loaded for this vehicle.")
        return
    history = read(holdings.concentration, vehicle_id=vehicle_id)
    if history:
        show_concentration(history)
    show_list(vehicle_id, kinds)


def show_concentration(history: list[Row]) -> None:
    """Weights of the largest holdings and loss ratios, at the latest date and over time."""
    row = next((one for one in reversed(history) if one["is_latest"]), history[-1])
    held = row["concentration_status"] == "ok"
    display.figures(
        "weights",
        [
            *(
                Figure(
                    wording.title(name), wording.share(row, name, "concentration_status").text, helps(name)
                )
                for name in WEIGHTS
            ),
            Figure(wording.title("hhi"), wording.number(row["hhi"], 3), helps("hhi")),
            Figure(
                wording.title("effective_holdings"),
                wording.number(row["effective_holdings"], 1),
                helps("effective_holdings"),
                f"of {wording.whole(row['holdings_held'])} held" if row["holdings_held"] is not None else "",
            ),
            *(
                Figure(wording.title(name), wording.share(row, name, "loss_status").text, helps(name))
                for name in LOSSES
            ),
        ],
        least_width=185,
    )
    for status in {row["concentration_status"], row["loss_status"]}:
        if why := reasons.CONCENTRATION.get(status or "", wording.sentence(status)):
            display.note(why)
    if held and len(history) > 1:
        with st.expander("Largest holdings over time"):
            display.note("Value of the largest holdings as a share of partners' capital.")
            display.chart(
                analysis_figures.weights_over_time(history, palette=page_context().palette, locale=locale()),
                key="weights-over-time",
                alt="Share of partners' capital in the largest, five largest and ten largest holdings",
            )


def show_list(vehicle_id: str, kinds: list[Row]) -> None:
    """One line per holding, filtered, sorted and paged by the database."""
    with st.container(horizontal=True, key="choosers-holdings"):
        sector = display.narrowing(
            "Sector",
            {kind["sector"]: kind["sector"] for kind in kinds if kind["sector"]},
            key="h-sector",
            every="All sectors",
        )
        status = display.narrowing(
            "Status",
            {kind["status"]: wording.sentence(kind["status"]) for kind in kinds if kind["status"]},
            key="h-status",
            every="All holdings",
        )
        matches = sum(
            kind["holdings"]
            for kind in kinds
            if sector in (None, kind["sector"]) and status in (None, kind["status"])
        )
        sort = display.sorting(
            list(holdings.SORTS), key="h-sort", rows=sum(kind["holdings"] for kind in kinds)
        )
    chosen: dict[str, Any] = {"vehicle_id": vehicle_id, "sector": sector, "status": status, "sort": sort}
    body = st.container()
    offset = display.pager(matches, key="h-page")
    rows = read(holdings.page, **chosen, limit=display.PAGE_ROWS, offset=offset)
    with body:
        display.table(columns(), [texts(row) for row in rows])
        if any(is_rolled(row) for row in rows):
            display.note(f"* {reasons.NAV['rolled']}")
    display.csv_of(
        "Download as CSV", "holdings.csv", holdings.page, key="h-csv", **chosen, limit=None, offset=0
    )


def columns() -> tuple[Column, ...]:
    """The columns of the list of holdings."""
    return (
        Column("name", "Holding"),
        Column("sector", "Sector", "quiet", fold=True),
        Column("invested_on", "Held since", "quiet", fold=True),
        Column("status", "Status", "quiet", fold=True),
        Column("invested", title("invested_amount"), "number", helps("invested_amount")),
        Column("proceeds", "Proceeds", "number", helps("proceeds_amount"), fold=True),
        Column("nav", title("nav_amount"), "number", helps("nav_amount")),
        Column("moic", "Gross MOIC", "number", helps("moic")),
        Column("irr", f"Gross {title('irr')}", "number", helps("irr"), fold=True),
    )


def is_rolled(row: Row) -> bool:
    """Whether something is still held at a value older than the date."""
    return bool(row["nav_status"] == "rolled" and row["nav_amount"])


def texts(row: Row) -> dict[str, Any]:
    """A holding as texts."""
    currency = row["currency_code"]
    return {
        "name": row["name"] or row["holding_id"],
        "sector": row["sector"],
        "invested_on": wording.day(row["invested_on"]),
        "status": wording.sentence(row["status"]),
        "invested": wording.money(row["invested_amount"], currency),
        "proceeds": wording.money(row["proceeds_amount"], currency),
        "nav": f"{wording.money(row['nav_amount'], currency)}{' *' if is_rolled(row) else ''}",
        "nav_why": wording.nav_why(row) if row["nav_amount"] is None or is_rolled(row) else "",
        "moic": wording.multiple(row["moic"]),
        "moic_why": wording.nav_why(row) if row["moic"] is None else "",
        "irr": wording.irr_text(row),
        "irr_why": wording.irr_why(row),
    }
