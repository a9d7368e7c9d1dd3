# ruff: noqa: E501 - rows read as lines
"""ILPA's Performance and Capital Call & Distribution Templates as marts, read through the LP's own session."""

import pytest
import pyxirr

from tests.integration.ilpa_world import PERIOD_END, IlpaWorld, ilpa_world

__all__ = ["ilpa_world"]

LP = "lp@investor.example"
WANTED = {  # wf-derived-subline for net; gross without the line's cost, on calls (granular) or on the deal itself (gross_up)
    ("granular", "net_with_facility"): (0.238095238095, 1.2380952381),
    ("granular", "net_without_facility"): (0.140175425099, 1.3),
    ("granular", "gross_with_facility"): (0.3, 1.3),
    ("granular", "gross_without_facility"): (0.140175425099, 1.3),
    ("gross_up", "net_with_facility"): (0.238095238095, 1.2380952381),
    ("gross_up", "net_without_facility"): (0.140175425099, 1.3),
    ("gross_up", "gross_with_facility"): (0.140175425099, 1.3),
    ("gross_up", "gross_without_facility"): (0.140175425099, 1.3),
}


def test_returns_stand_net_and_gross_with_and_without_the_line(ilpa_world: IlpaWorld) -> None:
    rows = ilpa_world.read(
        LP,
        "select * from rpt_ilpa_fund_performance where vehicle_id = 'line' and period_end = %s",
        PERIOD_END,
    )
    assert {(row["method"], row["basis"]): (row["irr"], row["multiple"]) for row in rows} == {
        key: pytest.approx(figures, rel=1e-10) for key, figures in WANTED.items()
    }
    assert {row["irr_status"] for row in rows} == {"ok"}


def test_without_known_facility_flows_the_figure_without_the_line_says_so(ilpa_world: IlpaWorld) -> None:
    rows = ilpa_world.read(
        LP, "select * from rpt_ilpa_fund_performance where vehicle_id = 'v2' and period_end = %s", PERIOD_END
    )
    without = [row for row in rows if row["basis"] == "net_without_facility"]
    assert {(row["irr"], row["irr_status"], row["multiple"]) for row in without} == {
        (None, "no_facility_flows", None)
    }
    assert {row["irr_status"] for row in rows if row["basis"] == "net_with_facility"} == {"ok"}


@pytest.mark.parametrize("vehicle", ["line", "v2"])
def test_the_lp_computes_the_net_rate_again_from_the_flows_it_is_given(
    ilpa_world: IlpaWorld, vehicle: str
) -> None:
    """The GP's own flows and value are in neither."""
    flows = ilpa_world.read(
        LP, "select counted_on, amount from fct_ilpa_cash_flows where vehicle_id = %s and method = 'granular' and is_in_net_with_facility", vehicle
    )  # fmt: skip
    row, = ilpa_world.read(
        LP, "select irr, nav_amount, multiple from rpt_ilpa_fund_performance where vehicle_id = %s and period_end = %s "
        "and method = 'granular' and basis = 'net_with_facility'", vehicle, PERIOD_END,
    )  # fmt: skip
    dates = [flow["counted_on"] for flow in flows] + [PERIOD_END]
    amounts = [float(flow["amount"]) for flow in flows] + [float(row["nav_amount"])]
    assert row["irr"] == pytest.approx(pyxirr.xirr(dates, amounts), rel=1e-9)
    assert row["multiple"] == pytest.approx(
        sum(a for a in amounts if a > 0) / -sum(a for a in amounts if a < 0), rel=1e-12
    )


def test_returns_by_investment_are_gross(ilpa_world: IlpaWorld) -> None:
    row, = ilpa_world.read(LP, "select * from rpt_ilpa_portfolio_performance where vehicle_id = 'line' and period_end = %s", PERIOD_END)  # fmt: skip
    assert (row["holding_name"], row["invested_amount"], row["proceeds_amount"], row["nav_amount"]) == (
        "Deal",
        100,
        130,
        0,
    )
    assert row["gross_irr"] == pytest.approx(0.140175425099, rel=1e-10)
    assert row["gross_moic"] == pytest.approx(1.3)


def test_calls_and_distributions_carry_their_effect_on_the_unfunded_commitment(ilpa_world: IlpaWorld) -> None:
    """What may be called again is inferred from that effect, as the template of 2025 does."""
    rows = ilpa_world.read(
        LP, "select effective_on::text, transaction_type, is_inside_commitment, investor_amount, total_amount, unfunded_effect_amount, "
        "unfunded_before_amount, unfunded_after_amount from fct_ilpa_capital_calls where vehicle_id = 'line' order by effective_on, transaction_type",
    )  # fmt: skip
    assert [tuple(row.values()) for row in rows] == [
        ("2025-09-30", "capital_call_facility_costs", True, -5, -5, -5, 200, 95),
        ("2025-09-30", "capital_call_investment", True, -100, -100, -100, 200, 95),
        ("2026-09-30", "distribution_gain_loss", False, 30, 30, 0, 95, 195),
        ("2026-09-30", "distribution_return_of_capital_recallable", True, 100, 100, 100, 95, 195),
    ]


def test_the_last_notice_ends_on_the_unfunded_commitment_of_the_reporting_template(
    ilpa_world: IlpaWorld,
) -> None:
    rows = ilpa_world.read(
        LP, "select unfunded_after_amount as amount from fct_ilpa_capital_calls where vehicle_id = 'v2' order by effective_on desc limit 1"
    )  # fmt: skip
    assert rows == [
        {"amount": ilpa_world.cells("v2", "investor", mart="fct_ilpa_commitment")["unfunded_end"][2]}
    ]


def test_an_lp_sees_the_totals_of_notices_but_no_other_lps_amounts(ilpa_world: IlpaWorld) -> None:
    for mart in (
        "fct_ilpa_capital_calls",
        "fct_ilpa_cash_flows",
        "rpt_ilpa_fund_performance",
        "rpt_ilpa_portfolio_performance",
    ):
        everyone = {
            row["investor_id"]
            for row in ilpa_world.read("office@manager.example", f"select distinct investor_id from {mart}")
        }
        assert everyone >= {"lp5", "gp"}
        assert ilpa_world.read(LP, f"select distinct investor_id from {mart}") == [{"investor_id": "lp5"}]
