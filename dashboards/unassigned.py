"""Rows that belong to a fund and to nobody in it: shown to whoever can have the source mended."""

from typing import Any

from dashboards import display, wording
from dashboards.markup import Column
from dashboards.queries import fund_accounts
from dashboards.reading import read
from reporting.presentation import reasons

Row = dict[str, Any]
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
    display.table(
        COLUMNS,
        [
            {
                "line": wording.sentence(row["line"]),
                "_note": f"{row['vehicle_name']} · {row['row_key']} · {row['currency_code']}",
                "on": wording.day(row["effective_on"]),
                "amount": wording.exact_money(row["amount"], row["currency_code"]),
                "place": f"{row['source_file'] or row['stream']}, row {row['source_row']}",
                "remedy": reasons.UNASSIGNED[row["reason"]],
            }
            for row in rows
        ],
    )
    display.csv_of(
        "Download as CSV", "amounts-of-nobody.csv", fund_accounts.unassigned, key=f"{key}-csv",
        vehicle_id=vehicle_id,
    )  # fmt: skip
