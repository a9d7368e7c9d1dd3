"""Explain a figure: its formula, the same figure computed again from its rows, and each row with file and
line.

Everything comes from `warehouse.explanations` in the viewer's own session, and only when a figure has been
chosen.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import streamlit as st

from dashboards import display, markup, wording
from dashboards.markup import Column
from dashboards.queries import explained
from dashboards.reading import read
from reporting.presentation.metric_register import metric
from warehouse.explanations import Explanation, NotExplainable

SHOWN_INPUTS = 40
WHOLE = "all"
"""The choice that stands for all vehicles together; no vehicle has this id beside it in one list."""
INPUTS = (
    Column("date", "Date", "line"),
    Column("what", "What", "quiet"),
    Column("investor", "Investor", "quiet", fold=True),
    Column("amount", "Amount", "number", "Paid in is negative"),
    Column("source", "File and row", "quiet", "Rows are counted after the header, from 1"),
)


def explain(
    metrics: Sequence[str],
    *,
    vehicles: Mapping[str, str],
    investor_id: str | None,
    as_of: date | None,
    key: str,
    whole: str = "",
    currency: str | None = None,
    pool_id: str | None = None,
) -> None:
    """Offer to explain some metrics of some vehicles (id to name), for one investor or over all of them.

    Args:
        whole: what all vehicles together are called, where their totals can be explained too.
        currency: what those totals are told in.
        pool_id: the pool that those totals are of, where they are not an investor's.
    """
    if not metrics or not vehicles:
        return
    with st.expander("Explain a figure"), st.container(key=f"explain-{key}"):
        with st.container(horizontal=True, key=f"choosers-explain-{key}"):
            name = st.selectbox(
                "Figure",
                [None, *metrics],
                key=f"explain-{key}-metric",
                width=240,
                format_func=lambda one: "Choose a figure" if one is None else metric(one).title,
            )
            vehicle = display.choose(
                "Of",
                [
                    *([{"id": WHOLE, "name": whole}] if whole else []),
                    *({"id": one, "name": title} for one, title in vehicles.items()),
                ],
                key=f"explain-{key}-of",
                id_key="id",
                name=lambda row: str(row["name"]),
                in_address=False,
            )
        if name is not None:
            if vehicle == WHOLE:
                show_explanation(str(name), None, investor_id, as_of, key, currency, pool_id)
            else:
                show_explanation(str(name), vehicle, investor_id, as_of, key)


def show_explanation(
    name: str,
    vehicle: str | None,
    investor_id: str | None,
    as_of: date | None,
    key: str,
    currency: str | None = None,
    pool_id: str | None = None,
) -> None:
    """The formula, the figure twice, and the rows behind it."""
    arguments: dict[str, Any] = {
        "metric": name,
        "vehicle_id": vehicle,
        "investor_id": investor_id,
        "as_of": as_of,
        "currency_code": currency,
        "pool_id": pool_id,
    }
    try:
        found = read(explained.explanation, **arguments)
    except NotExplainable as error:
        display.note(str(error).capitalize())
        return
    words = metric(name)
    display.html(
        markup.definition(
            [
                ("Question", words.question),
                ("Formula", words.formula),
                (
                    f"{words.title} of {found.vehicle_name or 'all together'}, {wording.day(found.as_of)}",
                    wording.in_unit(found.value, words.unit, found.currency_code),
                ),
                ("Computed again from the rows below", recomputed_words(found)),
                ("To know", " ".join(part for part in (words.edge_cases, found.reason or "") if part)),
            ]
        )
    )
    shown = found.inputs[:SHOWN_INPUTS]
    rest = len(found.inputs) - len(shown)
    display.table(
        INPUTS, [input_texts(row) for row in shown], caption=wording.counted(len(found.inputs), "row")
    )
    if rest:
        display.note(f"{wording.whole(rest)} more rows are in the download.")
    display.csv_of(
        "Download the rows as CSV", f"{name}-inputs.csv", explained.inputs, key=f"{key}-inputs", **arguments
    )


def recomputed_words(found: Explanation) -> str:
    """The second computation and whether it agrees with the figure shown."""
    if found.agrees is None:
        return f"Not possible here: {found.reason}"
    text = wording.in_unit(found.recomputed, metric(found.metric.name).unit, found.currency_code)
    return f"{text}, {'which agrees' if found.agrees else 'which does not agree: tell your administrator'}"


def input_texts(row: Any) -> dict[str, Any]:
    """An input as texts."""
    return {
        "date": wording.day(row.on_date),
        "what": wording.sentence(row.label),
        "investor": row.investor_id,
        "amount": _amount(row),
        "source": f"{row.source_file}, row {row.row_number}" if row.row_number else row.source_file,
    }


def _amount(row: Any) -> str | None:
    """An amount with its currency; a rate or level as it was quoted."""
    if row.amount is None:
        return None
    if row.used_for in ("rate", "level", "view"):
        return f"{row.amount:f}"
    return f"{wording.exact_money(row.amount, row.currency_code)} {row.currency_code}"
