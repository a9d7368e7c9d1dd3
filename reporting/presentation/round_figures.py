"""Figures of a round for the screen: progress, pipeline, funnel, engagement. Rules as in `figures.py`."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import plotly.graph_objects as go

from reporting.presentation import formats
from reporting.presentation import palette as colours
from reporting.presentation.figures import HOUSE
from reporting.presentation.palette import Palette
from reporting.presentation.plotly_template import empty_figure, money_axis, new_figure
from reporting.presentation.reasons import stage_words

Row = Mapping[str, Any]
ROW_HEIGHT = 34


def commitment_progress(row: Row, *, palette: Palette = HOUSE, locale: str = "en") -> go.Figure:
    """Funded, signed and soft-circled as one bar, with the target and the hard cap as marks.

    One row of `rpt_commitment_progress`.
    """
    currency = row.get("currency_code")
    parts = (
        ("Funded", row.get("funded_amount"), palette.nav),
        ("Signed", row.get("signed_amount"), palette.accent_mid),
        ("Soft-circled", row.get("soft_circled_amount"), palette.accent_soft),
    )
    figure = new_figure(palette, height=150)
    for name, value, colour in parts:
        figure.add_bar(
            x=[float(value or 0)],
            y=[""],
            orientation="h",
            name=name,
            marker={"color": colour},
            customdata=[formats.money(value, currency, locale=locale, whole=True)],
            hovertemplate=f"{name}: %{{customdata}}<extra></extra>",
        )
    for name, column in (("Target", "target_amount"), ("Hard cap", "hard_cap_amount")):
        if row.get(column):
            figure.add_vline(
                x=float(row[column]),
                line={"color": colours.INK, "width": 1.5 if column == "target_amount" else 1, "dash": "dot"},
                annotation={
                    "text": f"{name} {formats.compact_money(row[column], currency, locale=locale)}",
                    "font": {"size": 12, "color": colours.MUTED},
                    "y": 0,
                    "yanchor": "top",
                    "yshift": -2,
                    "xanchor": "right" if column == "target_amount" else "left",
                },
            )
    figure.update_layout(barmode="stack", hovermode="closest", margin={"b": 26})
    figure.update_xaxes(rangemode="tozero", tickformat="~s", showticklabels=False)
    figure.update_yaxes(visible=False)
    return figure


def pipeline_stages(rows: Sequence[Row], *, palette: Palette = HOUSE, locale: str = "en") -> go.Figure:
    """Amount in each stage now, with the part of it that its probability counts.

    Rows of `rpt_pipeline` of one vehicle.
    """
    shown = [row for row in _in_order(rows) if row["stage"] != "passed"]
    if not shown:
        return empty_figure(palette, "Nobody is in the pipeline yet.")
    currency = shown[0].get("currency_code")
    names = [stage_words(row["stage"]) for row in shown]
    figure = new_figure(palette)
    for column, name, colour, width in (
        ("amount", "Amount", palette.accent_soft, 0.62),
        ("weighted_amount", "Weighted by probability", palette.nav, 0.30),
    ):
        figure.add_bar(
            x=names,
            y=[None if row.get(column) is None else float(row[column]) for row in shown],
            width=width,
            name=name,
            marker={"color": colour},
            customdata=[
                f"{formats.compact_money(row.get(column), currency, locale=locale)} · "
                f"{formats.count(row['investors'])} investors"
                for row in shown
            ],
            hovertemplate="%{customdata}",
        )
    figure.update_layout(barmode="overlay")
    money_axis(figure, currency, [float(row.get("amount") or 0) for row in shown], locale=locale)
    return figure


def funnel(rows: Sequence[Row], *, palette: Palette = HOUSE, locale: str = "en") -> go.Figure:
    """Everyone who entered each stage: who advanced (at the last: committed), who is still open, who passed.

    Rows of `rpt_funnel` of one vehicle. Cohort figures: the same investor counts once a stage.
    """
    shown = [row for row in _in_order(rows) if row["stage"] != "passed" and row.get("entered")]
    if not shown:
        return empty_figure(palette, "Nobody has entered the funnel yet.")
    shown.reverse()
    names = [stage_words(row["stage"]) for row in shown]
    figure = new_figure(palette, height=70 + ROW_HEIGHT * len(shown))
    still = [row.get("open") or 0 for row in shown]
    lost = [row.get("passed") or 0 for row in shown]
    went_on = [row["entered"] - here - gone for row, here, gone in zip(shown, still, lost, strict=True)]
    for counts, name, colour in (
        (went_on, "Advanced or committed", palette.nav),
        (still, "Open", palette.accent_soft),
        (lost, "Passed", colours.RULE_STRONG),
    ):
        figure.add_bar(
            x=counts,
            y=names,
            orientation="h",
            name=name,
            marker={"color": colour},
            hovertemplate=f"{name} %{{x:,}}<extra></extra>",
        )
    for row, name in zip(shown, names, strict=True):
        text = formats.count(row["entered"], locale=locale)
        if row.get("conversion_rate") is not None:
            text += f" · {formats.percent(row['conversion_rate'], digits=0, locale=locale)} advanced"
        figure.add_annotation(
            x=float(row["entered"]), y=name, text=text, showarrow=False, xanchor="left", xshift=8,
            font={"size": 12, "color": colours.MUTED},
        )  # fmt: skip
    _sideways(figure)
    figure.update_layout(barmode="stack", hovermode="y unified")
    most = max(float(row["entered"]) for row in shown)
    figure.update_xaxes(range=[0, most * 1.28], showgrid=False, showticklabels=False)
    return figure


def engagement_bars(rows: Sequence[Row], *, palette: Palette = HOUSE, most: int = 12) -> go.Figure:
    """Who spent how long in the deal room, the most engaged first.

    Rows of `rpt_investor_engagement` of one vehicle; at most `most` are drawn.
    """
    read = sorted(
        (row for row in rows if row.get("seconds")), key=lambda row: (-row["seconds"], row["investor_id"])
    )
    shown = list(reversed(read[:most]))
    if not shown:
        return empty_figure(palette, "Nobody has opened the deal room yet.")
    figure = new_figure(palette, height=40 + 28 * len(shown), legend=False)
    figure.add_bar(
        x=[float(row["seconds"]) / 60 for row in shown],
        y=[str(row.get("investor_name") or row["investor_id"]) for row in shown],
        orientation="h",
        marker={"color": palette.nav},
        text=[formats.duration(row["seconds"]) for row in shown],
        textposition="outside",
        textfont={"size": 12, "color": colours.MUTED},
        cliponaxis=False,
        customdata=[
            f"{formats.count(row.get('visits'))} visits, "
            f"{formats.count(row.get('documents_viewed'))} documents"
            for row in shown
        ],
        hovertemplate="%{y}: %{text}, %{customdata}<extra></extra>",
    )
    _sideways(figure)
    figure.update_layout(hovermode="closest", margin={"r": 80})
    figure.update_xaxes(showticklabels=False, showgrid=False)
    return figure


def reading_by_week(rows: Sequence[Row], *, palette: Palette = HOUSE) -> go.Figure:
    """How long documents were read in each week that they were.

    Rows with week (its Monday), seconds and views, as the portal sums them from `fct_document_views`.
    """
    if not rows:
        return empty_figure(palette, "Nobody has opened the deal room yet.", height=180)
    figure = new_figure(palette, height=220, legend=False)
    figure.add_bar(
        x=[row["week"] for row in rows],
        y=[float(row["seconds"] or 0) / 3600 for row in rows],
        marker={"color": palette.nav},
        customdata=[
            f"{formats.duration(row['seconds'])}, {formats.count(row['views'])} views" for row in rows
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )
    figure.update_xaxes(tickformat="%-d %b\n%Y", tickangle=0, hoverformat="Week of %-d %b %Y", nticks=6)
    figure.update_yaxes(ticksuffix=" h", rangemode="tozero")
    return figure


def _sideways(figure: go.Figure) -> None:
    figure.update_yaxes(showgrid=False, dtick=1, tickfont={"size": 13, "color": colours.INK}, ticksuffix="  ")


def _in_order(rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: Decimal(row.get("stage_order") or 0))
