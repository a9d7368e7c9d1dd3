"""Figures of how a value came about: marks where the mart has them, unknown values never drawn as zero."""

from datetime import date
from decimal import Decimal
from typing import Any

import plotly.graph_objects as go

from reporting.presentation import analysis_figures

CURVE: list[dict[str, Any]] = [
    {"as_of": date(2020, 3, 31), "net_cash_amount": Decimal(-40)},
    {"as_of": date(2020, 6, 30), "net_cash_amount": Decimal(-30)},
    {
        "as_of": date(2020, 9, 30),
        "net_cash_amount": Decimal(5),
        "trough_amount": Decimal(-55),
        "trough_on": date(2020, 5, 11),
        "break_even_on": date(2020, 8, 2),
    },
]
BRIDGE: dict[str, Any] = {
    "currency_code": "EUR",
    "opening_amount": Decimal(1000),
    "late_corrections_amount": Decimal(-50),
    "method_amount": Decimal(0),
    "contributions_amount": Decimal(200),
    "distributions_amount": Decimal(120),
    "fees_amount": Decimal(10),
    "fx_amount": Decimal(30),
    "gain_amount": Decimal(70),
    "closing_amount": Decimal(1120),
}


def words(figure: go.Figure) -> str:
    return " ".join(str(note.text) for note in figure.layout.annotations)


def test_trough_and_break_even_are_marked_on_their_own_days_between_the_dates_drawn() -> None:
    figure = analysis_figures.marked_j_curve(CURVE, currency="EUR")
    marks = {trace.x[0]: trace.y[0] for trace in figure.data if trace.type == "scatter"}
    assert marks == {date(2020, 5, 11): -55.0, date(2020, 8, 2): 0}
    assert "Break-even 2\u00a0Aug\u00a02020" in words(figure)


def test_a_fund_that_has_not_broken_even_has_no_mark_of_it() -> None:
    figure = analysis_figures.marked_j_curve([*CURVE[:2], {**CURVE[2], "break_even_on": None}])
    assert "Break-even" not in words(figure)


def test_the_bridge_draws_each_step_with_its_sign_and_ends_at_the_closing_value() -> None:
    (bars,) = analysis_figures.value_bridge(BRIDGE).data
    assert list(bars.x) == [
        "Opening", "Late corrections", "Paid in", "Paid out", "Fees", "Currency", "Marks", "Closing",
    ]  # fmt: skip
    assert sum(bars.y[:-1]) == bars.y[-1] == 1120


def test_an_unknown_value_leaves_the_bridge_empty_with_a_reason() -> None:
    figure = analysis_figures.value_bridge({**BRIDGE, "closing_amount": None})
    assert not figure.data
    assert "is not known" in words(figure)


def test_nothing_projected_is_said_and_a_projection_leaves_the_present_out() -> None:
    assert "Nothing is projected" in words(analysis_figures.projection([{"year": 0}]))
    amounts = {
        "projected_contribution_amount": Decimal(10),
        "projected_distribution_amount": Decimal(20),
        "projected_nav_amount": Decimal(90),
    }
    rows = [{"year": year, "year_ends_on": date(2026 + year, 9, 30), **amounts} for year in (0, 1, 2)]
    distributions, calls, _ = analysis_figures.projection(rows).data
    assert list(distributions.x) == ["2027", "2028"]
    assert (list(distributions.y), list(calls.y)) == ([20, 20], [-10, -10])


def test_unknown_weights_leave_a_gap() -> None:
    row = {"top_1_share": 0.4, "top_5_share": 0.9, "top_10_share": 0.95}
    rows = [{"as_of": date(2026, 3, 31), **row}, {"as_of": date(2026, 6, 30), **dict.fromkeys(row)}]
    for line in analysis_figures.weights_over_time(rows).data:
        assert line.y[1] is None
