"""Manager · Investors: what does one investor see and hold, across all vehicles?"""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboards import display, performance_figures, performance_tables, states, wording
from dashboards.explaining import explain
from dashboards.listing import show_listing
from dashboards.markup import Column
from dashboards.queries import capital_account, investors, portfolio
from dashboards.reading import read
from dashboards.wording import helps

Row = dict[str, Any]
REGISTER = (
    Column("name", "Investor"),
    Column("vehicles", "Vehicles", "number", fold=True),
    Column("commitment", "Commitment", "number", helps("commitment_amount"), fold=True),
    Column("paid_in", "Paid in", "number", helps("contributed_amount"), fold=True),
    Column("distributed", "Distributed", "number", helps("distributed_amount"), fold=True),
    Column("nav", "NAV", "number", helps("nav_amount")),
    Column("tvpi", "TVPI", "number", helps("tvpi")),
    Column("irr", "Net IRR", "number", helps("irr")),
)


def main() -> None:
    """The register, then one investor from it."""
    register = read(investors.register)
    if not register:
        states.show_nothing_yet(
            "No investors yet",
            because="No investor with a commitment has been loaded so far.",
            next_step=(
                "Load investors and commitments; each investor then has a line here and a page of its own."
            ),
        )
        return
    currency = register[0]["currency_code"]
    display.heading(
        "Investors",
        "Who is invested with us, and how is each of them doing?",
        as_of=f"As of {wording.day(max(row['as_of'] for row in register))}",
        aside=f"{wording.counted(len(register), 'investor')} · totals in {currency}",
    )
    overview, single = st.tabs(["All investors", "One investor"])
    with overview:
        show_register()
    with single:
        show_one(register)


def show_register() -> None:
    """Every investor with totals in the tenant's currency."""
    shown = show_listing(
        investors.register,
        REGISTER,
        register_texts,
        key="register",
        file_name="investors.csv",
        orders={
            "Largest commitment": ("commitment_amount", True),
            "Largest NAV": ("nav_amount", True),
            "Highest TVPI": ("tvpi", True),
            "Highest IRR": ("irr", True),
            "Name": ("name", False),
        },
        filters={"Kind": "kind"},
        find_in=("name", "firm", "investor_id"),
    )
    for row in shown:
        if row["fx_reason"]:
            display.note(performance_tables.rate_missing(row, row["name"] or row["investor_id"]), "warn")


def register_texts(row: Mapping[str, Any]) -> dict[str, Any]:
    """An investor's totals as texts; a missing exchange rate is said where the totals would stand."""
    currency, without = row["currency_code"], performance_tables.without_line(row)
    return {
        "name": row["name"] or row["investor_id"],
        "_note": wording.firm_beside(row["name"], row["firm"]),
        "vehicles": wording.whole(row["vehicles"]),
        "commitment": wording.money(row["commitment_amount"], currency),
        "paid_in": wording.money(row["contributed_amount"], currency),
        "distributed": wording.money(row["distributed_amount"], currency),
        "nav": wording.money(row["nav_amount"], currency),
        **{f"{name}_why": row["fx_reason"] or "" for name in ("commitment", "paid_in", "distributed", "nav")},
        "tvpi": wording.multiple(row["tvpi"]),
        "tvpi_note": without.get("tvpi", ""),
        "irr": wording.irr_text(row),
        "irr_why": wording.irr_why(row),
        "irr_note": without.get("irr", ""),
    }


def show_one(register: list[Row]) -> None:
    """One investor: totals, commitments and the capital account."""
    chosen = display.choose(
        "Investor",
        register,
        key="one",
        id_key="investor_id",
        name=lambda row: str(row["name"] or row["investor_id"]),
    )
    row = next(row for row in register if row["investor_id"] == chosen)
    commitments = read(portfolio.commitments, investor_id=chosen)
    display.figures("headline", performance_figures.net_figures(row))
    display.missing_rate(row)
    explain(
        ["nav_amount", "tvpi", "dpi", "irr", "irr_without_facility", "tvpi_without_facility"],
        vehicles={line["vehicle_id"]: str(line["vehicle_name"]) for line in commitments},
        investor_id=chosen,
        as_of=row["as_of"],
        key="investor",
    )
    history = read(portfolio.history, investor_id=chosen, currency=row["currency_code"])
    performance_figures.show_value(history, row["currency_code"], key="one-value")
    display.section("Commitments", "Each in its own currency.")
    show_listing(
        portfolio.commitments,
        performance_tables.columns("Vehicle"),
        lambda line: performance_tables.texts(line, line["vehicle_name"], performance_tables.about(line)),
        key="one-commitments",
        file_name="commitments.csv",
        orders=performance_tables.PERFORMANCE_ORDERS,
        filters={"Strategy": "strategy", "Currency": "currency_code"},
        find_in=("vehicle_name",),
        investor_id=chosen,
    )
    for remark in performance_tables.remarks(commitments, "vehicle_name"):
        display.note(remark)
    show_account(chosen)


def show_account(investor_id: str) -> None:
    """The latest quarters of each capital account."""
    accounts = read(capital_account.accounts, investor_id=investor_id)
    for account in accounts:
        quarters = read(
            capital_account.roll_forward, investor_id=investor_id, vehicle_id=account["vehicle_id"]
        )[:4]
        display.section(
            f"Capital account, {account['vehicle_name']}",
            f"The latest quarters, in {account['currency_code']}.",
        )
        names = ("opening", "contributions", "distributions", "fees", "gain", "closing")
        display.table(
            [Column("quarter", "Quarter to", "line")]
            + [
                Column(name, name.capitalize(), "number", fold=name not in ("gain", "closing"))
                for name in names
            ],
            [
                {
                    "quarter": wording.day(line["quarter"]),
                    **{
                        name: wording.exact_money(line[f"{name}_amount"], line["currency_code"])
                        for name in names
                    },
                }
                for line in quarters
            ],
        )


main()
