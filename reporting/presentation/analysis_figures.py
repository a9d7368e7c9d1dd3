"""Figures of how a value came about and where it may go: J-curve, value bridge, projection, weights.

Pure functions from rows of a mart to a plotly figure, as in `figures.py`, which has performance over
time.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import plotly.graph_objects as go

from reporting.presentation import formats
from reporting.presentation import palette as colours
from reporting.presentation.figures import HOUSE, minus, waterfall
from reporting.presentation.palette import Palette
from reporting.presentation.plotly_template import (
    date_axis,
    empty_figure,
    money_axis,
    new_figure,
    zero_line,
)

Row = Mapping[str, Any]


def marked_j_curve(
    rows: Sequence[Row], *, palette: Palette = HOUSE, currency: str | None = None, locale: str = "en"
) -> go.Figure:
    """Net cash to date at each date, with the trough and the day of break-even marked where they were.

    Rows of `fct_j_curve`, oldest first: as_of, net_cash_amount; trough_amount, trough_on and break_even_on of
    the last one are marked. The trough may lie between two of the dates: it is the lowest of any day.
    """
    known = [row for row in rows if row.get("net_cash_amount") is not None]
    if not known:
        return empty_figure(palette, "No cash has moved yet.")
    days = [row["as_of"] for row in known]
    net = [float(row["net_cash_amount"]) for row in known]
    figure = new_figure(palette)
    figure.add_bar(
        x=days,
        y=net,
        customdata=[formats.compact_money(row["net_cash_amount"], currency, locale=locale) for row in known],
        name="Net cash to date",
        marker={"color": [palette.contributions if value < 0 else palette.distributions for value in net]},
        hovertemplate="%{customdata}",
    )
    last = known[-1]
    drawn = list(net)
    if last.get("trough_on") is not None:
        depth = float(last["trough_amount"])
        drawn.append(depth * 1.12)
        words = formats.compact_money(last["trough_amount"], currency, locale=locale)
        _mark(
            figure, last["trough_on"], depth, f"Trough {words}, {formats.day(last['trough_on'])}", "top", days
        )
    if last.get("break_even_on") is not None:
        day = last["break_even_on"]
        _mark(figure, day, 0, f"Break-even {formats.day(day)}", "bottom", days)
    figure.update_layout(bargap=0.2)
    date_axis(figure, days)
    money_axis(figure, currency, drawn, locale=locale)
    zero_line(figure)
    return figure


def value_bridge(row: Row, *, palette: Palette = HOUSE, locale: str = "en") -> go.Figure:
    """What turned the value published for the end of the quarter before into the value of this one.

    One row of `rpt_value_bridge`; fees and distributions are positive there and are drawn downwards. Steps of
    nothing are left out.
    """
    if row.get("closing_amount") is None or row.get("opening_amount") is None:
        return empty_figure(palette, "A value that the bridge rests on is not known.")
    steps = (
        ("Late corrections", row["late_corrections_amount"]),
        ("Method", row["method_amount"]),
        ("Paid in", row["contributions_amount"]),
        ("Paid out", minus(row["distributions_amount"])),
        ("Fees", minus(row["fees_amount"])),
        ("Currency", row["fx_amount"]),
        ("Marks", row["gain_amount"]),
    )
    return waterfall(row, [step for step in steps if step[1]], palette=palette, locale=locale)


def projection(
    rows: Sequence[Row], *, palette: Palette = HOUSE, currency: str | None = None, locale: str = "en"
) -> go.Figure:
    """Projected calls (below the line) and distributions of each year ahead, with the projected value.

    Rows of `rpt_pacing` by year: year 0 is the latest date as it is and only gives the value its start.
    """
    ahead = [row for row in rows if row["year"] > 0 and row.get("projected_nav_amount") is not None]
    if not ahead:
        return empty_figure(palette, "Nothing is projected.")
    figure = new_figure(palette)
    drawn: list[float | None] = []
    for column, name, colour, sign in (
        ("projected_distribution_amount", "Distributions", palette.distributions, 1),
        ("projected_contribution_amount", "Calls", palette.contributions, -1),
    ):
        values = [sign * float(row[column]) for row in ahead]
        drawn += values
        figure.add_bar(
            x=[str(row["year_ends_on"].year) for row in ahead],
            y=values,
            customdata=[formats.compact_money(row[column], currency, locale=locale) for row in ahead],
            name=name,
            marker={"color": colour},
            hovertemplate="%{customdata}",
        )
    values = [float(row["projected_nav_amount"]) for row in ahead]
    figure.add_scatter(
        x=[str(row["year_ends_on"].year) for row in ahead],
        y=values,
        customdata=[
            formats.compact_money(row["projected_nav_amount"], currency, locale=locale) for row in ahead
        ],
        name="Value at the end of the year",
        mode="lines",
        line={"color": palette.nav, "width": 2.25, "dash": "dot"},
        hovertemplate="%{customdata}",
    )
    figure.update_layout(barmode="relative", bargap=0.3)
    figure.update_xaxes(type="category", tickangle=0, nticks=12)
    money_axis(figure, currency, [*drawn, *values], locale=locale)
    zero_line(figure)
    return figure


def weights_over_time(rows: Sequence[Row], *, palette: Palette = HOUSE, locale: str = "en") -> go.Figure:
    """How much of partners' capital the largest, the five and the ten largest holdings were at each date.

    Rows of `rpt_concentration`, oldest first: as_of, top_1_share, top_5_share, top_10_share.
    """
    if not any(row.get("top_1_share") is not None for row in rows):
        return empty_figure(palette, "The weights of the holdings are not known.")
    days = [row["as_of"] for row in rows]
    figure = new_figure(palette)
    for column, name, colour in (
        ("top_10_share", "Ten largest", palette.accent_mid),
        ("top_5_share", "Five largest", palette.nav),
        ("top_1_share", "Largest", palette.contributions),
    ):
        figure.add_scatter(
            x=days,
            y=[None if row.get(column) is None else float(row[column]) for row in rows],
            customdata=[formats.percent(row.get(column), locale=locale) for row in rows],
            name=name,
            mode="lines",
            line={"color": colour, "width": 2.25},
            hovertemplate="%{customdata}",
        )
    figure.update_yaxes(tickformat=".0%", rangemode="tozero")
    date_axis(figure, days)
    return figure


def _mark(figure: go.Figure, day: date, height: float, text: str, side: str, days: Sequence[date]) -> None:
    """A dot at a day with words beside it, kept inside the figure at its edges."""
    span = (days[-1] - days[0]).days or 1
    place = (day - days[0]).days / span
    figure.add_scatter(
        x=[day],
        y=[height],
        mode="markers",
        marker={"size": 7, "color": colours.WHITE, "line": {"color": colours.INK, "width": 1.5}},
        showlegend=False,
        hoverinfo="skip",
    )
    figure.add_annotation(
        x=day,
        y=height,
        text=text,
        showarrow=False,
        xanchor="left" if place < 0.2 else "right" if place > 0.8 else "center",
        yanchor=side,
        yshift=-7 if side == "top" else 7,
        font={"size": 12, "color": colours.MUTED},
    )
