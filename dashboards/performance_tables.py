"""The texts of performance rows, the same wherever commitments, vehicles or investors are listed side by
side."""

from collections.abc import Mapping, Sequence
from typing import Any

from dashboards import wording
from dashboards.markup import Column
from dashboards.wording import helps
from reporting.presentation import reasons

Row = Mapping[str, Any]


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
    rolled = row.get("nav_status") == "rolled"
    without = without_line(row)
    return {
        "name": name,
        "_note": note,
        "currency": currency,
        "commitment": wording.money(row["commitment_amount"], currency),
        "paid_in": wording.money(row["contributed_amount"], currency),
        "distributed": wording.money(row["distributed_amount"], currency),
        "nav": f"{wording.money(row['nav_amount'], currency)}{' *' if rolled else ''}",
        "nav_why": nav_why,
        "unfunded": wording.money(row["unfunded_amount"], currency),
        "unfunded_why": reasons.unfunded(row.get("unfunded_status")),
        "dpi": wording.multiple(row["dpi"]),
        "tvpi": wording.multiple(row["tvpi"]),
        "tvpi_why": nav_why if row["tvpi"] is None else "",
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


def remarks(rows: Sequence[Row], name_key: str) -> list[str]:
    """A sentence for each figure of the rows that should not be relied on without knowing why."""
    said = []
    for row in rows:
        name = row[name_key]
        nav_why, irr_why = wording.nav_why(row), wording.irr_why(row)
        if nav_why and row.get("nav_status") != "closed":
            said.append(f"{name}, NAV{' *' if row.get('nav_status') == 'rolled' else ''}: {nav_why}")
        if unfunded_why := reasons.unfunded(row.get("unfunded_status")):
            said.append(f"{name}, unfunded: {unfunded_why}")
        if irr_why:
            period = wording.percent(row.get("period_return"))
            instead = (
                f" Return over the period: {period}." if period and row.get("is_annualized") is False else ""
            )
            said.append(f"{name}, net IRR {wording.irr_text(row)}: {irr_why}{instead}")
    return said
