"""LP · Capital account: how did my balance come about, quarter by quarter?"""

from datetime import date
from typing import Any

import streamlit as st

from dashboards import display, states, wording
from dashboards.display import Figure
from dashboards.explaining import explain
from dashboards.ilpa_downloads import show_templates
from dashboards.investor_pages import chosen_investor
from dashboards.markup import Column
from dashboards.queries import capital_account
from dashboards.reading import page_context, read
from dashboards.restated import show_restatements
from dashboards.wording import helps, locale, title
from reporting.presentation import analysis_figures, figures

Row = dict[str, Any]
COLUMNS = (
    Column("quarter", "Quarter to", "line"),
    *(
        Column(
            part,
            title(f"{part}_amount"),
            "number",
            helps(f"{part}_amount"),
            fold=part not in ("gain", "closing"),
        )
        for part in ("opening", "contributions", "distributions", "fees", "gain", "closing")
    ),
)
PARTS = ("opening", "contributions", "distributions", "fees", "gain")
BRIDGE = (
    "opening_amount",
    "late_corrections_amount",
    "method_amount",
    "contributions_amount",
    "distributions_amount",
    "fees_amount",
    "fx_amount",
    "gain_amount",
    "closing_amount",
)
QUESTION = Column("meaning", "Question", "quiet", fold=True)
BRIDGE_FOOTS = "Distributions and fees are taken off; everything else is added, to the cent."


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
    show_quarter(row, investor_id, vehicle)
    explain(
        ["nav_amount", "contributed_amount", "distributed_amount"],
        vehicles={vehicle: account["vehicle_name"]},
        investor_id=investor_id,
        as_of=row["quarter"],
        key="account",
    )
    show_rows(quarters, investor_id, vehicle)
    show_templates(vehicle, investor_id, row["quarter"], key="account-ilpa")
    show_restatements(vehicle, investor_id, key="account-restated")


def chosen_quarter(quarters: list[Row]) -> Row:
    """The quarter to look into: the latest unless another is chosen."""
    chosen = display.choose(
        "Quarter to", quarters, key="quarter", id_key="quarter", name=lambda row: wording.day(row["quarter"])
    )
    return next(row for row in quarters if str(row["quarter"]) == chosen)


def show_quarter(row: Row, investor_id: str, vehicle: str) -> None:
    """One quarter in three figures, as an account and as what changed the value."""
    currency = row["currency_code"]
    display.figures(
        "headline",
        [
            Figure(
                title("closing_amount"),
                wording.money(row["closing_amount"], currency),
                helps("closing_amount"),
                wording.nav_why(row),
            ),
            Figure(
                title("opening_amount"),
                wording.money(row["opening_amount"], currency),
                helps("opening_amount"),
            ),
            Figure(title("gain_amount"), wording.money(row["gain_amount"], currency), helps("gain_amount")),
        ],
        least_width=220,
    )
    account, bridge = st.tabs(["Account", "What changed the value"])
    with account:
        display.chart(
            figures.capital_account_waterfall(row, palette=page_context().palette, locale=locale()),
            key="roll-forward",
            alt=(
                "From the opening balance through what was paid in and out, fees and gain to the closing "
                "balance"
            ),
        )
        show_periods(row)
    with bridge:
        show_bridge(row["quarter"], investor_id, vehicle)


def show_periods(row: Row) -> None:
    """The account over the quarter, the year and since inception; all three close alike."""
    currency = row["currency_code"]
    spans = {"quarter": "", "year": "ytd_", "inception": "itd_"}
    display.table(
        (
            Column("name", "Account"),
            Column("quarter", "Quarter", "number"),
            Column("year", "Year to date", "number"),
            Column("inception", "Since inception", "number"),
        ),
        [
            {
                "name": wording.title(f"{part}_amount"),
                **{
                    span: wording.exact_money(row[f"{prefix}{part}_amount"], currency)
                    for span, prefix in spans.items()
                },
            }
            for part in PARTS
        ],
        total={
            "name": wording.title("closing_amount"),
            **{span: wording.exact_money(row["closing_amount"], currency) for span in spans},
        },
    )


def show_bridge(quarter: date, investor_id: str, vehicle: str) -> None:
    """From the value as it was published to the value of this quarter: cash, marks, currency, corrections."""
    place: dict[str, Any] = {"investor_id": investor_id, "vehicle_id": vehicle, "quarter": quarter}
    rows = read(capital_account.bridges, **place)
    if not rows:
        display.note("No value has been published for this quarter.")
        return
    chosen = display.choose(
        "Currency",
        rows,
        key="bridge-currency",
        id_key="currency_code",
        name=lambda row: str(row["currency_code"]),
        in_address=False,
    )
    row = next(row for row in rows if row["currency_code"] == chosen)
    display.chart(
        analysis_figures.value_bridge(row, palette=page_context().palette, locale=locale()),
        key="value-bridge",
        alt="From the value published before through corrections, cash, currency and marks to the value now",
    )
    display.missing_rate(row)
    display.table(
        (Column("name", "Step"), Column("amount", f"Amount, {chosen}", "number"), QUESTION),
        [
            {
                "name": wording.title(name),
                "amount": wording.exact_money(row[name], chosen),
                "meaning": wording.question(name),
            }
            for name in BRIDGE
        ],
    )
    published = row["opening_published_at"]
    display.note(
        f"Opening value as published {wording.day(published)}. {BRIDGE_FOOTS}" if published else BRIDGE_FOOTS
    )
    display.csv_of("Download as CSV", "value-bridge.csv", capital_account.bridges, key="bridge-csv", **place)


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
