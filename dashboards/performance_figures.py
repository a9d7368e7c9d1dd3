"""What pages on performance share above their tables: headline figures of a row, and its charts over time.

The tables are in `performance_tables.py`; which page shows what in which order is in `app_pages/`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from dashboards import display, performance_tables, wording
from dashboards.display import Figure
from dashboards.reading import page_context
from dashboards.wording import helps, locale
from reporting.presentation import figures, reasons

Row = Mapping[str, Any]


def net_figures(row: Row) -> list[Figure]:
    """Value and net returns of totals; under those that a subscription line moves, the ones without it."""
    without = performance_tables.without_line(row, of_known=True)
    return [
        Figure(
            wording.title("nav_amount"),
            wording.short_money(row["nav_amount"], row["currency_code"]),
            helps("nav_amount"),
        ),
        Figure("Net TVPI", wording.multiple(row["tvpi"]), helps("tvpi"), without.get("tvpi", "")),
        Figure(
            "Net IRR",
            wording.irr_text(row),
            helps("irr"),
            " · ".join(part for part in (without.get("irr"), wording.irr_why(row)) if part),
        ),
        Figure("DPI", wording.multiple(row["dpi"]), helps("dpi")),
    ]


def amount_figures(row: Row, *, paid_in: str) -> list[Figure]:
    """What was promised, paid, returned and may still be called; `paid_in` is the word of the page's side."""
    names = {
        "commitment_amount": wording.title("commitment_amount"),
        "contributed_amount": paid_in,
        "distributed_amount": "Distributed",
        "unfunded_amount": "Unfunded",
    }
    return [
        Figure(
            label,
            wording.short_money(row[column], row["currency_code"]),
            helps(column),
            reasons.unfunded(row.get("unfunded_status")) if column == "unfunded_amount" else "",
        )
        for column, label in names.items()
    ]


def show_value(history: Sequence[Row], currency: str, *, key: str) -> None:
    """The value at each quarter end beside what was paid in and what came back."""
    display.chart(
        figures.nav_over_time(history, palette=page_context().palette, currency=currency, locale=locale()),
        key=key,
        alt="Net asset value, paid-in and distributed capital at each quarter end",
    )


def show_net_cash(history: Sequence[Row], currency: str) -> None:
    """Net cash at each quarter end, and the same with the value added."""
    display.chart(
        figures.j_curve(history, palette=page_context().palette, currency=currency, locale=locale()),
        key="j-curve",
        alt="Distributions less contributions to date, at each quarter end",
    )


def show_trend(
    history: Sequence[Row],
    currency: str,
    *,
    j_curve: Callable[[], None] | None = None,
    further: Mapping[str, Callable[[], None]] | None = None,
) -> None:
    """Value, net cash and multiples over time in tabs.

    Args:
        j_curve: draws that tab where the page has more than the history to mark in it.
        further: more tabs, drawn by the page.
    """
    palette = page_context().palette
    further = further or {}
    value, cash, multiples, *others = st.tabs(["Value", "J-curve", "Multiples", *further])
    with value:
        show_value(history, currency, key="value")
    with cash:
        if j_curve:
            j_curve()
        else:
            show_net_cash(history, currency)
    with multiples:
        display.chart(
            figures.multiples_over_time(history, palette=palette, locale=locale()),
            key="multiples",
            alt="DPI and RVPI, which sum to TVPI",
        )
    for tab, draw in zip(others, further.values(), strict=True):
        with tab:
            draw()
