"""Colours can be read, figures never draw a missing value as zero, and every metric is worded once."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from reporting.presentation import charts_svg, figures, reasons, round_figures
from reporting.presentation.metric_register import (
    OWNERS,
    UNITS,
    UnknownMetric,
    metric,
    metrics,
    register_page,
)
from reporting.presentation.palette import DEFAULT_ACCENT, TEXT_CONTRAST, accent_for, contrast, palette_for
from tests.integration import golden_cases

ROOT = Path(__file__).resolve().parents[2]
ENDS = [date(2025, 3, 31), date(2025, 6, 30), date(2025, 9, 30), date(2025, 12, 31)]


def history(**changes):
    rows = [
        {
            "as_of": day,
            "quarter": day,
            "contributed_amount": Decimal(100 + step),
            "distributed_amount": Decimal(10 * step),
            "nav_amount": Decimal(90 + 20 * step),
            "dpi": 0.1 * step,
            "rvpi": 0.9,
            "tvpi": 0.9 + 0.1 * step,
            "contributions_amount": Decimal(1),
            "distributions_amount": Decimal(2),
            "currency_code": "EUR",
            "nav_status": "reported",
        }
        for step, day in enumerate(ENDS)
    ]
    rows[2].update(changes)
    return rows


@pytest.mark.parametrize("colour", ["#ffffff", "#ffff00", "#00ff00", "#7a2e3a", "#000000", "#AABBCC"])
def test_a_tenants_colour_is_darkened_until_it_can_be_read_on_white(colour):
    assert contrast(accent_for(colour), "#ffffff") >= TEXT_CONTRAST
    if contrast(colour, "#ffffff") >= TEXT_CONTRAST:
        assert accent_for(colour) == colour.lower(), "a colour that can be read is left alone"


@pytest.mark.parametrize("colour", [None, "", "red", "#fff", "#12345g", "#123456;}</style>", "url(x)"])
def test_anything_but_six_hexadecimal_digits_gives_the_house_colour(colour):
    assert palette_for(colour).accent == DEFAULT_ACCENT


def test_a_missing_nav_is_a_gap_in_every_figure_and_not_a_zero():
    rows = history(nav_amount=None, tvpi=None, rvpi=None)
    nav = next(trace for trace in figures.nav_over_time(rows).data if trace.name == "NAV")
    assert list(nav.y) == [90.0, 110.0, None, 150.0]
    fills = [trace for trace in figures.nav_over_time(rows).data if trace.fill == "tozeroy"]
    assert [len(trace.x) for trace in fills] == [2, 1], "the area stops at the gap"
    multiples = {trace.name: list(trace.y) for trace in figures.multiples_over_time(rows).data}
    assert multiples["TVPI"][2] is None
    assert multiples["DPI"][2] is not None
    curve = {trace.name: list(trace.y) for trace in figures.j_curve(rows).data}
    assert curve["Net cash and NAV"][2] is None
    assert curve["Net cash"] == [-100.0, -91.0, -82.0, -73.0]
    values = charts_svg.nav_spec(rows, palette_for(None), width=200, height=100)["data"]["values"]
    assert [value["nav"] for value in values] == [90.0, 110.0, None, 150.0]


def test_the_waterfall_draws_what_leaves_downwards_and_ends_at_the_closing_balance():
    row = {
        "opening_amount": Decimal(100),
        "contributions_amount": Decimal(20),
        "distributions_amount": Decimal(30),
        "fees_amount": Decimal(2),
        "gain_amount": Decimal(-8),
        "closing_amount": Decimal(80),
        "currency_code": "EUR",
    }
    (trace,) = figures.capital_account_waterfall(row).data
    assert list(trace.y) == [100, 20, -30, -2, -8, 80]
    assert sum(trace.y[:-1]) == trace.y[-1]
    unknown = figures.capital_account_waterfall({**row, "closing_amount": None})
    assert not unknown.data
    assert "not known" in unknown.layout.annotations[0].text


@pytest.mark.parametrize(
    "build",
    [
        figures.nav_over_time,
        figures.j_curve,
        figures.multiples_over_time,
        figures.calls_and_distributions,
        round_figures.pipeline_stages,
        round_figures.funnel,
        round_figures.engagement_bars,
    ],
)
def test_a_figure_without_data_says_so_instead_of_failing(build):
    figure = build([])
    assert not figure.data
    assert figure.layout.annotations[0].text.endswith(".")


def test_figures_are_drawn_in_the_tenants_colours():
    palette = palette_for("#7a2e3a")
    assert palette.accent in json.dumps(
        figures.nav_over_time(history(), palette=palette).to_plotly_json(), default=str
    )
    assert palette.accent in charts_svg.svg(charts_svg.nav_spec(history(), palette, width=200, height=100))


def test_funnel_and_pipeline_leave_passed_out_and_keep_the_order_of_stages():
    rows = [
        {
            "stage": stage,
            "stage_order": order,
            "entered": 10 - order,
            "advanced": 5,
            "open": 3,
            "passed": 1,
            "conversion_rate": 0.5,
            "investors": 1,
            "amount": Decimal(5),
            "weighted_amount": Decimal(1),
            "currency_code": "EUR",
        }
        for order, stage in ((5, "passed"), (1, "meeting"), (0, "contacted"))
    ]
    assert list(round_figures.pipeline_stages(rows).data[0].x) == ["Contacted", "Meeting"]
    assert list(round_figures.funnel(rows).data[0].y) == ["Meeting", "Contacted"], "drawn from below"


def test_those_who_committed_are_drawn_in_the_funnel_though_they_neither_advanced_nor_are_open():
    row = {
        "stage": "committed", "stage_order": 5, "entered": 9, "advanced": None, "open": 2, "passed": 1,
        "conversion_rate": None,
    }  # fmt: skip
    bars = {bar.name: list(bar.x) for bar in round_figures.funnel([row]).data}
    assert bars == {"Advanced or committed": [6], "Open": [2], "Passed": [1]}


IRR_STATUSES = (
    "ok",
    "multiple",
    "tangent",
    "none",
    "no_flows",
    "single_flow",
    "no_sign_change",
    "same_day_only",
    "total_loss",
    "not_converged",
    "out_of_range",
)


@pytest.mark.parametrize("status", IRR_STATUSES)
def test_every_status_of_a_rate_has_words_and_only_ok_shows_a_number(status):
    shown = reasons.irr(0.1, status)
    assert (
        (shown.text, shown.why) == ("10.0%", "")
        if status == "ok"
        else shown.text == "—" and shown.why.endswith(".")
    )
    assert set(reasons.IRR) == set(IRR_STATUSES)


def test_a_rate_without_a_status_is_explained_by_its_nav():
    assert reasons.irr(None, None, nav_status="missing").why == reasons.NAV["missing"]
    assert reasons.irr(0.3, "ok", False) == reasons.Shown("n.m.", reasons.YOUNG)
    assert reasons.pme(None, "no_benchmark").why == "No benchmark is named for this vehicle."
    assert reasons.pme(None, "multiple").why == reasons.IRR["multiple"], "direct alpha is a rate"


def test_the_register_is_complete_and_worded():
    assert len(metrics()) >= 40
    for one in metrics():
        assert one.unit in UNITS
        assert one.owner in OWNERS
        assert one.question.endswith("?")
        assert one.formula.endswith(".")
        assert one.edge_cases.endswith(".")
        assert all(place.count(".") == 1 for place in one.served_by)
    with pytest.raises(UnknownMetric, match="no metric 'nonsense'"):
        metric("nonsense")


def test_no_metric_lacks_a_field():
    wanted = (
        "title", "question", "formula", "unit", "grain", "edge_cases", "source", "owner", "served_by",
        "golden_cases",
    )  # fmt: skip
    missing = [
        f"{one.name} lacks {field}" for one in metrics() for field in wanted if not getattr(one, field)
    ]
    assert not missing, "\n".join(missing)
    names = [one.name for one in metrics()]
    assert len(names) == len(set(names)) > 100


def test_the_page_of_the_register_is_the_register():
    page = ROOT / "docs" / "metrics" / "register.md"
    assert page.read_text(encoding="utf-8") == register_page(), (
        "run python -m reporting.presentation.metric_register"
    )


def test_the_page_of_golden_cases_is_the_cases_and_the_register_links_to_each():
    page = (ROOT / "docs" / "metrics" / "golden_cases.md").read_text(encoding="utf-8")
    assert page == golden_cases.page(), "run python -m tests.integration.golden_cases"
    for one in metrics():
        for case in one.golden_cases:
            assert f"\n### {case}\n" in page, (one.name, case)


def test_every_metric_is_served_by_a_mart_that_exists_with_that_column():
    models = {path.stem: path for path in (ROOT / "dbt_project" / "models" / "marts").rglob("*.sql")}
    for one in metrics():
        for place in one.served_by:
            mart, column = place.split(".")
            assert mart in models, f"{one.name}: there is no mart {mart}"
            documented = "".join(
                path.read_text(encoding="utf-8") for path in models[mart].parent.glob("*.yml")
            )
            assert column in models[mart].read_text(encoding="utf-8") + documented, (
                f"{one.name}: {place} does not exist"
            )
