"""Manager · Fund accounts: what do the fund's books say, what is accrued, and what goes to investors?"""

from datetime import date
from typing import Any

import streamlit as st

from dashboards import display, states, wording
from dashboards.display import Figure
from dashboards.ilpa_downloads import show_templates
from dashboards.markup import Column
from dashboards.queries import fund_accounts
from dashboards.reading import read
from dashboards.unassigned import show_unassigned
from dashboards.wording import helps
from reporting.presentation import reasons

Row = dict[str, Any]
PARTS = ("opening", "contributions", "distributions", "fees", "gain")
SPANS = {"": "Quarter", "ytd_": "Year to date", "itd_": "Since inception"}
ROLL = (
    Column("quarter", "Quarter to", "line"),
    *(
        Column(part, wording.title(f"{part}_amount"), "number", helps(f"{part}_amount"), fold=part != "gain")
        for part in (*PARTS, "closing")
        if part != "closing"
    ),
    Column("closing", wording.title("closing_amount"), "number", helps("closing_amount")),
)
ACCRUED = (
    "management_fee_amount",
    "management_fee_accrued_amount",
    "management_fee_charged_amount",
    "carry_distributed_amount",
    "carry_accrued_amount",
    "clawback_amount",
    "nav_after_carry_amount",
)
NARROW = ("management_fee_amount", "carry_accrued_amount")
WHOLE_FUND = "whole-fund"


def main() -> None:
    """The accounts of a quarter, every quarter, what is accrued, what is nobody's, and the templates."""
    vehicles = read(fund_accounts.vehicles)
    if not vehicles:
        states.show_nothing_yet(
            "No fund accounts yet",
            because="No quarter of a fund has been closed so far, and no terms are known.",
            next_step="The first account appears after a quarter end with a contribution or a valuation.",
        )
        return
    head = st.container()
    choosers = display.choosers()
    with choosers:
        vehicle = display.choose(
            "Vehicle", vehicles, key="vehicle", id_key="vehicle_id", name=lambda row: str(row["vehicle_name"])
        )
    row = next(row for row in vehicles if row["vehicle_id"] == vehicle)
    quarters = read(fund_accounts.quarters, vehicle_id=vehicle)
    with head:
        display.heading(
            "Fund accounts",
            "What do the fund's books say, what is accrued, and what goes to investors?",
            as_of=f"As of {wording.day(quarters[0]['quarter'])}" if quarters else "",
            aside=f"{row['vehicle_name']} · in {row['currency_code']}",
        )
    quarter = show_accounts(vehicle, quarters, choosers)
    show_accruals(vehicle, row["currency_code"])
    if quarter:
        show_downloads(vehicle, quarter)
    show_unassigned(vehicle, key="fund-unassigned")


def show_accounts(vehicle: str, quarters: list[Row], choosers: Any) -> date | None:
    """One quarter by party, then every quarter; returns the quarter chosen."""
    if not quarters:
        display.note("No quarter of this vehicle has been closed yet, so there is no account.")
        return None
    with choosers:
        chosen = display.choose(
            "Quarter to",
            quarters,
            key="quarter",
            id_key="quarter",
            name=lambda row: wording.day(row["quarter"]),
        )
    quarter = date.fromisoformat(chosen)
    accounts = read(fund_accounts.accounts, vehicle_id=vehicle, quarter=quarter)
    by_party = {row["party"]: row for row in accounts}
    display.figures(
        "headline",
        [
            Figure(
                name,
                wording.money(by_party[party]["closing_amount"], by_party[party]["currency_code"]),
                helps("closing_amount"),
                f"Closing, {wording.counted(by_party[party]['accounts'], 'account')}",
            )
            for party, name in fund_accounts.PARTIES.items()
            if party in by_party
        ],
        least_width=220,
    )
    show_parties(accounts)
    show_quarters(vehicle, list(by_party), len(quarters))
    return quarter


def show_parties(accounts: list[Row]) -> None:
    """The account of each party over one span; opening and what moved make the closing balance."""
    display.section("The quarter by party", "Limited partners + general partner = whole fund, to the cent.")
    with st.container(horizontal=True, key="choosers-parties"):
        span = display.choose(
            "Period",
            [{"id": prefix} for prefix in SPANS],
            key="span",
            id_key="id",
            name=lambda row: SPANS[row["id"]],
            in_address=False,
        )
    display.table(
        (
            Column("name", "Account"),
            *(
                Column(row["party"], fund_accounts.PARTIES[row["party"]], "number", fold=row["party"] == "gp")
                for row in accounts
            ),
        ),
        [
            {
                "name": wording.title(f"{part}_amount"),
                **{
                    row["party"]: wording.exact_money(row[f"{span}{part}_amount"], row["currency_code"])
                    for row in accounts
                },
            }
            for part in PARTS
        ],
        total={
            "name": wording.title("closing_amount"),
            **{
                row["party"]: wording.exact_money(row["closing_amount"], row["currency_code"])
                for row in accounts
            },
        },
    )


def show_quarters(vehicle: str, parties: list[str], count: int) -> None:
    """Every quarter of one party, in the order chosen, to take away."""
    display.section("Every quarter", "Opening + contributions − distributions − fees + gain = closing.")
    with st.container(horizontal=True, key="choosers-quarters"):
        party = display.choose(
            "Whose",
            [{"id": party} for party in fund_accounts.PARTIES if party in parties],
            key="party",
            id_key="id",
            name=lambda row: fund_accounts.PARTIES[row["id"]],
        )
        sort = display.sorting(list(fund_accounts.QUARTER_SORTS), key="quarters-sort", rows=count)
    rows = read(fund_accounts.roll_forward, vehicle_id=vehicle, party=party, sort=sort)
    display.table(
        ROLL,
        [
            {
                "quarter": wording.day(row["quarter"]),
                "_note": "" if row["is_complete"] else f"so far, to {wording.day(row['closing_on'])}",
                **{
                    part: wording.exact_money(row[f"{part}_amount"], row["currency_code"])
                    for part in (*PARTS, "closing")
                },
            }
            for row in rows
        ],
    )
    display.csv_of(
        "Download as CSV", "fund-account.csv", fund_accounts.roll_forward, key="roll-csv",
        vehicle_id=vehicle, party=party, sort=sort,
    )  # fmt: skip


def show_accruals(vehicle: str, currency: str) -> None:
    """Management fee and carried interest by the terms, beside what was charged and distributed."""
    display.section("Fees and carried interest accrued", "By the terms of the agreement, at each date.")
    orders = list(fund_accounts.FEE_SORTS)
    rows = read(fund_accounts.accruals, vehicle_id=vehicle, sort=orders[0])
    if not rows:
        display.note("No terms of this vehicle are known: load vehicle_terms (its fee, hurdle and carry).")
        return
    with st.container(horizontal=True, key="choosers-fees"):
        sort = display.sorting(orders, key="fees-sort", rows=len(rows))
    rows = read(fund_accounts.accruals, vehicle_id=vehicle, sort=sort)
    display.table(
        (
            Column("as_of", "Date", "line"),
            *(
                Column(name, wording.title(name), "number", helps(name), fold=name not in NARROW)
                for name in ACCRUED
            ),
        ),
        [accrual_texts(row) for row in rows],
        caption=f"In {currency}",
    )
    display.csv_of(
        "Download as CSV", "fees-and-carry.csv", fund_accounts.accruals, key="fees-csv",
        vehicle_id=vehicle, sort=sort,
    )  # fmt: skip


def accrual_texts(row: Row) -> dict[str, Any]:
    """A date's accruals as texts, with the reason where one is not known."""
    texts: dict[str, Any] = {"as_of": wording.day(row["as_of"])}
    for name in ACCRUED:
        texts[name] = wording.exact_money(row[name], row["currency_code"])
        status = row["fee_status"] if name.startswith("management") else row["carry_status"]
        if row[name] is None:
            texts[f"{name}_why"] = row["fx_reason"] or reasons.ACCRUAL.get(status, wording.sentence(status))
    return texts


def show_downloads(vehicle: str, quarter: date) -> None:
    """ILPA's templates for the whole fund or one holder."""
    holders = read(fund_accounts.holders, vehicle_id=vehicle)
    options = [{"id": WHOLE_FUND, "name": "Whole fund"}]
    options += [{"id": row["investor_id"], "name": row["name"]} for row in holders]

    def chosen_holder() -> str | None:
        chosen = display.choose(
            "For whom",
            options,
            key="holder",
            id_key="id",
            name=lambda row: str(row["name"]),
            in_address=False,
        )
        return None if chosen == WHOLE_FUND else chosen

    show_templates(vehicle, chosen_holder, quarter, key="fund-ilpa")


main()
