# ruff: noqa: E501 - rows read as lines
"""ILPA's Performance and Capital Call & Distribution Templates as marts, read through the LP's own session:
returns, notices, and what the agreement's terms give, against published and hand-made answers.
"""

from datetime import date
from decimal import Decimal

import pytest
import pyxirr

from tests.integration.ilpa_world import PERIOD_END, IlpaWorld, ilpa_world

__all__ = ["ilpa_world"]

LP, OFFICE = "lp@investor.example", "office@manager.example"
COLUMNS = ("total_qtd", "total_ytd", "total_itd", "gp_qtd", "gp_ytd", "gp_itd")
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


def test_returns_by_investment_stand_net_of_what_the_fund_charged_beside_gross(ilpa_world: IlpaWorld) -> None:
    """By hand: costs of 30,000 fall on 600,000 and 300,000 invested, carried interest of 100,000 on the one deal with a gain."""
    rows = ilpa_world.read(
        LP, "select * from rpt_ilpa_portfolio_performance where vehicle_id = 'agreed' and period_end = %s", PERIOD_END
    )  # fmt: skip
    found = {row["holding_id"]: row for row in rows}
    assert {name: (row["cost_charged_amount"], row["carry_charged_amount"]) for name, row in found.items()} == {
        "won": (20_000, 100_000), "lost": (10_000, 0), "": (30_000, 100_000),
    }  # fmt: skip
    assert {name: row["net_irr_status"] for name, row in found.items()} == {
        "won": "ok", "lost": "total_loss", "": "ok",
    }  # fmt: skip
    days = [date(2025, 9, 30), date(2026, 9, 30)]
    for name, flows in {"won": (-620_000, 1_400_000), "": (-930_000, 1_400_000)}.items():
        assert found[name]["net_irr"] == pytest.approx(pyxirr.xirr(days, flows), rel=1e-9)
        assert found[name]["net_moic"] == pytest.approx(-flows[1] / flows[0], rel=1e-12)
    assert (found["lost"]["net_irr"], found["lost"]["net_moic"]) == (None, 0)
    assert found["won"]["gross_moic"] == pytest.approx(2.5)
    # net gains of all investments = gross gains less all that was charged
    whole = found[""]
    net = sum(
        row["net_moic"] * float(row["invested_amount"] + row["cost_charged_amount"])
        - float(row["invested_amount"] + row["cost_charged_amount"])
        for name, row in found.items()
        if name
    )
    assert net == pytest.approx(float(whole["proceeds_amount"] - whole["invested_amount"] - 130_000))


def test_what_is_charged_falls_on_investments_to_the_cent_and_only_where_it_can(
    ilpa_world: IlpaWorld,
) -> None:
    """The fund with a line charged 5 and no carried interest: its one deal bears them; in no row is net above gross."""
    rows = ilpa_world.read(
        LP,
        "select vehicle_id, holding_id, cost_charged_amount as cost, carry_charged_amount as carry, gross_moic, net_moic "
        "from rpt_ilpa_portfolio_performance where period_end = %s",
        PERIOD_END,
    )
    assert {(row["cost"], row["carry"]) for row in rows if row["vehicle_id"] == "line"} == {(5, 0)}
    assert all(row["net_moic"] <= row["gross_moic"] for row in rows)


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


def calculated(world: IlpaWorld, vehicle: str, slug: str = "alder") -> dict[str, tuple[Decimal, ...]]:
    """Total and carried interest of each line for QTD, YTD and ITD, as the LP's own session reads them."""
    rows = world.read(
        LP, "select * from rpt_ilpa_supplemental_calculations where vehicle_id = %s and period_end = %s", vehicle, PERIOD_END,
        slug=slug,
    )  # fmt: skip
    return {row["line"]: tuple(row[f"{column}_amount"] for column in COLUMNS) for row in rows}


def test_distributions_fall_into_tiers_as_in_the_published_waterfall(ilpa_world: IlpaWorld) -> None:
    """wf-usvc-1.5m: 1.4m to the LPs and 100,000 to the general partner."""
    found = calculated(ilpa_world, "agreed")
    for line, total, carry in (
        ("tier_return_of_capital", 1_000_000, 0),
        ("tier_preferred_return", 80_000, 0),
        ("tier_catch_up", 20_000, 20_000),
        ("tier_split", 400_000, 80_000),
        ("distributed", 1_500_000, 100_000),
    ):
        assert found[line] == (total,) * 3 + (carry,) * 3, line
    assert found["contributed"] == (0, 0, -1_000_000, 0, 0, 0)
    assert found["accrued_start"] == (
        0,
        0,
        0,
        100_000,
        0,
        0,
    )  # valued at 1.5m a quarter before, at cost a year before
    assert found["accrued_change"] == (0, 0, 0, -100_000, 0, 0)
    assert found["accrued_end"] == (0,) * 6
    assert found["carry_due"] == found["carry_distributed"] == (0, 0, 0, 100_000, 100_000, 100_000)
    assert found["clawback"] == (0,) * 6


def test_the_fee_by_the_terms_stands_beside_what_was_allocated(ilpa_world: IlpaWorld) -> None:
    """2 % of 1m for 92, 273 and 365 days; 21,000 were charged and 1,000 of them offset, all a year ago."""
    found = calculated(ilpa_world, "agreed")
    fee = [Decimal(-20_000) * days / 365 for days in (92, 273, 365)]
    offset = (0, 0, 1_000)
    for span in range(3):
        assert abs(found["fee_by_terms"][span] - fee[span]) < Decimal("0.02")
        assert found["management_fee_offsets"][span] == offset[span]
        assert found["fee_by_terms_net"][span] == found["fee_by_terms"][span] + offset[span]
    assert found["management_fees_net"] == (0, 0, -20_000, 0, 0, 0)
    assert found["fee_difference"][2] == found["fee_by_terms"][2] + 1_000 + 20_000
    row, = ilpa_world.read(
        LP, "select rate, basis, base_amount, commitment_share from rpt_ilpa_supplemental_calculations "
        "where vehicle_id = 'agreed' and line = 'fee_by_terms' and period_end = %s", PERIOD_END,
    )  # fmt: skip
    assert tuple(row.values()) == (Decimal("0.02"), "committed", 1_000_000, 0.6)


def test_carried_interest_beyond_what_is_due_is_to_be_given_back(ilpa_world: IlpaWorld) -> None:
    found = calculated(ilpa_world, "clawed")
    assert found["carry_distributed"] == (0, 0, 0, 6, 6, 6)
    assert found["carry_due"] == (0,) * 6
    assert found["clawback"] == (0, 0, 0, -6, -6, -6)
    assert found["fee_by_terms"] == (None, None, None, None, None, None)
    assert calculated(ilpa_world, "clawed", slug="birch")["clawback"] == (0, 0, 0, -18, -18, -18)


def test_carried_interest_by_tier_is_that_of_the_fee_accruals(ilpa_world: IlpaWorld) -> None:
    """Both come from the same terms on different ways: tier by tier here, as a whole there; and no LP sees another's rows."""
    apart = ilpa_world.read(
        OFFICE,
        "select s.vehicle_id, s.period_end from rpt_ilpa_supplemental_calculations as s "
        "join rpt_fee_accruals as a on a.vehicle_id = s.vehicle_id and a.as_of = s.period_end "
        "where s.line = 'distributed' and s.gp_itd_amount is distinct from a.carry_distributed_amount",
    )
    assert apart == []
    own = ilpa_world.read(LP, "select distinct investor_id from rpt_ilpa_supplemental_calculations")
    assert own == [{"investor_id": "lp5"}]
