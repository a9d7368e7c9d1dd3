"""LP · Capital account: how did my balance come about, quarter by quarter?"""

from typing import Any

import streamlit as st

from dashboards import display, states, wording
from dashboards.display import Figure
from dashboards.explaining import explain
from dashboards.investor_pages import chosen_investor
from dashboards.markup import Column
from dashboards.queries import capital_account
from dashboards.reading import page_context, read
from dashboards.wording import helps, locale
from reporting.presentation import figures

Row = dict[str, Any]
COLUMNS = (
    Column("quarter", "Quarter to", "line"),
    Column("opening", "Opening", "number", "The balance at the end of the quarter before", fold=True),
    Column("contributions", "Contributions", "number", "Paid in during the quarter", fold=True),
    Column("distributions", "Distributions", "number", "Paid out during the quarter", fold=True),
    Column("fees", "Fees and expenses", "number", "Charged to the account during the quarter", fold=True),
    Column("gain", "Net gain or loss", "number", "Income and change in value, before the fees shown"),
    Column("closing", "Closing", "number", "Opening + contributions − distributions − fees + gain"),
)


def main() -> None:
    """The latest balance, the quarter as a waterfall, then every quarter."""
    head = st.container()
    choosers = display.choosers()
    with choosers:
        investor = chosen_investor()
    if investor is None:
        return
    investor_id = investor["investor_id"]
    accounts = read(capital_account.accounts, investor_id=investor_id)
    if not accounts:
        states.show_nothing_yet(
            "No capital account yet",
            because="No quarter has been closed for your commitments so far.",
            next_step=(
                "The first line appears after the first quarter end with a contribution or a valuation."
            ),
        )
        return
    with choosers:
        vehicle = display.choose(
            "Vehicle", accounts, key="vehicle", id_key="vehicle_id", name=lambda row: str(row["vehicle_name"])
        )
    account = next(row for row in accounts if row["vehicle_id"] == vehicle)
    quarters = read(capital_account.roll_forward, investor_id=investor_id, vehicle_id=vehicle)
    with head:
        display.heading(
            "Capital account",
            "How did my balance come about, quarter by quarter?",
            as_of=f"As of {wording.day(quarters[0]['quarter'])}",
            aside=f"{account['vehicle_name']} · in {account['currency_code']}",
        )
    with choosers:
        row = chosen_quarter(quarters)
    show_quarter(row)
    explain(
        ["nav_amount", "contributed_amount", "distributed_amount"],
        vehicles={vehicle: account["vehicle_name"]},
        investor_id=investor_id,
        as_of=row["quarter"],
        key="account",
    )
    show_rows(quarters, investor_id, vehicle)


def chosen_quarter(quarters: list[Row]) -> Row:
    """The quarter to look into: the latest unless another is chosen."""
    names = {str(row["quarter"]): wording.day(row["quarter"]) for row in quarters}
    chosen = display.choose(
        "Quarter to",
        [{"quarter": key} for key in names],
        key="quarter",
        id_key="quarter",
        name=lambda row: names[row["quarter"]],
    )
    return next(row for row in quarters if str(row["quarter"]) == chosen)


def show_quarter(row: Row) -> None:
    """One quarter in three figures and as a waterfall."""
    currency = row["currency_code"]
    display.figures(
        "headline",
        [
            Figure(
                "Closing balance",
                wording.money(row["closing_amount"], currency),
                helps("nav_amount"),
                wording.nav_why(row),
            ),
            Figure("Opening balance", wording.money(row["opening_amount"], currency)),
            Figure("Net gain or loss", wording.money(row["gain_amount"], currency)),
        ],
        least_width=220,
    )
    display.chart(
        figures.capital_account_waterfall(row, palette=page_context().palette, locale=locale()),
        key="roll-forward",
        alt=(
            "From the opening balance through what was paid in and out, fees and gain to the closing balance"
        ),
    )


def show_rows(quarters: list[Row], investor_id: str, vehicle: str) -> None:
    """Every quarter, newest first."""
    display.section(
        "Every quarter", "Opening + contributions − distributions − fees + gain = closing, to the cent."
    )
    currency = quarters[0]["currency_code"]
    display.table(
        COLUMNS,
        [
            {
                "quarter": wording.day(row["quarter"]),
                **{
                    name: wording.exact_money(row[f"{name}_amount"], currency)
                    for name in ("opening", "contributions", "distributions", "fees", "gain", "closing")
                },
                "closing_why": wording.nav_why(row),
            }
            for row in quarters
        ],
    )
    display.csv_of(
        "Download as CSV",
        "capital-account.csv",
        capital_account.roll_forward,
        key="account-csv",
        investor_id=investor_id,
        vehicle_id=vehicle,
    )


main()
