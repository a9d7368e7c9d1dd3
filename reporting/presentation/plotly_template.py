"""The look that all figures on screen share: fonts, axes, margins, legend. The data are in `figures.py`."""

import math
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from reporting.presentation import formats
from reporting.presentation import palette as colours
from reporting.presentation.palette import Palette

FONT = 'Inter, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif'
HEIGHT = 300
SPARK_HEIGHT = 44


def new_figure(palette: Palette, *, height: int = HEIGHT, legend: bool = True) -> go.Figure:
    """An empty figure in the house style, ready for traces."""
    return go.Figure(layout=house_layout(palette, height=height, legend=legend))


def house_layout(palette: Palette, *, height: int = HEIGHT, legend: bool = True) -> dict[str, Any]:
    """Plotly layout: no frame, hairlines for the grid, one hover label a date, the legend above the plot."""
    axis = {
        "showline": False,
        "zeroline": False,
        "ticks": "",
        "tickfont": {"size": 12, "color": colours.MUTED},
        "automargin": True,
        "fixedrange": True,
    }
    return {
        "template": None,
        "height": height,
        "colorway": list(palette.series),
        "font": {"family": FONT, "size": 13, "color": colours.INK},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 8, "r": 12, "t": 34 if legend else 12, "b": 8},
        "bargap": 0.35,
        "hovermode": "x unified",
        "hoverlabel": {
            "bgcolor": colours.WHITE,
            "bordercolor": colours.RULE_STRONG,
            "font": {"family": FONT, "size": 12.5, "color": colours.INK},
            "align": "left",
        },
        "showlegend": legend,
        "legend": {
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1.02,
            "yanchor": "bottom",
            "font": {"size": 12.5, "color": colours.MUTED},
            "itemclick": False,
            "itemdoubleclick": False,
            "traceorder": "normal",
        },
        "xaxis": {**axis, "showgrid": False, "ticklabelstandoff": 4},
        "yaxis": {**axis, "gridcolor": colours.RULE, "gridwidth": 1, "nticks": 6},
    }


def date_axis(figure: go.Figure, days: list[Any]) -> None:
    """Years as ticks where the dates span more than three of them, else months, the year below its first."""
    known = [day for day in days if day is not None]
    span = (max(known) - min(known)).days if known else 0
    if span > 3 * 366:
        step = "M12" if span <= 11 * 366 else "M24"
        figure.update_xaxes(dtick=step, tick0="2000-01-01", tickformat="%Y")
    else:
        figure.update_xaxes(tickformat="%b\n%Y", tickangle=0, nticks=6)
    figure.update_xaxes(hoverformat="%-d %b %Y")


def money_axis(
    figure: go.Figure, currency: str | None, values: Sequence[float | None], *, locale: str | None = "en"
) -> None:
    """Ticks that cover these values, as `20m` or `1.5bn`; the currency is said once, above the axis."""
    ticks = nice_ticks([value for value in values if value is not None])
    figure.update_yaxes(tickvals=ticks, ticktext=[formats.axis_amount(tick, locale=locale) for tick in ticks])
    if currency:
        figure.add_annotation(
            text=currency,
            xref="paper",
            yref="paper",
            x=1,
            y=1.02,
            xanchor="right",
            yanchor="bottom",
            showarrow=False,
            font={"size": 12, "color": colours.FAINT},
        )


def nice_ticks(values: Sequence[float], *, about: int = 5) -> list[float]:
    """Round numbers, zero among them, from below the least to above the greatest of these values."""
    low, high = min([0.0, *values]), max([0.0, *values])
    if low == high:
        return [0.0]
    rough = (high - low) / about
    magnitude = 10.0 ** math.floor(math.log10(rough))
    step = next(magnitude * unit for unit in (1, 2, 2.5, 5, 10) if rough <= magnitude * unit * 1.0001)
    return [step * place for place in range(math.floor(low / step), math.ceil(high / step) + 1)]


def zero_line(figure: go.Figure) -> None:
    """A visible line at zero, for figures that have two sides of it."""
    figure.update_yaxes(zeroline=True, zerolinecolor=colours.RULE_STRONG, zerolinewidth=1)


def empty_figure(palette: Palette, text: str, *, height: int = HEIGHT) -> go.Figure:
    """A figure that says why it shows nothing, in the place where the data would be."""
    figure = new_figure(palette, height=height, legend=False)
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    figure.add_annotation(
        text=text, xref="paper", yref="paper", x=0.5, y=0.5, showarrow=False, font={"color": colours.MUTED}
    )
    return figure
