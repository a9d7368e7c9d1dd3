"""LP · Portfolio: how are all my commitments doing, and what may still be called?"""

from typing import Any

import streamlit as st

from dashboards import display, performance_tables, states, wording
from dashboards.display import Figure
from dashboards.explaining import explain
from dashboards.investor_pages import chosen_investor
from dashboards.queries import portfolio
from dashboards.reading import page_context, read
from dashboards.wording import helps, locale
from reporting.presentation import figures

Row = dict[str, Any]


def main() -> None:
    """Number, trend, parts, rows."""
    head = st.container()
    with display.choosers():
        investor = chosen_investor()
    if investor is None:
        return
    investor_id = investor["investor_id"]
    totals = read(portfolio.totals, investor_id=investor_id)
    commitments = read(portfolio.commitments, investor_id=investor_id)
    if totals is None:
        states.show_nothing_yet(
            "No commitments yet",
            because="Nothing has been recorded for you so far.",
            next_step=(
                "Your first capital call or valuation appears here as soon as your manager has loaded it."
            ),
        )
        return
    with head:
        display.heading(
            "Portfolio",
            "How are all my commitments doing, and what may still be called?",
            as_of=f"As of {wording.day(totals['as_of'])}",
            aside=(
                f"{investor['name']} · {wording.counted(totals['vehicles'], 'commitment')} in "
                f"{totals['currency_code']}"
            ),
        )
    show_headline(totals)
    explain(
        ["nav_amount", "tvpi", "irr", "dpi", "contributed_amount", "distributed_amount", "unfunded_amount"],
        vehicles={row["vehicle_id"]: row["vehicle_name"] for row in commitments},
        investor_id=investor_id,
        as_of=totals["as_of"],
        key="portfolio",
    )
    show_trend(read(portfolio.history, investor_id=investor_id), totals["currency_code"])
    show_commitments(commitments, investor_id)


def show_headline(totals: Row) -> None:
    """The portfolio in seven figures, the values first."""
    currency = totals["currency_code"]
    display.figures(
        "headline",
        [
            Figure(
                "Net asset value", wording.short_money(totals["nav_amount"], currency), helps("nav_amount")
            ),
            Figure("Net TVPI", wording.multiple(totals["tvpi"]), helps("tvpi")),
            Figure("Net IRR", wording.irr_text(totals), helps("irr"), wording.irr_why(totals)),
            Figure("DPI", wording.multiple(totals["dpi"]), helps("dpi")),
        ],
    )
    display.figures(
        "amounts",
        [
            Figure(
                "Committed",
                wording.short_money(totals["commitment_amount"], currency),
                helps("commitment_amount"),
            ),
            Figure(
                "Paid in",
                wording.short_money(totals["contributed_amount"], currency),
                helps("contributed_amount"),
            ),
            Figure(
                "Distributed",
                wording.short_money(totals["distributed_amount"], currency),
                helps("distributed_amount"),
            ),
            Figure(
                "Unfunded", wording.short_money(totals["unfunded_amount"], currency), helps("unfunded_amount")
            ),
        ],
    )
    if totals["fx_status"] != "ok":
        display.note(
            f"Some totals are missing because an exchange rate is: {totals['fx_reason']}. No rate is "
            "ever assumed.",
            "warn",
        )


def show_trend(history: list[Row], currency: str) -> None:
    """Value, net cash and multiples over time."""
    palette = page_context().palette
    display.section("Over time", "At each quarter end; amounts at the exchange rates of their own dates.")
    value, cash, multiples = st.tabs(["Value", "J-curve", "Multiples"])
    with value:
        display.chart(
            figures.nav_over_time(history, palette=palette, currency=currency, locale=locale()),
            key="value",
            alt="Net asset value, paid-in and distributed capital at each quarter end",
        )
    with cash:
        display.chart(
            figures.j_curve(history, palette=palette, currency=currency, locale=locale()),
            key="j-curve",
            alt="Distributions less contributions to date, at each quarter end",
        )
    with multiples:
        display.chart(
            figures.multiples_over_time(history, palette=palette, locale=locale()),
            key="multiples",
            alt="DPI and RVPI, which sum to TVPI",
        )


def show_commitments(commitments: list[Row], investor_id: str) -> None:
    """One line per commitment, in its own currency."""
    display.section("Commitments", "Each in its own currency, net of fees and carried interest.")
    display.table(
        performance_tables.columns("Vehicle"),
        [
            performance_tables.texts(
                row,
                row["vehicle_name"],
                " · ".join(str(part) for part in (row["vintage_year"], row["strategy"]) if part),
            )
            for row in commitments
        ],
    )
    for remark in performance_tables.remarks(commitments, "vehicle_name"):
        display.note(remark)
    display.csv_of(
        "Download as CSV",
        "commitments.csv",
        portfolio.commitments,
        key="portfolio-csv",
        investor_id=investor_id,
    )


main()
