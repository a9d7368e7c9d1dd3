"""The building blocks that pages are set from: heading, headline figures, charts, choosers, pager, downloads.

Thin over Streamlit; what a figure says is in `wording.py`, how a table is written in `markup.py`.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from math import ceil
from typing import Any

import streamlit as st

from dashboards import markup, wording
from dashboards.downloads import csv_button
from dashboards.reading import later

PAGE_ROWS = 25


@dataclass(frozen=True)
class Figure:
    """One headline figure: its name, its text, what it means, and what to know before relying on it."""

    label: str
    text: str
    help: str = ""
    note: str = ""


def heading(title: str, question: str, *, as_of: str = "", aside: str = "") -> None:
    """The page's title and question, with the date its figures are true of."""
    st.html(markup.page_heading(title, question, as_of=as_of, aside=aside))


def section(title: str, note: str = "") -> None:
    """Start a section."""
    st.html(markup.section_heading(title, note))


def figures(key: str, shown: Sequence[Figure], *, least_width: int = 150) -> None:
    """A row of figures that wraps on narrow screens. `key` is `headline` for the page's first row."""
    with st.container(key=key), st.grid(min_column_width=least_width, gap="medium"):
        for figure in shown:
            st.metric(
                figure.label,
                figure.text,
                delta=figure.note or None,
                delta_color="off",
                delta_arrow="off",
                help=figure.help or None,
            )


def chart(figure: Any, *, key: str, alt: str) -> None:
    """A figure of `reporting.presentation`, in its own colours and without the tool bar."""
    st.plotly_chart(
        figure, key=key, theme=None, alt=alt, config={"displayModeBar": False, "scrollZoom": False}
    )


def table(
    columns: Sequence[markup.Column],
    rows: Sequence[Mapping[str, Any]],
    *,
    total: Mapping[str, Any] | None = None,
    caption: str = "",
) -> None:
    """A table of ready-made texts."""
    st.html(markup.table(columns, rows, total=total, caption=caption))


def choosers() -> AbstractContextManager[Any]:
    """The row under the heading where a page's choosers stand side by side."""
    return st.container(key="choosers", horizontal=True)


def choose(
    label: str,
    options: Sequence[Mapping[str, Any]],
    *,
    key: str,
    id_key: str,
    name: Callable[[Mapping[str, Any]], str],
    in_address: bool = True,
    first: str | None = None,
    on_change: Callable[[], None] | None = None,
) -> str:
    """A chooser that is only drawn where there is a choice; returns the id chosen, the first by default.

    Args:
        in_address: keep the choice in the page's address, so that it can be sent on as a link.
        first: what stands before anything was chosen, where it is one of the options.
        on_change: called when the viewer chooses, before the page runs again; not for what a link chose.
    """
    names = {str(option[id_key]): name(option) for option in options}
    ids = list(names)
    if len(ids) == 1:
        return ids[0]
    _forget_unless(key, ids)
    chosen = st.selectbox(
        label,
        ids,
        index=ids.index(first) if first in ids else 0,
        format_func=lambda one: names.get(one, one),
        key=key,
        bind="query-params" if in_address else None,
        width=300,
        on_change=on_change,
    )
    return str(chosen or ids[0])


def _forget_unless(key: str, options: Sequence[str | None]) -> None:
    """Forget a choice that is not on offer (any more): the first option stands then."""
    if st.session_state.get(key) not in options:
        st.session_state.pop(key, None)


def optional_choice(label: str, names: Mapping[str, str], *, key: str, every: str) -> str | None:
    """A filter: one of `names`, or None for all of them."""
    chosen = st.selectbox(
        label, [None, *names], format_func=lambda one: every if one is None else names[one], key=key
    )
    return str(chosen) if chosen is not None else None


def sorting(orders: Sequence[str], *, key: str, rows: int) -> str:
    """In which order a list stands: chosen where it has rows enough for an order, else the first."""
    if rows < 3:
        return orders[0]
    _forget_unless(key, orders)
    return str(st.selectbox("Sorted by", orders, key=key, width=200))


def narrowing(label: str, names: Mapping[str, str], *, key: str, every: str) -> str | None:
    """A filter of a list that is only drawn where there is something to leave out."""
    if len(names) < 2:
        return None
    _forget_unless(key, [None, *names])
    with st.container(width=200):
        return optional_choice(label, names, key=key, every=every)


def pager(matches: int, *, key: str, rows: int = PAGE_ROWS) -> int:
    """Page numbers under a table, and how many rows there are; returns the offset of the page chosen.

    Drawn by a page before its table is read, into the container where it should stand.
    """
    pages = max(1, ceil(matches / rows))
    if st.session_state.get(key, 1) > pages:
        st.session_state[key] = 1
    first = 1
    with st.container(horizontal=True, vertical_alignment="center", key=f"{key}-foot"):
        if pages > 1:
            first = st.pagination(pages, key=key, width=360)
        shown_from = (first - 1) * rows + 1
        st.html(
            f'<p class="cap-count">{wording.whole(shown_from)}–{wording.whole(min(first * rows, matches))} '
            f"of {wording.whole(matches)}</p>"
            if matches
            else '<p class="cap-count">No rows match.</p>',
            width="content",
        )
    return (first - 1) * rows


def note(text: str, tone: str = "plain") -> None:
    """A remark about the figures above it."""
    st.html(markup.note(text, tone))


def missing_rate(row: Mapping[str, Any]) -> None:
    """Which exchange rate is missing, of which day, where that leaves a figure of the row unknown."""
    if row.get("fx_reason"):
        note(f"Not every figure is known: {row['fx_reason']}. No rate is ever assumed.", "warn")


def html(markup_text: str) -> None:
    """Markup made by `dashboards.markup`."""
    st.html(markup_text)


def csv_of(
    label: str,
    file_name: str,
    query: Callable[..., Any],
    *,
    key: str,
    columns: Mapping[str, str] | None = None,
    **arguments: Any,
) -> None:
    """A download of everything that `query` answers, read again when it is asked for; all columns by
    default."""
    csv_button(label, file_name, columns, later(query, **arguments), key=key)
