# ruff: noqa: E501 - rows read as lines
"""ILPA's Performance and Capital Call & Distribution Templates as marts, read through the LP's own session."""

from datetime import date

import pytest
import pyxirr

from tests.integration.ilpa_world import PERIOD_END, IlpaWorld, ilpa_world

__all__ = ["ilpa_world"]

LP, OFFICE = "lp@investor.example", "office@manager.example"
# wf-derived-subline: a deal of 100 and 130 after two years, the line's cost of 5 left out of gross figures by either method
BASES = {
    "net_with_facility": (0.238095238095, 1.2380952381),
    "net_without_facility": (0.140175425099, 1.3),
    "gross_with_facility": (0.3, 1.3),
    "gross_without_facility": (0.140175425099, 1.3),
}


def test_returns_stand_net_and_gross_with_and_without_the_line(ilpa_world: IlpaWorld) -> None:
    rows = ilpa_world.read(
        LP,
        "select * from rpt_ilpa_fund_performance where vehicle_id = 'line' and period_end = %s",
        PERIOD_END,
    )
    assert {(row["method"], row["basis"]): (row["irr"], row["multiple"]) for row in rows} == {
        (method, basis): pytest.approx(figures, rel=1e-10)
        for method in ("granular", "gross_up")
        for basis, figures in BASES.items()
    }
    assert {row["irr_status"] for row in rows} == {"ok"}


def test_gross_up_finds_the_deal_behind_calls_that_do_not_say_what_they_are_for(
    ilpa_world: IlpaWorld,
) -> None:
    """By hand: -100, 45, 110 of the deal; the LP paid 110 and got 40 and 104. With x = 1 + rate: 100 xx - 45 x - 110 = 0."""
    rows = ilpa_world.read(
        LP,
        "select method, basis, irr, multiple, nav_amount from rpt_ilpa_fund_performance "
        "where vehicle_id = 'grossed' and period_end = %s and basis like '%%with_facility'",
        PERIOD_END,
    )
    found = {(row["method"], row["basis"]): (row["irr"], row["multiple"]) for row in rows}
    gross, net = (45 + 46025**0.5) / 200 - 1, (40 + 47360**0.5) / 220 - 1
    # granular trusts the calls' purposes, so it takes the fee for a part of the investment
    trusting = (40 + 50000**0.5) / 220 - 1
    assert found == {
        ("gross_up", "gross_with_facility"): pytest.approx((gross, 155 / 100), rel=1e-9),
        ("granular", "gross_with_facility"): pytest.approx((trusting, 150 / 110), rel=1e-9),
        ("gross_up", "net_with_facility"): pytest.approx((net, 144 / 110), rel=1e-9),
        ("granular", "net_with_facility"): pytest.approx((net, 144 / 110), rel=1e-9),
    }
    day = [date(2024 + year, 9, 30) for year in range(3)]
    assert gross == pytest.approx(pyxirr.xirr(day, [-100, 45, 110]), rel=1e-9)
    flows = ilpa_world.read(
        LP,
        "select counted_on::text, transaction_type, amount from fct_ilpa_cash_flows where vehicle_id = 'grossed' "
        "and method = 'gross_up' and is_in_gross_without_facility order by counted_on, transaction_type",
    )
    assert [tuple(flow.values()) for flow in flows] == [
        ("2024-09-30", "capital_call_investment", -110),
        ("2024-09-30", "gross_up_management_fees", 10),
        ("2025-09-30", "distribution_return_of_capital_permanent", 40),
        ("2025-09-30", "gross_up_expenses", 5),
        ("2026-09-30", "distribution_return_of_capital_permanent", 104),
        ("2026-09-30", "gross_up_carried_interest", 6),
    ]


def test_gross_gain_is_net_gain_and_everything_that_the_reporting_template_charges(
    ilpa_world: IlpaWorld,
) -> None:
    """Of the published sample: fees, expenses, placement fees and carried interest, each once, however it was paid."""
    gain = {}
    for side in ("net", "gross"):
        flows = ilpa_world.read(
            OFFICE,
            f"select sum(amount) as amount from fct_ilpa_cash_flows where vehicle_id = 'v2' and investor_id = 'gp' "
            f"and method = 'gross_up' and is_in_{side}_with_facility",
        )
        left = ilpa_world.read(
            OFFICE,
            "select nav_amount from rpt_ilpa_fund_performance where vehicle_id = 'v2' and investor_id = 'gp' "
            "and period_end = %s and method = 'gross_up' and basis = %s",
            PERIOD_END, f"{side}_with_facility",
        )  # fmt: skip
        gain[side] = flows[0]["amount"] + left[0]["nav_amount"]
    total, gp = (ilpa_world.cells("v2", column) for column in ("total", "gp"))
    lps = {line: total[line][2] - gp[line][2] for line in total}
    charged = -(lps["total_net_expenses"] + lps["offering_costs"] + lps["placement_fees"])
    assert gain["gross"] - gain["net"] == charged - (lps["carry_end"] - lps["carry_paid"])


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
    pooled, row = ilpa_world.read(LP, "select * from rpt_ilpa_portfolio_performance where vehicle_id = 'line' and period_end = %s order by holding_id", PERIOD_END)  # fmt: skip
    assert [pooled[name] for name in ("holding_id", "invested_amount", "gross_irr", "gross_moic")] == [
        "", 100, row["gross_irr"], row["gross_moic"],
    ]  # fmt: skip
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


def test_a_cancelled_promise_sets_free_what_was_not_called_of_it(ilpa_world: IlpaWorld) -> None:
    """Of 200 promised 110 were called; 100 were cancelled, of which 10 had been called: nothing is left to call."""
    cells = ilpa_world.cells("grossed", "investor", mart="fct_ilpa_commitment")
    assert {line: amounts[2] for line, amounts in cells.items()} == {
        "total_commitment": 200, "unfunded_start": 200, "commitment_contributions": -110, "commitment_recallable": 0,
        "commitment_released": -90, "commitment_other": 0, "unfunded_end": 0,
    }  # fmt: skip
    assert cells["unfunded_start"][:2] == (0, 0) and cells["commitment_released"][:2] == (0, 0)
    rows = ilpa_world.read(
        LP, "select unfunded_before_amount as before, unfunded_after_amount as after from fct_ilpa_capital_calls "
        "where vehicle_id = 'grossed' order by effective_on limit 1",
    )  # fmt: skip
    assert rows == [{"before": 100, "after": 0}]
    known = ilpa_world.read(
        LP, "select released_amount, unfunded_amount from fct_investor_performance where vehicle_id = 'grossed' and is_latest"
    )  # fmt: skip
    assert known == [{"released_amount": 90, "unfunded_amount": 0}]


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
