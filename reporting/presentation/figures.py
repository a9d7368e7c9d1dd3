"""Figures for the screen: pure functions from rows of a mart to a plotly figure, drawn in a tenant's palette.

Each takes rows as dictionaries with the columns of the mart named in its docstring, oldest first, and never
computes a metric. A missing value leaves a gap; it is never drawn as zero. Figures of a round are in
`round_figures.py`; the same pictures for mail and PDF in `charts_svg.py`.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import accumulate
from typing import Any

import plotly.graph_objects as go

from reporting.presentation import formats
from reporting.presentation import palette as colours
from reporting.presentation.palette import Palette
from reporting.presentation.plotly_template import (
    SPARK_HEIGHT,
    date_axis,
    empty_figure,
    money_axis,
    new_figure,
    zero_line,
)

Row = Mapping[str, Any]
HOUSE = Palette()


def nav_over_time(
    rows: Sequence[Row], *, palette: Palette = HOUSE, currency: str | None = None, locale: str = "en"
) -> go.Figure:
    """NAV at each date beside what was paid in and what came back, all cumulative.

    Rows of `rpt_investor_portfolio`, `fct_investor_performance` or `fct_vehicle_performance`: as_of,
    nav_amount, contributed_amount, distributed_amount and, where known, nav_status (rolled: a hollow mark).
    """
    if not any(row.get("nav_amount") is not None for row in rows):
        return empty_figure(palette, "No value has been reported yet.")
    currency = currency or _currency(rows)
    days = [row["as_of"] for row in rows]
    figure = new_figure(palette)
    for run in _runs(
        rows, "nav_amount"
    ):  # plotly fills across gaps, so each unbroken run is filled by itself
        figure.add_scatter(
            x=[row["as_of"] for row in run],
            y=_column(run, "nav_amount"),
            mode="none",
            fill="tozeroy",
            fillcolor=colours.with_alpha(palette.accent, 0.08),
            showlegend=False,
            hoverinfo="skip",
        )
    figure.add_scatter(
        x=days,
        y=_column(rows, "nav_amount"),
        customdata=_texts(rows, "nav_amount", currency, locale),
        name="NAV",
        mode="lines",
        line={"color": palette.nav, "width": 2.25},
        hovertemplate="%{customdata}",
    )
    rolled = [row for row in rows if _is_rolled(row) and row.get("nav_amount") is not None]
    if rolled:
        figure.add_scatter(
            x=[row["as_of"] for row in rolled],
            y=_column(rolled, "nav_amount"),
            name="Rolled forward",
            mode="markers",
            marker={"size": 6, "color": colours.WHITE, "line": {"color": palette.nav, "width": 1.5}},
            hoverinfo="skip",
        )
    for column, name, colour, dash in (
        ("contributed_amount", "Paid in", palette.contributions, "solid"),
        ("distributed_amount", "Distributed", palette.distributions, "solid"),
    ):
        if any(row.get(column) is not None for row in rows):
            figure.add_scatter(
                x=days,
                y=_column(rows, column),
                customdata=_texts(rows, column, currency, locale),
                name=name,
                mode="lines",
                line={"color": colour, "width": 1.5, "dash": dash, "shape": "hv"},
                hovertemplate="%{customdata}",
            )
    figure.update_yaxes(rangemode="tozero")
    date_axis(figure, days)
    shown = ("nav_amount", "contributed_amount", "distributed_amount")
    money_axis(figure, currency, [value for name in shown for value in _column(rows, name)], locale=locale)
    return figure


def j_curve(
    rows: Sequence[Row], *, palette: Palette = HOUSE, currency: str | None = None, locale: str = "en"
) -> go.Figure:
    """Cumulative net cash (distributed less paid in) and the same with the NAV added; the trough is marked.

    Rows as in `nav_over_time`.
    """
    known = [row for row in rows if _net(row) is not None]
    if not known:
        return empty_figure(palette, "No cash has moved yet.")
    currency = currency or _currency(rows)
    days = [row["as_of"] for row in known]
    net = [_net(row) for row in known]
    total = [_plus(value, row.get("nav_amount")) for value, row in zip(net, known, strict=True)]
    figure = new_figure(palette)
    figure.add_bar(
        x=days,
        y=_floats(net),
        customdata=[formats.compact_money(value, currency, locale=locale) for value in net],
        name="Net cash",
        marker={
            "color": [palette.contributions if (value or 0) < 0 else palette.distributions for value in net]
        },
        hovertemplate="%{customdata}",
    )
    if any(value is not None for value in total):
        figure.add_scatter(
            x=days,
            y=_floats(total),
            customdata=[formats.compact_money(value, currency, locale=locale) for value in total],
            name="Net cash and NAV",
            mode="lines",
            line={"color": palette.nav, "width": 2.25},
            hovertemplate="%{customdata}",
        )
    trough = min(range(len(net)), key=lambda place: net[place] or Decimal(0))
    if (net[trough] or 0) < 0 and len(net) > 2:
        figure.add_annotation(
            x=days[trough], y=float(net[trough] or 0),
            text=f"Trough {formats.compact_money(net[trough], currency, locale=locale)}",
            showarrow=False, yanchor="top", yshift=-3, font={"size": 12, "color": colours.MUTED},
        )  # fmt: skip
    figure.update_layout(bargap=0.2)
    date_axis(figure, days)
    money_axis(figure, currency, _floats([*net, *total]), locale=locale)
    zero_line(figure)
    return figure


def multiples_over_time(rows: Sequence[Row], *, palette: Palette = HOUSE, locale: str = "en") -> go.Figure:
    """DPI with RVPI on top of it, which together are TVPI, against the money paid in (1.0x).

    Rows as in `nav_over_time`: as_of, dpi, rvpi, tvpi.
    """
    if not any(row.get("dpi") is not None or row.get("tvpi") is not None for row in rows):
        return empty_figure(palette, "Nothing has been paid in yet.")
    days = [row["as_of"] for row in rows]
    figure = new_figure(palette)
    for column, name, colour in (("dpi", "DPI", palette.accent_mid), ("rvpi", "RVPI", palette.accent_soft)):
        figure.add_bar(
            x=days,
            y=_column(rows, column),
            customdata=[formats.multiple(row.get(column), locale=locale) for row in rows],
            name=name,
            marker={"color": colour},
            hovertemplate="%{customdata}",
        )
    figure.add_scatter(
        x=days,
        y=_column(rows, "tvpi"),
        customdata=[formats.multiple(row.get("tvpi"), locale=locale) for row in rows],
        name="TVPI",
        mode="lines",
        line={"color": palette.nav, "width": 2.25},
        hovertemplate="%{customdata}",
    )
    figure.add_hline(y=1, line={"color": colours.RULE_STRONG, "width": 1, "dash": "dot"})
    figure.update_layout(barmode="relative", bargap=0.12)
    figure.update_yaxes(ticksuffix="x", rangemode="tozero", tickformat=".1f")
    date_axis(figure, days)
    return figure


def capital_account_waterfall(row: Row, *, palette: Palette = HOUSE, locale: str = "en") -> go.Figure:
    """How a capital account went from its opening to its closing balance in a quarter.

    One row of `fct_capital_account`; fees and distributions are positive there and are drawn downwards.
    """
    if row.get("closing_amount") is None or row.get("opening_amount") is None:
        return empty_figure(palette, "The balance of this quarter is not known: no value has been reported.")
    steps = (
        ("Paid in", row["contributions_amount"]),
        ("Paid out", minus(row["distributions_amount"])),
        ("Fees", minus(row["fees_amount"])),
        ("Gain" if (row["gain_amount"] or 0) >= 0 else "Loss", row["gain_amount"]),
    )
    return waterfall(row, steps, palette=palette, locale=locale)


def waterfall(
    row: Row, between: Sequence[tuple[str, Any]], *, palette: Palette = HOUSE, locale: str = "en"
) -> go.Figure:
    """From the opening_amount of a row through steps, each with its sign, to its closing_amount."""
    currency = row.get("currency_code")
    steps = (
        ("Opening", row["opening_amount"], "absolute"),
        *((name, value, "relative") for name, value in between),
        ("Closing", row["closing_amount"], "total"),
    )
    figure = new_figure(palette, legend=False)
    figure.add_waterfall(
        x=[name for name, _, _ in steps],
        y=_floats([value for _, value, _ in steps]),
        measure=[kind for _, _, kind in steps],
        text=[formats.compact_money(value, currency, locale=locale) for _, value, _ in steps],
        textposition="outside",
        textfont={"size": 12},
        constraintext="none",
        cliponaxis=False,
        increasing={"marker": {"color": palette.distributions}},
        decreasing={"marker": {"color": palette.contributions}},
        totals={"marker": {"color": palette.nav}},
        connector={"line": {"color": colours.RULE_STRONG, "width": 1}},
        customdata=[formats.money(value, currency, locale=locale) for _, value, _ in steps],
        hovertemplate="%{x}: %{customdata}<extra></extra>",
    )
    figure.update_layout(hovermode="closest", margin={"t": 26}, bargap=0.25)
    figure.update_xaxes(tickangle=0)
    heights = list(accumulate((value or 0 for _, value in between), initial=row["opening_amount"]))
    money_axis(figure, None, _floats(heights), locale=locale)
    zero_line(figure)
    return figure


def calls_and_distributions(
    rows: Sequence[Row], *, palette: Palette = HOUSE, currency: str | None = None, locale: str = "en"
) -> go.Figure:
    """What was called and what came back in each quarter: calls below the line, distributions above it.

    Rows of `fct_capital_account`, or sums of it over investors: quarter, contributions_amount,
    distributions_amount.
    """
    if not any(row.get("contributions_amount") or row.get("distributions_amount") for row in rows):
        return empty_figure(palette, "No calls or distributions yet.")
    currency = currency or _currency(rows)
    days = [row["quarter"] for row in rows]
    figure = new_figure(palette)
    for column, name, colour, sign in (
        ("distributions_amount", "Distributions", palette.nav, 1),
        ("contributions_amount", "Calls", palette.contributions, -1),
    ):
        values = [None if row.get(column) is None else sign * float(row[column]) for row in rows]
        figure.add_bar(
            x=days,
            y=values,
            customdata=_texts(rows, column, currency, locale),
            name=name,
            marker={"color": colour},
            hovertemplate="%{customdata}",
        )
    figure.update_layout(barmode="relative", bargap=0.25)
    date_axis(figure, days)
    drawn = [-(value or 0) for value in _column(rows, "contributions_amount")]
    money_axis(figure, currency, [*drawn, *_column(rows, "distributions_amount")], locale=locale)
    zero_line(figure)
    return figure


def spark(values: Sequence[Any], *, palette: Palette = HOUSE) -> go.Figure:
    """A line without axes for a table cell or beside a headline; the last known value has a dot."""
    points = _floats(list(values))
    figure = new_figure(palette, height=SPARK_HEIGHT, legend=False)
    figure.add_scatter(
        y=points,
        mode="lines",
        line={"color": palette.accent, "width": 1.5},
        hoverinfo="skip",
        connectgaps=False,
    )
    known = [place for place, value in enumerate(points) if value is not None]
    if known:
        figure.add_scatter(
            x=[known[-1]], y=[points[known[-1]]], mode="markers", hoverinfo="skip",
            marker={"color": palette.accent, "size": 5},
        )  # fmt: skip
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    figure.update_layout(margin={"l": 2, "r": 4, "t": 4, "b": 4}, hovermode=False)
    return figure


def _runs(rows: Sequence[Row], column: str) -> list[list[Row]]:
    """The rows in unbroken stretches where the column has a value."""
    runs: list[list[Row]] = [[]]
    for row in rows:
        if row.get(column) is None:
            runs.append([])
        else:
            runs[-1].append(row)
    return [run for run in runs if run]


def _column(rows: Sequence[Row], column: str) -> list[float | None]:
    return _floats([row.get(column) for row in rows])


def _floats(values: Sequence[Any]) -> list[float | None]:
    return [None if value is None else float(value) for value in values]


def _texts(rows: Sequence[Row], column: str, currency: str | None, locale: str) -> list[str]:
    return [formats.compact_money(row.get(column), currency, locale=locale) for row in rows]


def _currency(rows: Sequence[Row]) -> str | None:
    codes = {row.get("currency_code") for row in rows}
    return codes.pop() if len(codes) == 1 else None


def _is_rolled(row: Row) -> bool:
    return row.get("nav_status") == "rolled"


def _net(row: Row) -> Decimal | None:
    paid, back = row.get("contributed_amount"), row.get("distributed_amount")
    return None if paid is None or back is None else Decimal(back) - Decimal(paid)


def _plus(one: Decimal | None, other: Any) -> Decimal | None:
    return None if one is None or other is None else one + Decimal(other)


def minus(value: Any) -> Any:
    """The value downwards; None where it is not known."""
    return None if value is None else -value
