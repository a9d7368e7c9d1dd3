"""The texts of performance rows, the same wherever commitments, vehicles or investors are listed side by
side."""

from collections.abc import Mapping, Sequence
from typing import Any

from dashboards import wording
from dashboards.markup import Column
from dashboards.wording import helps
from reporting.presentation import reasons

Row = Mapping[str, Any]


PERFORMANCE_ORDERS: Mapping[str, tuple[str, bool]] = {
    "Oldest vintage": ("vintage_year", False),
    "Newest vintage": ("vintage_year", True),
    "Highest TVPI": ("tvpi", True),
    "Highest IRR": ("irr", True),
    "Name": ("vehicle_name", False),
}
"""What vehicles and commitments are sorted by."""


def about(row: Row) -> str:
    """Vintage and strategy, as the second line under a vehicle's name."""
    return " · ".join(str(part) for part in (row["vintage_year"], row["strategy"]) if part)


def columns(first: str, *, with_currency: bool = False) -> tuple[Column, ...]:
    """The columns of a performance table; `first` heads the column of names."""
    return (
        Column("name", first),
        *((Column("currency", "Currency", "quiet", fold=True),) if with_currency else ()),
        Column("commitment", "Commitment", "number", helps("commitment_amount"), fold=True),
        Column("paid_in", "Paid in", "number", helps("contributed_amount"), fold=True),
        Column("distributed", "Distributed", "number", helps("distributed_amount"), fold=True),
        Column("nav", "NAV", "number", helps("nav_amount")),
        Column("unfunded", "Unfunded", "number", helps("unfunded_amount"), fold=True),
        Column("dpi", "DPI", "number", helps("dpi"), fold=True),
        Column("tvpi", "TVPI", "number", helps("tvpi")),
        Column("irr", "Net IRR", "number", helps("irr")),
    )


def texts(row: Row, name: str, note: str = "") -> dict[str, Any]:
    """One row's texts; what stands in place of a missing figure is explained where it stands."""
    currency = row["currency_code"]
    nav_why, irr_why = wording.nav_why(row), wording.irr_why(row)
    fx_why = row.get("fx_reason") or ""
    rolled = row.get("nav_status") == "rolled"
    without = without_line(row)
    return {
        "name": name,
        "_note": note,
        "currency": currency,
        "commitment": wording.money(row["commitment_amount"], currency),
        "commitment_why": fx_why if row["commitment_amount"] is None else "",
        "paid_in": wording.money(row["contributed_amount"], currency),
        "paid_in_why": fx_why if row["contributed_amount"] is None else "",
        "distributed": wording.money(row["distributed_amount"], currency),
        "distributed_why": fx_why if row["distributed_amount"] is None else "",
        "nav": f"{wording.money(row['nav_amount'], currency)}{' *' if rolled else ''}",
        "nav_why": nav_why,
        "unfunded": wording.money(row["unfunded_amount"], currency),
        "unfunded_why": reasons.unfunded(row.get("unfunded_status"), fx_why),
        "dpi": wording.multiple(row["dpi"]),
        "dpi_why": fx_why if row["dpi"] is None else "",
        "tvpi": wording.multiple(row["tvpi"]),
        "tvpi_why": fx_why or nav_why if row["tvpi"] is None else "",
        "irr": wording.irr_text(row),
        "tvpi_note": without.get("tvpi", ""),
        "irr_why": irr_why,
        "irr_note": without.get("irr", ""),
    }


def without_line(row: Row, *, of_known: bool = False) -> dict[str, str]:
    """IRR and TVPI without the subscription line, to stand beside them; empty where there is no line.

    Args:
        of_known: say of a known IRR that no line is known, where a reader might look for the other figure.
    """
    if not row.get("has_facility"):
        return {"irr": "no subscription line known"} if of_known and row.get("irr") is not None else {}
    return {
        "irr": f"{wording.rate(row, 'irr_without_facility').text} without line",
        "tvpi": f"{wording.multiple(row['tvpi_without_facility'])} without line",
    }


def rate_missing(row: Row, name: str) -> str:
    """Which exchange rate a row lacks, of which day; what rests on it is a dash, not a figure at another
    rate."""
    return f"{name}: {row['fx_reason']}. What rests on it is not known; no rate is ever assumed."


def remarks(rows: Sequence[Row], name_key: str) -> list[str]:
    """A sentence for each figure of the rows that should not be relied on without knowing why."""
    said = []
    for row in rows:
        name = row[name_key]
        nav_why, irr_why = wording.nav_why(row), wording.irr_why(row)
        if row.get("fx_reason"):
            said.append(rate_missing(row, name))
        if nav_why and row.get("nav_status") != "closed":
            said.append(f"{name}, NAV{' *' if row.get('nav_status') == 'rolled' else ''}: {nav_why}")
        unfunded_why = reasons.unfunded(row.get("unfunded_status"))
        if unfunded_why and row.get("unfunded_status") != "missing_rate":
            said.append(f"{name}, unfunded: {unfunded_why}")
        if irr_why:
            period = wording.percent(row.get("period_return"))
            instead = (
                f" Return over the period: {period}." if period and row.get("is_annualized") is False else ""
            )
            said.append(f"{name}, net IRR {wording.irr_text(row)}: {irr_why}{instead}")
    return said
