"""LP · Portfolio: how are all my commitments doing, and what may still be called?"""

from typing import Any

import streamlit as st

from dashboards import (
    comparison_tables,
    display,
    performance_figures,
    performance_tables,
    states,
    wording,
)
from dashboards.explaining import explain
from dashboards.investor_pages import chosen_investor
from dashboards.listing import show_listing
from dashboards.queries import comparisons, portfolio
from dashboards.reading import read
from dashboards.told_in import ToldIn, choose_currency
from dashboards.wording import helps

Row = dict[str, Any]


def main() -> None:
    """Number, trend, parts, rows."""
    head = st.container()
    with display.choosers():
        investor = chosen_investor()
        told_in = chosen_currency(investor["investor_id"]) if investor else None
    if investor is None:
        return
    investor_id = investor["investor_id"]
    totals = read(portfolio.totals, investor_id=investor_id, currency=told_in.currency) if told_in else None
    commitments = read(portfolio.commitments, investor_id=investor_id)
    if told_in is None or totals is None:
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
    currency = told_in.currency
    told_in.say()
    show_headline(
        totals, read(portfolio.rates, investor_id=investor_id, currency=currency, as_of=totals["as_of"])
    )
    explain(
        [
            *("nav_amount", "tvpi", "irr", "dpi", "contributed_amount", "distributed_amount"),
            *(
                "unfunded_amount",
                "total_exposure_amount",
                "ks_pme",
                "direct_alpha",
                "ln_pme",
                "pme_plus",
                "mpme",
            ),
            *("irr_without_facility", "tvpi_without_facility", "dpi_netted", "tvpi_netted"),
        ],
        vehicles={row["vehicle_id"]: row["vehicle_name"] for row in commitments},
        investor_id=investor_id,
        as_of=totals["as_of"],
        key="portfolio",
        whole="All commitments",
        currency=currency,
    )
    display.section("Over time", "At each quarter end; amounts at the exchange rates of their own dates.")
    performance_figures.show_trend(
        read(portfolio.history, investor_id=investor_id, currency=currency),
        totals["currency_code"],
        further={"Constant currency": lambda: show_constant_currency(investor_id, totals)},
    )
    show_commitments(commitments, investor_id)


def chosen_currency(investor_id: str) -> ToldIn | None:
    """The currency that totals are told in: the manager's, or the one chosen."""
    offered = [row["currency_code"] for row in read(portfolio.currencies, investor_id=investor_id)]
    return choose_currency(offered, offered) if offered else None


def show_headline(totals: Row, rates: list[Row]) -> None:
    """The portfolio in eight figures, the values first, and the exchange rates that its values rest on."""
    display.figures("headline", performance_figures.net_figures(totals))
    display.figures("amounts", performance_figures.amount_figures(totals, paid_in="Paid in"))
    display.missing_rate(totals)
    if rates:
        display.note(
            f"Told in {totals['currency_code']}: cash at the rates of its own days, values at "
            + "; ".join(rate_words(row) for row in rates)
            + ". Each commitment below stands in its own currency."
        )


def rate_words(row: Row) -> str:
    """One quote of the platform with its day and the file and row that it came in."""
    return (
        f"{row['quote_currency_code']} {wording.quote(row['rate'])} a {row['base_currency_code']} of "
        f"{wording.day(row['quoted_on'])} ({row['source'] or 'no source named'}; {row['source_file']}, "
        f"row {row['source_row']})"
    )


def show_constant_currency(investor_id: str, totals: Row) -> None:
    """What the portfolio would have done had exchange rates stood still, beside what it did."""
    currency = totals["currency_code"]
    history = read(portfolio.constant_currency, investor_id=investor_id, currency=currency)
    latest = next((row for row in history if row["is_latest"]), None)
    if latest is None:
        return
    if not latest["has_foreign_amounts"]:
        display.note(f"Everything is in {currency}: exchange rates move nothing in these totals.")
        return
    without = performance_tables.without_line(latest)
    display.figures(
        "constant",
        [
            display.Figure(
                wording.title("nav_constant_currency"),
                wording.short_money(latest["nav_amount"], currency),
                helps("nav_constant_currency"),
            ),
            display.Figure(
                wording.title("tvpi_constant_currency"),
                wording.multiple(latest["tvpi"]),
                helps("tvpi_constant_currency"),
                without.get("tvpi", ""),
            ),
            display.Figure(
                wording.title("irr_constant_currency"),
                wording.irr_text(latest),
                helps("irr_constant_currency"),
                " · ".join(part for part in (without.get("irr"), wording.irr_why(latest)) if part),
            ),
        ],
    )
    display.missing_rate(latest)
    performance_figures.show_value(history, currency, key="constant-value")
    display.note(
        f"In {currency}, every amount at the exchange rates of {wording.day(latest['rate_on'])}. At dated "
        f"rates they are {wording.multiple(totals['tvpi'])} and {wording.irr_text(totals)}; "
        "the difference is what rates did."
    )


def show_commitments(commitments: list[Row], investor_id: str) -> None:
    """One line per commitment, in its own currency: performance, the market, the line and exposure."""
    display.section("Commitments", "Each in its own currency, net of fees and carried interest.")
    with_line = [str(row["vehicle_name"]) for row in commitments if row["has_facility"]]
    if with_line:
        display.note(
            f"The totals count the subscription line of {', '.join(with_line)} as it was used; what they "
            "would be without it stands under them, and beside each commitment."
        )
    performance, market, line = st.tabs(
        ["Performance", "Against the market", "Subscription line and exposure"]
    )
    with performance:
        show_performance(investor_id)
    with market:
        show_market(investor_id)
    with line:
        show_listing(
            portfolio.commitments,
            comparison_tables.line_columns("Vehicle"),
            lambda row: comparison_tables.line_texts(row, str(row["vehicle_name"])),
            key="line",
            file_name="commitments.csv",
            orders=performance_tables.PERFORMANCE_ORDERS,
            filters={"Strategy": "strategy", "Currency": "currency_code"},
            find_in=("vehicle_name",),
            investor_id=investor_id,
        )
        for remark in comparison_tables.line_remarks(commitments, "vehicle_name"):
            display.note(remark)


def show_market(investor_id: str) -> None:
    """Every public-market equivalent of each commitment, side by side."""
    compared = read(comparisons.of_investor, investor_id=investor_id)
    if not compared:
        display.note("There is no cash yet that could be compared with the market.")
        return
    show_listing(
        comparisons.of_investor,
        comparison_tables.market_columns("Vehicle"),
        lambda row: comparison_tables.market_texts(row, str(row["vehicle_name"])),
        key="market",
        file_name="market-comparisons.csv",
        orders={
            "Oldest vintage": ("vintage_year", False),
            "Highest KS-PME": ("ks_pme", True),
            "Highest direct alpha": ("direct_alpha", True),
            "Name": ("vehicle_name", False),
        },
        filters={"Index": "benchmark_code"},
        find_in=("vehicle_name",),
        investor_id=investor_id,
    )
    display.note("Under each rate of the index: how far the commitment's own rate is above or below it.")
    for remark in comparison_tables.market_remarks(compared, "vehicle_name"):
        display.note(remark)


def show_performance(investor_id: str) -> None:
    """What was committed, paid and returned."""
    commitments = show_listing(
        portfolio.commitments,
        performance_tables.columns("Vehicle"),
        lambda row: performance_tables.texts(row, row["vehicle_name"], performance_tables.about(row)),
        key="commitments",
        file_name="commitments.csv",
        orders=performance_tables.PERFORMANCE_ORDERS,
        filters={"Strategy": "strategy", "Currency": "currency_code"},
        find_in=("vehicle_name",),
        investor_id=investor_id,
    )
    for remark in performance_tables.remarks(commitments, "vehicle_name"):
        display.note(remark)


main()
