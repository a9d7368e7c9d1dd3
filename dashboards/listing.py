"""Lists that are short enough to be read whole: found in, filtered, sorted, paged and downloaded in one way.

Rows are the mart's own; here they are left out and put in order, never computed. Lists too long for that
(movements, views, restated figures) are filtered and paged by the database, with the same controls.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from dashboards import display
from dashboards.downloads import csv_button
from dashboards.markup import Column
from dashboards.reading import later, read

Row = Mapping[str, Any]
Order = tuple[str, bool]
"""A column to sort by, and whether the largest comes first; what is not known comes last."""
NARROW_FROM = 3
FIND_FROM = 8
"""A list of fewer rows is seen at a glance: there is nothing to leave out, and nothing to look for."""


def show_listing(
    query: Callable[..., Sequence[Row]],
    columns: Sequence[Column],
    texts: Callable[[Row], Mapping[str, Any]],
    *,
    key: str,
    file_name: str,
    orders: Mapping[str, Order],
    filters: Mapping[str, str] | None = None,
    find_in: Sequence[str] = (),
    total: Callable[[Sequence[Row]], Mapping[str, Any]] | None = None,
    **arguments: Any,
) -> list[Row]:
    """A list with its controls and its download; returns the rows that match, in the order chosen.

    Args:
        query: a function of `dashboards.queries`, read with `arguments`.
        texts: a row as texts of `columns`.
        orders: what can be sorted by, the first as it comes.
        filters: heading -> column of which one value can be chosen, drawn where there are several.
        total: a last line over all rows that match.
        find_in: columns that a search looks in, drawn from `FIND_FROM` rows on.
    """
    everything = read(query, **arguments)
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"choosers-{key}"):
        wanted = _find(key) if find_in and len(everything) >= FIND_FROM else ""
        chosen = {
            column: display.narrowing(
                heading,
                {str(one): str(one) for one in sorted({row[column] for row in everything if row[column]})},
                key=f"{key}-{column}",
                every="All",
            )
            for heading, column in (filters or {}).items()
            if len(everything) >= NARROW_FROM
        }
        order = orders[display.sorting(list(orders), key=f"{key}-sort", rows=len(everything))]

    def matching(rows: Sequence[Row]) -> list[Row]:
        found = [
            row
            for row in rows
            if all(value is None or str(row[column]) == value for column, value in chosen.items())
            and (not wanted or any(wanted in str(row[column] or "").casefold() for column in find_in))
        ]
        return in_order(found, order)

    rows = matching(everything)
    body = st.container()
    offset = 0
    if len(everything) > display.PAGE_ROWS or len(rows) < len(everything):
        offset = display.pager(len(rows), key=f"{key}-page")
    with body:
        display.table(
            columns,
            [texts(row) for row in rows[offset : offset + display.PAGE_ROWS]],
            total=total(rows) if total and rows else None,
        )
    again = later(query, **arguments)
    csv_button("Download as CSV", file_name, None, lambda: matching(again()), key=f"{key}-csv")
    return rows


def _find(key: str) -> str:
    with st.container(width=200):
        return str(st.text_input("Find", key=f"{key}-find", placeholder="A name") or "").strip().casefold()


def in_order(rows: Sequence[Row], order: Order) -> list[Row]:
    """The rows by a column, those that lack it last; rows that are equal in it stay as they were."""
    column, is_largest_first = order
    known = [row for row in rows if row[column] is not None]
    return [
        *sorted(known, key=lambda row: row[column], reverse=is_largest_first),
        *(row for row in rows if row[column] is None),
    ]
