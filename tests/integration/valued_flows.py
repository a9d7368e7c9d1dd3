"""Rows for the measures that need the fund's values beside its flows, and the question asked of all three.

Expected answers stay in the test modules.
"""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from tests.integration.finance_connection import Finance

Number = float | int | Decimal
Row = tuple[Number | None, dt.date | None, Number | None, Number | None]
"""Amount with the investor's sign, day, index level, value held at the end of the day."""


def periodic(
    contributions: Sequence[Number],
    distributions: Sequence[Number],
    index: Sequence[Number],
    navs: Sequence[Number | None],
    days: Sequence[dt.date] | None = None,
) -> list[Row]:
    """Gross flows and values, 365 days apart unless days are given."""
    if days is None:
        days = [dt.date(2001, 1, 1) + dt.timedelta(days=365 * k) for k in range(len(index))]
    rows: list[Row] = []
    for paid, received, level, nav, day in zip(contributions, distributions, index, navs, days, strict=True):
        rows += [
            (-paid, day, level, None),
            (received, day, level, None),
            *([(None, day, level, nav)] if nav is not None else []),
        ]
    return rows


def compared(finance: Finance, rows: Sequence[Row]) -> dict[str, dict[str, Any]]:
    """ln_pme_detail as `ln`, pme_plus_detail as `plus`, mpme_detail as `modified`, the rates as `plain`."""

    def numeric(value: Number | None) -> Decimal | None:
        return None if value is None else Decimal(str(value))

    params = (
        [numeric(row[0]) for row in rows],
        [row[1] for row in rows],
        [None if row[2] is None else float(row[2]) for row in rows],
        [numeric(row[3]) for row in rows],
    )
    given = (
        "from unnest(%s::numeric[], %s::date[], %s::float8[], %s::numeric[])"
        " as f (amount, on_date, level, nav)"
    )
    arguments = "(f.amount, f.on_date, f.level, f.nav)"
    found = {
        key: finance.one(f"select (finance.{name}{arguments}).* {given}", params)
        for key, name in (("ln", "ln_pme_detail"), ("plus", "pme_plus_detail"), ("modified", "mpme_detail"))
    }
    plain = ", ".join(f"finance.{name}{arguments}" for name in ("ln_pme", "pme_plus", "mpme"))
    return found | {"plain": finance.one(f"select {plain} {given}", params)}
