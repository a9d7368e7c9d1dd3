"""Rows that belong to a fund and to nobody in it: shown to whoever can have the source mended."""

from collections.abc import Mapping
from typing import Any

from dashboards import display, wording
from dashboards.listing import show_listing
from dashboards.markup import Column
from dashboards.queries import fund_accounts
from dashboards.reading import read
from reporting.presentation import reasons

Row = Mapping[str, Any]
COLUMNS = (
    Column("line", "Row"),
    Column("on", "Date", "quiet"),
    Column("amount", "Amount", "number"),
    Column("place", "File and row", "quiet"),
    Column("remedy", "What to do", "quiet", fold=True),
)


def show_unassigned(vehicle_id: str | None, *, key: str) -> None:
    """The rows with their file, and what to do about each; one line of reassurance where there are none."""
    display.section(
        "Amounts of nobody", "In the fund's totals, in no investor's account, until the source names whose."
    )
    rows = read(fund_accounts.unassigned, vehicle_id=vehicle_id)
    if not rows:
        display.note("None: every amount of a fund is somebody's.")
        return
    show_listing(
        fund_accounts.unassigned,
        COLUMNS,
        texts,
        key=key,
        file_name="amounts-of-nobody.csv",
        orders={
            "As listed": ("vehicle_name", False),
            "Newest first": ("effective_on", True),
            "Largest first": ("amount", True),
        },
        filters={"Vehicle": "vehicle_name", "Row": "line"},
        vehicle_id=vehicle_id,
    )


def texts(row: Row) -> dict[str, Any]:
    """A row of nobody as texts."""
    return {
        "line": wording.sentence(row["line"]),
        "_note": f"{row['vehicle_name']} · {row['row_key']} · {row['currency_code']}",
        "on": wording.day(row["effective_on"]),
        "amount": wording.exact_money(row["amount"], row["currency_code"]),
        "place": f"{row['source_file'] or row['stream']}, row {row['source_row']}",
        "remedy": reasons.UNASSIGNED[row["reason"]],
    }
