"""The figures of `figures.py` that go into mail and PDF: vector images and pictures made without a browser.

Functions take the same rows and return SVG text or, from the same specification, a PNG. No data leaves the
process: the renderer may load nothing from elsewhere.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import vl_convert

from reporting.presentation import palette as colours
from reporting.presentation.palette import Palette

Row = Mapping[str, Any]
Legend = tuple[tuple[str, str], ...]
Spec = dict[str, Any]

PRINT_FONT = "Libertinus Serif"
"""Shipped with the typesetter, so a statement looks the same on every machine."""
SCREEN_FONT = "Inter, Liberation Sans, Arial, sans-serif"

_AMOUNT = "replace(replace(replace(format(datum.value, '~s'), 'G', 'bn'), 'M', 'm'), '-', '−')"


def nav_legend(palette: Palette) -> Legend:
    """Names and colours of `nav_spec`, set as text beside the picture: the renderer knows few fonts."""
    return (("NAV", palette.accent), ("Paid in", colours.CLAY), ("Distributed", palette.accent_mid))


def j_curve_legend(palette: Palette) -> Legend:
    """Names and colours of `j_curve_spec`."""
    return (("Net cash", colours.CLAY), ("Net cash and NAV", palette.accent))


def svg(spec: Spec) -> str:
    """The figure as SVG text."""
    return str(vl_convert.vegalite_to_svg(spec, allowed_base_urls=[]))


def png(spec: Spec, *, scale: float = 2) -> bytes:
    """The figure as a PNG of `scale` pixels a point, for mail programs that show no SVG."""
    return bytes(vl_convert.vegalite_to_png(spec, scale=scale, allowed_base_urls=[]))


def nav_spec(
    rows: Sequence[Row], palette: Palette, *, width: int, height: int, font: str = PRINT_FONT
) -> Spec:
    """NAV over time as an area, with paid in and distributed as lines. Rows of `rpt_investor_portfolio`."""
    values = [
        {
            "day": f"{row['as_of']:%Y-%m-%d}",
            "nav": _float(row.get("nav_amount")),
            "paid": _float(row.get("contributed_amount")),
            "back": _float(row.get("distributed_amount")),
        }
        for row in rows
    ]
    layers: list[Spec] = [
        {
            "mark": {"type": "area", "color": palette.accent_soft,},
            "encoding": {"y": _amounts("nav")},
        },
        _line("paid", colours.CLAY, 1.2, "step-after"),
        _line("back", palette.accent_mid, 1.2, "step-after"),
        _line("nav", palette.accent, 1.8, "linear"),
    ]  # fmt: skip
    return _chart(values, layers, width=width, height=height, font=font)


def j_curve_spec(
    rows: Sequence[Row], palette: Palette, *, width: int, height: int, font: str = PRINT_FONT
) -> Spec:
    """Cumulative net cash as bars, and with the NAV as a line. Rows of `rpt_investor_portfolio`."""
    values = []
    for row in rows:
        paid, back, nav = row.get("contributed_amount"), row.get("distributed_amount"), row.get("nav_amount")
        net = None if paid is None or back is None else Decimal(back) - Decimal(paid)
        total = None if net is None or nav is None else net + Decimal(nav)
        values.append({"day": f"{row['as_of']:%Y-%m-%d}", "net": _float(net), "total": _float(total)})
    thickness = max(1.5, min(9.0, width / max(len(values), 1) * 0.62))
    layers: list[Spec] = [
        {
            "mark": {"type": "bar", "width": thickness},
            "encoding": {
                "y": _amounts("net"),
                "color": {
                    "condition": {"test": "datum.net < 0", "value": colours.CLAY},
                    "value": palette.accent_mid,
                },
            },
        },
        {
            "mark": {"type": "rule", "color": colours.RULE_STRONG, "strokeWidth": 0.7},
            "encoding": {"y": {"datum": 0}},
        },
        _line("total", palette.accent, 1.8, "linear"),
    ]  # fmt: skip
    return _chart(values, layers, width=width, height=height, font=font)


def _chart(values: list[Spec], layers: list[Spec], *, width: int, height: int, font: str) -> Spec:
    days = [value["day"] for value in values]
    years = int(days[-1][:4]) - int(days[0][:4]) if days else 0
    day_axis: Spec = {"format": "%Y", "tickCount": "year", "labelOverlap": "greedy"} if years > 1 else {
        "format": "%b %Y", "tickCount": 4}  # fmt: skip
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "background": colours.WHITE,
        "width": width,
        "height": height,
        "padding": 2,
        "autosize": {"type": "fit", "contains": "padding"},
        "data": {"values": values},
        "encoding": {
            "x": {"field": "day", "type": "temporal", "title": None, "axis": {"grid": False, **day_axis}}
        },
        "layer": layers,
        "config": {
            "font": font,
            "view": {"stroke": None},
            "axis": {
                "labelFont": font,
                "labelFontSize": 9,
                "labelColor": colours.MUTED,
                "domain": False,
                "ticks": False,
                "labelPadding": 5,
            },
            "invalidValues": "break-paths-show-path-domains",
        },
    }


def _line(field: str, colour: str, width: float, interpolate: str) -> Spec:
    return {
        "mark": {"type": "line", "color": colour, "strokeWidth": width, "interpolate": interpolate},
        "encoding": {"y": _amounts(field)},
    }


def _amounts(field: str) -> Spec:
    axis = {
        "labelExpr": _AMOUNT,
        "tickCount": 5,
        "gridColor": colours.RULE,
        "gridWidth": 0.6,
        "minExtent": 30,
        "maxExtent": 30,
    }
    return {"field": field, "type": "quantitative", "title": None, "axis": axis, "scale": {"zero": True}}


def _float(value: Any) -> float | None:
    return None if value is None else float(value)
