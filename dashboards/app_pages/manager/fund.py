"""Manager · Fund: how is the fund doing, for whom, with which cash and holdings?"""

from typing import Any

import streamlit as st

from dashboards import display, markup, performance_figures, performance_tables, states, wording
from dashboards.display import Figure
from dashboards.explaining import explain
from dashboards.markup import Column
from dashboards.queries import funds
from dashboards.reading import page_context, read
from dashboards.wording import helps, locale
from reporting.presentation import figures

Row = dict[str, Any]
HOLDINGS = (
    Column("name", "Holding"),
    Column("sector", "Sector", "quiet", fold=True),
    Column("invested_on", "Invested", "quiet", fold=True),
    Column("status", "Status", "quiet", fold=True),
    Column("invested", "Cost", "number", "Paid for the holding so far"),
    Column("proceeds", "Proceeds", "number", "Received from the holding so far", fold=True),
    Column("nav", "Value", "number", "What the remaining holding is worth"),
    Column("moic", "Gross MOIC", "number", "(Proceeds + value) / cost, before fees and carried interest"),
    Column(
        "irr",
        "Gross IRR",
        "number",
        "Annual return of the holding, before fees and carried interest",
        fold=True,
    ),
)


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
    facts = [
        row["vintage_year"],
        row["strategy"],
        wording.counted(row["investors"], "investor"),
        row["currency_code"],
    ]
    with head:
        display.heading(
            str(row["vehicle_name"]),
            "How is it doing, gross and net, for whom, and with which cash?",
            as_of=f"As of {wording.day(row['as_of'])}",
            aside=" · ".join(str(fact) for fact in facts if fact),
        )
    investors = read(funds.investors, vehicle_id=vehicle)
    show_headline(row)
    explain(
        ["irr", "tvpi", "dpi", "nav_amount", "contributed_amount", "distributed_amount", "unfunded_amount"],
        vehicles={vehicle: str(row["vehicle_name"])},
        investor_id=None,
        as_of=row["as_of"],
        key="fund",
    )
    show_trend(vehicle, row["currency_code"])
    show_investors(investors, vehicle)
    show_holdings(read(funds.holdings, vehicle_id=vehicle), vehicle)
    if len(vehicles) > 1:
        show_vehicles(vehicles)


def show_headline(row: Row) -> None:
    """Gross beside net, then the amounts."""
    currency = row["currency_code"]
    gross_irr = {
        "irr": row["gross_irr"],
        "irr_status": row["gross_irr_status"],
        "is_annualized": row["is_annualized"],
    }
    display.figures(
        "headline",
        [
            Figure("Net IRR", wording.irr_text(row), helps("irr"), wording.irr_why(row)),
            Figure("Gross IRR", wording.irr_text(gross_irr), helps("gross_irr"), wording.irr_why(gross_irr)),
            Figure("Net TVPI", wording.multiple(row["tvpi"]), helps("tvpi"), wording.nav_note(row)),
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
    for remark in performance_tables.remarks([row], "vehicle_name"):
        display.note(remark)


def show_trend(vehicle: str, currency: str) -> None:
    """Value, net cash, multiples and the cash of each quarter."""
    display.section("Over time", "Net to investors, at each quarter end.")
    performance_figures.show_trend(
        read(funds.history, vehicle_id=vehicle),
        currency,
        further={"Calls and distributions": lambda: show_cash(vehicle, currency)},
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


def show_investors(investors: list[Row], vehicle: str) -> None:
    """One line per investor."""
    display.section("Investors", "Net of fees and carried interest, the largest commitment first.")
    display.table(
        performance_tables.columns("Investor"),
        [
            performance_tables.texts(
                row, row["name"] or row["investor_id"], wording.firm_beside(row["name"], row["firm"])
            )
            for row in investors
        ],
    )
    display.csv_of(
        "Download as CSV", "investors.csv", funds.investors, key="fund-investors-csv", vehicle_id=vehicle
    )


def show_holdings(holdings: list[Row], vehicle: str) -> None:
    """One line per holding, gross; the net figures stand at the head of the page."""
    display.section(
        "Holdings", "Gross of fees and carried interest; the net figures are at the head of this page."
    )
    if not holdings:
        display.note("No holdings have been loaded for this vehicle.")
        return
    display.table(HOLDINGS, [holding_texts(row) for row in holdings])
    display.csv_of(
        "Download as CSV", "holdings.csv", funds.holdings, key="fund-holdings-csv", vehicle_id=vehicle
    )


def holding_texts(row: Row) -> dict[str, Any]:
    """A holding as texts."""
    currency = row["currency_code"]
    return {
        "name": row["name"] or row["holding_id"],
        "sector": row["sector"],
        "invested_on": wording.day(row["invested_on"]),
        "status": wording.sentence(row["status"]),
        "invested": wording.money(row["invested_amount"], currency),
        "proceeds": wording.money(row["proceeds_amount"], currency),
        "nav": wording.money(row["nav_amount"], currency),
        "moic": wording.multiple(row["moic"]),
        "irr": wording.irr_text(row),
        "irr_why": wording.irr_why(row),
    }


def show_vehicles(vehicles: list[Row]) -> None:
    """All vehicles side by side, each in its own currency."""
    display.section("All vehicles", "Net to investors, each in its own currency and at its own latest date.")
    display.html(
        markup.table(
            performance_tables.columns("Vehicle"),
            [
                performance_tables.texts(
                    row,
                    row["vehicle_name"],
                    " · ".join(str(part) for part in (row["vintage_year"], row["strategy"]) if part),
                )
                for row in vehicles
            ],
        )
    )


main()
