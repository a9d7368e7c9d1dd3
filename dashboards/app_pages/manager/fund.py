"""Manager · Fund: how is the fund doing, for whom, with which cash and holdings?"""

from typing import Any

import streamlit as st

from dashboards import (
    comparison_tables,
    display,
    markup,
    performance_figures,
    performance_tables,
    states,
    wording,
)
from dashboards.display import Figure
from dashboards.explaining import explain
from dashboards.holding_tables import show_holdings
from dashboards.listing import show_listing
from dashboards.queries import comparisons, funds, pools
from dashboards.reading import page_context, read
from dashboards.restated import show_restatements
from dashboards.told_in import choose_currency, pool_of_vehicle
from dashboards.wording import helps, locale
from reporting.presentation import analysis_figures, figures, reasons

Row = dict[str, Any]


def main() -> None:
    """Number, trend, parts, rows."""
    vehicles = read(funds.latest)
    if not vehicles:
        states.show_nothing_yet(
            "No vehicles yet",
            because="No fund or other vehicle with commitments or cash has been loaded so far.",
            next_step=(
                "Load vehicles, commitments and transactions; this page then shows performance on both sides."
            ),
        )
        return
    head = st.container()
    with display.choosers():
        vehicle = display.choose(
            "Vehicle", vehicles, key="vehicle", id_key="vehicle_id", name=lambda row: str(row["vehicle_name"])
        )
        row = next(row for row in vehicles if row["vehicle_id"] == vehicle)
        own = row["currency_code"]
        others = read(pools.currencies_of_vehicle, vehicle_id=vehicle)
        told_in = choose_currency([own, *others], read(pools.currencies_told))
    pool_id = pool_of_vehicle(vehicle, told_in.currency) if told_in.currency != own else None
    told = (read(pools.one, pool_id=pool_id) if pool_id else None) or row
    facts = [
        row["vintage_year"],
        row["strategy"],
        wording.counted(row["investors"], "investor"),
        told["currency_code"],
    ]
    with head:
        display.heading(
            str(row["vehicle_name"]),
            "How is it doing, gross and net, for whom, and with which cash?",
            as_of=f"As of {wording.day(row['as_of'])}",
            aside=" · ".join(str(fact) for fact in facts if fact),
        )
    told_in.say()
    show_headline({**row, **told})
    if pool_id:
        display.note(
            f"The figures above and their trend are told in {told['currency_code']}, cash at the rates of "
            f"its own days and values at that of the date; what follows is in the vehicle's own {own}."
        )
    explain(
        [
            *("irr", "tvpi", "dpi", "rvpi", "pic", "gross_irr", "gross_moic", "ks_pme", "direct_alpha"),
            *("ln_pme", "pme_plus", "mpme", "irr_without_facility", "tvpi_without_facility"),
            *("nav_amount", "contributed_amount", "distributed_amount", "unfunded_amount"),
        ],
        vehicles={vehicle: str(row["vehicle_name"])},
        investor_id=None,
        as_of=row["as_of"],
        key="fund",
        whole=f"The vehicle in {told['currency_code']}" if pool_id else "",
        pool_id=pool_id,
    )
    show_trend(vehicle, told["currency_code"], pool_id)
    show_comparisons(row, vehicle)
    show_investors(vehicle)
    show_holdings(vehicle)
    show_restatements(vehicle, None, key="fund-restated")


def show_headline(row: Row) -> None:
    """Gross beside net, then the amounts."""
    currency, without = row["currency_code"], performance_tables.without_line(row)
    gross_irr = {
        "irr": row["gross_irr"],
        "irr_status": row["gross_irr_status"],
        "is_annualized": row["is_annualized"],
    }
    display.figures(
        "headline",
        [
            Figure(
                "Net IRR", wording.irr_text(row), helps("irr"), without.get("irr") or wording.irr_why(row)
            ),
            Figure("Gross IRR", wording.irr_text(gross_irr), helps("gross_irr"), wording.irr_why(gross_irr)),
            Figure(
                "Net TVPI",
                wording.multiple(row["tvpi"]),
                helps("tvpi"),
                without.get("tvpi") or wording.nav_note(row),
            ),
            Figure("Gross MOIC", wording.multiple(row["gross_moic"]), helps("gross_moic")),
            Figure("DPI", wording.multiple(row["dpi"]), helps("dpi")),
        ],
    )
    display.figures(
        "amounts",
        [
            Figure("NAV", wording.short_money(row["nav_amount"], currency), helps("nav_amount")),
            *performance_figures.amount_figures(row, paid_in="Called"),
        ],
    )
    display.missing_rate(row)
    for remark in performance_tables.remarks([row], "vehicle_name"):
        display.note(remark)


def show_trend(vehicle: str, currency: str, pool_id: str | None) -> None:
    """Value, net cash, multiples, the cash of each quarter and what is projected.

    Args:
        pool_id: the vehicle as told in another currency than its own, in which it has no more than a history.
    """
    display.section("Over time", "Net to investors, at each quarter end.")
    if pool_id:
        performance_figures.show_trend(read(pools.history, pool_id=pool_id), currency)
        return
    further = {"Calls and distributions": lambda: show_cash(vehicle, currency)}
    ahead = read(funds.projection, vehicle_id=vehicle)
    if ahead:
        further["Projection"] = lambda: show_projection(ahead, vehicle)
    performance_figures.show_trend(
        read(funds.history, vehicle_id=vehicle),
        currency,
        j_curve=lambda: show_j_curve(vehicle),
        further=further,
    )


def show_j_curve(vehicle: str) -> None:
    """Net cash to date with its trough and break-even, as the mart has them."""
    rows = read(funds.j_curve, vehicle_id=vehicle)
    display.chart(
        analysis_figures.marked_j_curve(
            rows,
            palette=page_context().palette,
            currency=rows[-1]["currency_code"] if rows else None,
            locale=locale(),
        ),
        key="j-curve",
        alt="Distributions less contributions to date, with the lowest point and the day of break-even",
    )
    if not rows:
        return
    last = rows[-1]
    display.html(
        markup.definition(
            [
                ("Net cash to date", wording.money(last["net_cash_amount"], last["currency_code"])),
                (
                    "Trough",
                    f"{wording.money(last['trough_amount'], last['currency_code'])} on "
                    f"{wording.day(last['trough_on'])}, {wording.percent(last['trough_pct'])} of "
                    "what was committed"
                    if last["trough_on"]
                    else "Net cash never was below zero",
                ),
                ("Break-even", wording.day(last["break_even_on"]) if last["break_even_on"] else "Not yet"),
                (
                    "Age and net IRR",
                    f"{wording.number(last['age_years'], 1)} years, {wording.irr_text(last)}",
                ),
            ]
        )
    )
    display.csv_of("Download as CSV", "j-curve.csv", funds.j_curve, key="fund-j-csv", vehicle_id=vehicle)


def show_projection(rows: list[Row], vehicle: str) -> None:
    """What the fund is projected to call, pay out and be worth, or why nothing is."""
    if why := reasons.PACING.get(rows[0]["pacing_status"], wording.sentence(rows[0]["pacing_status"])):
        display.note(why)
        return
    display.chart(
        analysis_figures.projection(
            rows, palette=page_context().palette, currency=rows[0]["currency_code"], locale=locale()
        ),
        key="projection",
        alt="Projected calls, distributions and value of each year ahead",
    )
    display.note("By the model of Takahashi and Alexander with parameters by convention: not a promise.")
    display.csv_of(
        "Download as CSV", "projection.csv", funds.projection, key="fund-projection-csv", vehicle_id=vehicle
    )


def show_cash(vehicle: str, currency: str) -> None:
    """What was called and distributed in each quarter."""
    display.chart(
        figures.calls_and_distributions(
            read(funds.cash_by_quarter, vehicle_id=vehicle),
            palette=page_context().palette,
            currency=currency,
            locale=locale(),
        ),
        key="flows",
        alt="Calls and distributions of each quarter",
    )


def show_comparisons(row: Row, vehicle: str) -> None:
    """The return against the public market and without the subscription line, in tabs."""
    display.section("The return in comparison", "Net to investors, over all of them.")
    market, line = st.tabs(["Against the market", "Subscription line and exposure"])
    with market:
        show_market(vehicle)
    with line:
        display.table(
            comparison_tables.line_columns("Vehicle"),
            [comparison_tables.line_texts(row, str(row["vehicle_name"]))],
        )
        for remark in comparison_tables.line_remarks([row], "vehicle_name"):
            display.note(remark)


def show_market(vehicle: str) -> None:
    """Every public-market equivalent with what it says, or why it says nothing."""
    compared = read(comparisons.of_vehicle, vehicle_id=vehicle)
    if compared is None:
        display.note("The vehicle has no cash yet that could be compared.")
        return
    display.table(
        comparison_tables.METHODS,
        comparison_tables.method_texts(compared),
        caption=f"Compared {comparison_tables.index_words(compared)}, as of {wording.day(compared['as_of'])}",
    )
    for remark in comparison_tables.market_remarks([compared], "vehicle_name"):
        display.note(remark)
    display.csv_of(
        "Download every quarter as CSV",
        "market-comparisons.csv",
        comparisons.of_vehicle_over_time,
        key="fund-market-csv",
        vehicle_id=vehicle,
    )


def show_investors(vehicle: str) -> None:
    """One line per investor."""
    display.section("Investors", "Net of fees and carried interest.")
    show_listing(
        funds.investors,
        performance_tables.columns("Investor"),
        lambda row: performance_tables.texts(
            row, row["name"] or row["investor_id"], wording.firm_beside(row["name"], row["firm"])
        ),
        key="fund-investors",
        file_name="investors.csv",
        orders={
            "Largest commitment": ("commitment_amount", True),
            "Largest NAV": ("nav_amount", True),
            "Highest IRR": ("irr", True),
            "Name": ("name", False),
        },
        filters={"Kind": "kind"},
        find_in=("name", "firm", "investor_id"),
        vehicle_id=vehicle,
    )


main()
