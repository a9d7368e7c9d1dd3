"""Manager · Track record: how have our vehicles done together, and how do vintages and strategies compare?"""

from typing import Any

import streamlit as st

from dashboards import display, performance_figures, performance_tables, states, wording
from dashboards.listing import show_listing
from dashboards.markup import Column
from dashboards.performance_figures import amount_figures, net_figures
from dashboards.queries import funds, pools
from dashboards.reading import read
from dashboards.told_in import choose_currency, pool_of_all
from dashboards.wording import helps
from reporting.presentation import reasons

Row = dict[str, Any]
POOLED = {
    "vintage": ("Vintages", "Vintage"),
    "strategy": ("Strategies", "Strategy"),
    "currency": ("Currencies", "Currency"),
    "peers": ("Peers", "Vintage, strategy, currency"),
    "sector": ("Sectors", "Sector"),
}
GROSS = (
    Column("holdings", "Holdings", "number", helps("holdings"), fold=True),
    Column("invested", "Invested", "number", helps("invested_amount"), fold=True),
    Column("proceeds", "Proceeds", "number", helps("proceeds_amount"), fold=True),
    Column("holdings_nav", "Value", "number", helps("holdings_nav_amount"), fold=True),
)
NET = (
    Column("vehicles", "Vehicles", "number", helps("vehicles"), fold=True),
    Column("paid_in", "Paid in", "number", helps("contributed_amount"), fold=True),
    Column("nav", "NAV", "number", helps("nav_amount"), fold=True),
    Column("dpi", "DPI", "number", helps("dpi"), fold=True),
    Column("tvpi", "Net TVPI", "number", helps("tvpi")),
    Column("irr", "Net IRR", "number", helps("irr")),
)
RETURNS = (
    Column("gross_moic", "Gross MOIC", "number", helps("gross_moic")),
    Column("gross_irr", "Gross IRR", "number", helps("gross_irr")),
)
SPREAD = (
    Column("median_irr", "Median IRR", "number", helps("median_irr"), fold=True),
    Column("mean_irr", "Mean IRR", "number", helps("mean_irr"), fold=True),
)
QUARTILES = (
    ("irr", "Net IRR", wording.percent),
    ("tvpi", "Net TVPI", wording.multiple),
    ("dpi", "DPI", wording.multiple),
)


def main() -> None:
    """Number, trend, parts, rows."""
    whole = read(pools.latest, pool_by="all", sort="Name")
    if not whole:
        states.show_nothing_yet(
            "No track record yet",
            because="No vehicle with cash has been loaded so far.",
            next_step="Load vehicles, commitments and transactions; their pooled performance appears here.",
        )
        return
    own = whole[0]["currency_code"]
    head = st.container()
    with display.choosers():
        offered = read(pools.currencies_told)
        told_in = choose_currency([own, *(code for code in offered if code != own)], offered)
    pool_id = pool_of_all(told_in.currency, own)
    row = read(pools.one, pool_id=pool_id) or whole[0]
    with head:
        display.heading(
            "Track record",
            "How have our vehicles done together, and how do vintages and strategies compare?",
            as_of=f"As of {wording.day(row['as_of'])}",
            aside=f"{wording.counted(row['vehicles'], 'vehicle')} · pooled in {row['currency_code']}",
        )
    told_in.say()
    vehicles = read(funds.latest)
    show_headline(row, vehicles)
    display.section("Over time", "All vehicles pooled, net to investors, at each quarter end.")
    performance_figures.show_trend(read(pools.history, pool_id=pool_id), row["currency_code"])
    show_pools(read(pools.counts))
    show_vehicles(vehicles)


def show_headline(row: Row, vehicles: list[Row]) -> None:
    """The pooled return, gross beside net, with what the members' returns are by themselves."""
    value, tvpi, irr, dpi = net_figures(row)
    gross = _gross_irr(row)
    display.figures(
        "headline",
        [
            irr,
            display.Figure("Gross IRR", gross.text, helps("gross_irr"), gross.why),
            tvpi,
            display.Figure("Gross MOIC", wording.multiple(row["gross_moic"]), helps("gross_moic")),
            dpi,
        ],
    )
    display.figures("amounts", [value, *amount_figures(row, paid_in="Called")])
    display.missing_rate(row)
    display.note(
        f"Pooled: the return of all cash flows together. One by one, the median IRR of "
        f"{wording.counted(row['members_with_irr'], 'vehicle')} is {wording.percent(row['median_irr'])} and "
        f"the equal-weight mean {wording.percent(row['mean_irr'])}; the median TVPI is "
        f"{wording.multiple(row['median_tvpi'])} and the mean {wording.multiple(row['mean_tvpi'])}."
    )
    with_line = [str(vehicle["vehicle_name"]) for vehicle in vehicles if vehicle["has_facility"]]
    if with_line:
        display.note(
            f"Pooled returns count the subscription line of {', '.join(with_line)} as it was used, and so do "
            "mean and median; what the pooled ones would be without it stands under them."
        )


def show_pools(counts: dict[str, int]) -> None:
    """A tab for each way of taking vehicles together."""
    shown = [kind for kind in POOLED if counts.get(kind)]
    if not shown:
        return
    display.section("Taken together by", "Pooled cash flows; in the pool's own currency where it has one.")
    for kind, tab in zip(shown, st.tabs([POOLED[kind][0] for kind in shown]), strict=True):
        with tab:
            show_kind(kind, counts[kind])


def show_kind(kind: str, count: int) -> None:
    """The pools of one kind: gross beside net, and for peers where their quartiles lie."""
    with st.container(horizontal=True, key=f"choosers-{kind}"):
        sort = display.sorting(list(pools.SORTS), key=f"pools-{kind}-sort", rows=count)
    rows = read(pools.latest, pool_by=kind, sort=sort)
    first = Column("name", POOLED[kind][1])
    columns = (*GROSS, *RETURNS) if kind == "sector" else (*NET, *RETURNS, *SPREAD)
    display.table((first, *columns), [texts(row) for row in rows])
    for row in rows:
        if row["fx_reason"]:
            display.note(performance_tables.rate_missing(row, _name(row)), "warn")
    if kind == "sector":
        display.note(f"{reasons.POOL['gross_only']} They stand at the head of this page.")
    if kind == "peers":
        show_quartiles(rows)
    display.csv_of(
        "Download as CSV", f"pools-{kind}.csv", pools.latest, key=f"pools-{kind}-csv", pool_by=kind, sort=sort
    )


def show_quartiles(rows: list[Row]) -> None:
    """Where the quartiles of peers lie; too few of them say so instead."""
    known = [row for row in rows if row["quartile_status"] == "ok"]
    lines = [
        {
            "name": f"{_name(row)}, {label}",
            **{place: write(row[f"{key}_{place}"]) for place in ("p25", "p50", "p75")},
        }
        for row in known
        for key, label, write in QUARTILES
    ]
    if lines:
        display.table(
            (
                Column("name", "Peers and figure"),
                Column("p25", "Lower quartile", "number", helps("irr_p25")),
                Column("p50", "Median", "number", helps("irr_p50")),
                Column("p75", "Upper quartile", "number", helps("irr_p75")),
            ),
            lines,
        )
    for status in sorted({row["quartile_status"] for row in rows} - {"ok", None}):
        display.note(f"No quartiles. {reasons.POOL.get(status, wording.sentence(status))}")


def texts(row: Row) -> dict[str, Any]:
    """A pool as texts, with the reason where a figure is missing."""
    currency, gross = row["currency_code"], _gross_irr(row)
    missing_nav, without = wording.nav_why(row), performance_tables.without_line(row)
    return {
        "name": _name(row),
        "_note": f"in {currency}",
        "vehicles": wording.whole(row["vehicles"]),
        "paid_in": wording.money(row["contributed_amount"], currency),
        "paid_in_why": row["fx_reason"] or "",
        "nav": wording.money(row["nav_amount"], currency),
        "nav_why": missing_nav,
        "dpi": wording.multiple(row["dpi"]),
        "tvpi": wording.multiple(row["tvpi"]),
        "tvpi_why": missing_nav if row["tvpi"] is None else "",
        "tvpi_note": without.get("tvpi", ""),
        "irr": wording.irr_text(row),
        "irr_why": wording.irr_why(row),
        "irr_note": without.get("irr", ""),
        "gross_moic": wording.multiple(row["gross_moic"]),
        "gross_irr": gross.text,
        "gross_irr_why": gross.why,
        "median_irr": wording.percent(row["median_irr"]),
        "mean_irr": wording.percent(row["mean_irr"]),
        "holdings": wording.whole(row["holdings"]),
        "invested": wording.money(row["invested_amount"], currency),
        "proceeds": wording.money(row["proceeds_amount"], currency),
        "holdings_nav": wording.money(row["holdings_nav_amount"], currency),
    }


def _name(row: Row) -> str:
    return str(row["pool_value"] or "Not stated")


def _gross_irr(row: Row) -> reasons.Shown:
    return wording.irr(
        {
            "irr": row["gross_irr"],
            "irr_status": row["gross_irr_status"],
            "is_annualized": row["is_annualized"],
        }
    )


def show_vehicles(vehicles: list[Row]) -> None:
    """All vehicles side by side, each in its own currency."""
    display.section("All vehicles", "Net to investors, each in its own currency and at its own latest date.")
    show_listing(
        funds.latest,
        performance_tables.columns("Vehicle"),
        lambda row: performance_tables.texts(row, row["vehicle_name"], performance_tables.about(row)),
        key="vehicles",
        file_name="vehicles.csv",
        orders=performance_tables.PERFORMANCE_ORDERS,
        filters={"Strategy": "strategy", "Currency": "currency_code"},
        find_in=("vehicle_name",),
    )
    for remark in performance_tables.remarks(vehicles, "vehicle_name"):
        display.note(remark)


main()
