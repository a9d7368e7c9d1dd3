"""Transactions: which cash moved when? For an investor its own, for a manager and an analyst everybody's."""

from datetime import date
from typing import Any

import streamlit as st

from dashboards import display, states, wording
from dashboards.markup import Column
from dashboards.queries import transactions
from dashboards.reading import page_context, read

Row = dict[str, Any]


def main() -> None:
    """Filters, what they add up to, the rows."""
    choices = read(transactions.choices)
    span = choices["dates"][0]
    if span["first_on"] is None:
        states.show_nothing_yet(
            "No transactions yet",
            because="No capital call, distribution or other movement of cash has been loaded so far.",
            next_step=(
                "Movements appear here on the day that they are loaded, with the file and row they came from."
            ),
        )
        return
    for_everybody = page_context().viewer.role != "lp"
    display.heading(
        "Transactions",
        "Which cash moved when, between whom, and what for?",
        as_of=f"{wording.day(span['first_on'])} to {wording.day(span['last_on'])}",
        aside="Paid in is negative, paid out positive: the investor's side",
    )
    chosen, sort = filters(choices, span, for_everybody)
    totals = read(transactions.totals, **chosen)
    show_totals(totals)
    show_rows(chosen, sort, sum(row["movements"] for row in totals), for_everybody)


def filters(choices: dict[str, list[Row]], span: Row, for_everybody: bool) -> tuple[dict[str, Any], str]:
    """The filters above the table as arguments of the query, and the order."""
    with st.container(key="filters"), st.grid(min_column_width=170, gap="small", vertical_alignment="bottom"):
        vehicle = display.optional_choice(
            "Vehicle",
            {row["id"]: row["name"] or row["id"] for row in choices["vehicles"]},
            key="t-vehicle",
            every="All vehicles",
        )
        investor = None
        if for_everybody or len(choices["investors"]) > 1:
            investor = display.optional_choice(
                "Investor",
                {row["id"]: row["name"] or row["id"] for row in choices["investors"]},
                key="t-investor",
                every="All investors",
            )
        kind = display.optional_choice(
            "Kind",
            {row["id"]: wording.sentence(row["name"]) for row in choices["kinds"]},
            key="t-kind",
            every="All kinds",
        )
        days = st.date_input(
            "Dates",
            (span["first_on"], span["last_on"]),
            min_value=span["first_on"],
            max_value=span["last_on"],
            key="t-dates",
            format="YYYY-MM-DD",
        )
        sort = st.selectbox("Sorted by", list(transactions.SORTS), key="t-sort")
    since, until = dates_of(days, span)
    chosen = {"investor_id": investor, "vehicle_id": vehicle, "kind": kind, "since": since, "until": until}
    return chosen, sort


def dates_of(days: Any, span: Row) -> tuple[date, date]:
    """Both ends of the range; while only the first is picked, up to the last day there is."""
    picked = list(days) if isinstance(days, tuple | list) else [days]
    return (picked[0] if picked else span["first_on"], picked[1] if len(picked) > 1 else span["last_on"])


def show_totals(totals: list[Row]) -> None:
    """What the matching movements add up to, one figure row per currency."""
    shown = []
    for row in totals:
        currency = row["currency_code"]
        shown += [
            display.Figure(
                f"Paid in, {currency}",
                wording.money(row["paid_in"] or 0, currency),
                "Sum of what investors paid in the movements shown",
                wording.counted(row["movements"], "movement"),
            ),
            display.Figure(
                f"Paid out, {currency}",
                wording.money(row["paid_out"] or 0, currency),
                "Sum of what investors received in the movements shown",
                f"{wording.money(row['charged'], currency)} charged to accounts" if row["charged"] else "",
            ),
        ]
    if shown:
        display.figures("headline", shown)


def show_rows(chosen: dict[str, Any], sort: str, matches: int, for_everybody: bool) -> None:
    """One page of the rows that match, sorted as chosen, and the download of all of them."""
    columns = [
        Column("date", "Date", "line"),
        Column("vehicle", "Vehicle"),
        *([Column("investor", "Investor", fold=True)] if for_everybody else []),
        Column("kind", "Kind", "quiet", fold=True),
        Column("purpose", "Purpose", "quiet", fold=True),
        Column("amount", "Amount", "number", "Negative: paid in by the investor"),
        Column("source", "File and row", "quiet", "Where this line came from", fold=True),
    ]
    display.section("Movements")
    body = st.container()
    offset = display.pager(matches, key="t-page")
    rows = read(transactions.page, **chosen, sort=sort, limit=display.PAGE_ROWS, offset=offset)
    with body:
        display.table(columns, [texts(row) for row in rows])
    display.csv_of(
        f"Download all {wording.whole(matches)} as CSV",
        "transactions.csv",
        transactions.page,
        key="t-csv",
        **chosen,
        sort=sort,
        limit=None,
        offset=0,
    )


def texts(row: Row) -> dict[str, Any]:
    """A movement as texts."""
    outside = "" if row["is_within_commitment"] is not False else "outside the commitment"
    recallable = "recallable" if row["is_recallable"] else ""
    return {
        "date": wording.day(row["effective_on"]),
        "vehicle": row["vehicle_name"] or row["vehicle_id"],
        "investor": row["investor_name"] or row["investor_id"],
        "kind": wording.sentence(row["kind"]),
        "purpose": ", ".join(
            part for part in (wording.sentence(row["purpose"]), recallable, outside) if part
        ),
        "amount": f"{wording.exact_money(row['amount'], row['currency_code'])} {row['currency_code']}",
        "source": f"{row['source_file']}, row {row['source_row']}" if row["source_file"] else None,
        "source_why": row["description"] or "",
    }


main()
