# ruff: noqa: E501, F401, F811 - rows of data read as lines; a fixture is imported by its name
"""Published answers, and ones derived in the metrics reference, read from the marts."""

from decimal import Decimal
from typing import Any

import pytest
import pyxirr

from orchestration.lib import dbt_runner
from tests.integration.marts_world import World
from tests.integration.published_world import KPMG_VALUES, SCALES, TA_CALLS, TA_PAYOUTS, published, year

BOTH = pytest.mark.parametrize("slug", SCALES)


def one(world: World, slug: str, mart: str, condition: str) -> dict[str, Any]:
    """The only row of a tenant's mart that satisfies the condition."""
    (row,) = world.select(
        f"select * from marts.{mart} where tenant_id = %s and {condition}", world.tenants[slug].tenant_id
    )
    return row


@BOTH
@pytest.mark.parametrize("mart", ["fct_investor_performance", "fct_vehicle_performance"])
def test_with_and_without_the_subscription_line_stand_side_by_side(
    published: World, slug: str, mart: str
) -> None:
    """wf-derived-subline: 14.02 % and 1.300x without, 23.81 % and 1.238x with."""
    row = one(published, slug, mart, "vehicle_id = 'subline' and is_latest")
    assert row["has_facility"]
    assert row["irr_without_facility"] == pytest.approx(0.140175425099, abs=1e-9)
    assert row["tvpi_without_facility"] == pytest.approx(1.3, abs=1e-12)
    assert row["irr"] == pytest.approx(0.238095238095, abs=1e-9)
    assert row["tvpi"] == pytest.approx(1.2380952381, abs=1e-9)
    assert row["contributed_amount"] == 105 * SCALES[slug]


@BOTH
def test_a_portfolio_and_a_pool_stand_without_the_lines_of_their_members(published: World, slug: str) -> None:
    """wf-derived-subline for who is in that fund alone and for its pool; of all vehicles the rate of pyxirr."""
    alone = one(published, slug, "rpt_investor_portfolio", "investor_id = 'borrower' and is_latest")
    pool = one(published, slug, "fct_pooled_performance", "pool_id = 'strategy:lined' and is_latest")
    for row in (alone, pool):
        assert row["has_facility"]
        assert row["irr"] == pytest.approx(0.238095238095, abs=1e-9)
        assert row["irr_without_facility"] == pytest.approx(0.140175425099, abs=1e-9)
        assert (row["tvpi"], row["tvpi_without_facility"]) == (pytest.approx(1.2380952381), 1.3)
    whole = one(published, slug, "fct_pooled_performance", "pool_id = 'all' and is_latest")
    flows = published.select(
        "select case when facility_drawn_on is null then effective_on else facility_drawn_on end as day, amount "
        "from marts.fct_cash_flows where tenant_id = %s and is_performance_flow and category is null",
        published.tenants[slug].tenant_id,
    )
    series = [(row["day"], float(row["amount"])) for row in flows] + [
        (whole["as_of"], float(whole["nav_amount"]))
    ]
    days, amounts = zip(*series, strict=True)
    assert whole["irr_without_facility_status"] == "ok" and len(flows) > 50
    assert whole["irr_without_facility"] == pytest.approx(pyxirr.xirr(days, amounts), abs=1e-9)
    assert whole["irr_without_facility"] != whole["irr"]


@BOTH
def test_without_known_facility_flows_the_rate_stands_alone_and_says_why(published: World, slug: str) -> None:
    rows = published.select(
        "select * from marts.fct_vehicle_performance where tenant_id = %s and vehicle_id <> 'subline'",
        published.tenants[slug].tenant_id,
    )
    assert len(rows) > 50
    for row in rows:
        assert not row["has_facility"]
        assert row["irr_without_facility"] is None and row["tvpi_without_facility"] is None
        assert row["irr_without_facility_status"] == "no_facility_flows"


def test_a_draw_is_not_known_before_the_call_that_repays_it(published: World) -> None:
    rows = published.select(
        "select min(as_of) as first from marts.fct_vehicle_performance where vehicle_id = 'subline'"
    )
    assert rows[0]["first"] == year(1)


@BOTH
def test_recallable_distributions_are_shown_by_both_conventions(published: World, slug: str) -> None:
    """ilpa-derived-dpi-recallable, from the sample of ILPA's Reporting Template v2.0."""
    row = one(published, slug, "fct_investor_performance", "vehicle_id = 'ilpa' and is_latest")
    assert row["dpi"] == pytest.approx(0.542857142857, abs=1e-12)
    assert row["tvpi"] == pytest.approx(1.84781714286, abs=1e-11)
    assert row["dpi_netted"] == pytest.approx(0.483870967742, abs=1e-12)
    assert row["tvpi_netted"] == pytest.approx(1.95721290323, abs=1e-11)
    assert row["pic"] == pytest.approx(0.7, abs=1e-12)
    assert row["unfunded_amount"] == 19_000_000 * SCALES[slug]
    assert row["total_exposure_amount"] == (19_000_000 + 45_673_600) * SCALES[slug]


@BOTH
def test_a_pools_return_is_that_of_its_flows_beside_mean_and_median(published: World, slug: str) -> None:
    """pooled-vs-average."""
    row = one(published, slug, "fct_pooled_performance", "pool_id = 'strategy:pooled' and is_latest")
    assert row["vehicles"] == 2
    assert row["irr"] == pytest.approx(0.322099605801, abs=1e-9)
    assert row["mean_irr"] == row["median_irr"] == pytest.approx(0.379960524947, abs=1e-9)
    assert row["tvpi"] == 1.75
    assert (row["contributed_amount"], row["distributed_amount"]) == (200 * SCALES[slug], 350 * SCALES[slug])
    assert row["quartile_status"] == "not_peers" and row["irr_p75"] is None


@BOTH
def test_quartiles_interpolate_inclusively_and_are_suppressed_under_eight_members(
    published: World, slug: str
) -> None:
    """quartile-method: PERCENTILE.INC gives 19 %, EXC would give 21 %."""
    eight = one(
        published, slug, "fct_pooled_performance", "pool_id = 'peers:2011 / eight / USD' and is_latest"
    )
    assert (eight["vehicles"], eight["members_with_irr"], eight["quartile_status"]) == (8, 8, "ok")
    assert eight["irr_p75"] == pytest.approx(0.19, abs=1e-9)
    assert eight["irr_p50"] == pytest.approx(0.135, abs=1e-9)
    assert eight["tvpi_p75"] == pytest.approx(1.19, abs=1e-12)
    seven = one(
        published, slug, "fct_pooled_performance", "pool_id = 'peers:2011 / seven / USD' and is_latest"
    )
    assert (seven["vehicles"], seven["quartile_status"]) == (7, "too_few_members")
    assert {seven[f"{m}_p{p}"] for m in ("irr", "tvpi", "dpi") for p in (25, 50, 75)} == {None}
    assert seven["median_irr"] == pytest.approx(0.15, abs=1e-9)


@BOTH
def test_weights_are_of_partners_capital_and_need_not_sum_to_one(published: World, slug: str) -> None:
    """kpmg-concentration: 21.5 % and 97.7 % of partners' capital."""
    row = one(published, slug, "rpt_concentration", "vehicle_id = 'kpmg' and is_latest")
    assert round(row["top_1_share"] * 100, 1) == 21.5
    assert row["top_1_share"] == pytest.approx(0.214788374574, abs=1e-12)
    assert round(row["invested_share"] * 100, 1) == 97.7
    weights = [Decimal(amount) / 787_240 for amount in KPMG_VALUES]
    assert row["top_5_share"] == pytest.approx(float(sum(weights[:5])), abs=1e-12)
    assert row["top_10_share"] == row["invested_share"]
    assert row["hhi"] == pytest.approx(float(sum(w * w for w in weights)), abs=1e-12)
    assert row["effective_holdings"] == pytest.approx(1 / float(sum(w * w for w in weights)), rel=1e-12)
    assert (row["holdings"], row["holdings_held"]) == (6, 6)


@BOTH
def test_loss_ratios_differ_by_convention(published: World, slug: str) -> None:
    """One of six deals of 100,000 stands at 67,050: a sixth of the cost, 5.5 % of it lost, one deal of six."""
    row = one(published, slug, "rpt_concentration", "vehicle_id = 'kpmg' and is_latest")
    assert row["loss_ratio_cost"] == pytest.approx(1 / 6, abs=1e-15)
    assert row["loss_ratio_loss"] == pytest.approx(32_950 / 600_000, abs=1e-15)
    assert row["loss_ratio_count"] == pytest.approx(1 / 6, abs=1e-15)
    unknown = one(published, slug, "rpt_concentration", f"vehicle_id = 'kpmg' and as_of = '{year(0)}'")
    assert (unknown["loss_status"], unknown["concentration_status"]) == ("missing_value", "missing_value")
    assert unknown["loss_ratio_cost"] is None and unknown["hhi"] is None and unknown["holdings_held"] is None
    none = one(published, slug, "rpt_concentration", "vehicle_id = 'ilpa' and is_latest")
    assert (none["loss_status"], none["holdings"]) == ("no_holdings", 0)


@BOTH
def test_the_curve_has_its_trough_and_its_break_even_where_they_are_published(
    published: World, slug: str
) -> None:
    """jcurve-ta: lowest at -79.29 per 100 committed in year 4, back above zero in year 8."""
    row = one(published, slug, "fct_j_curve", "vehicle_id = 'pacing' and is_latest")
    assert float(row["trough_amount"] / SCALES[slug]) == pytest.approx(-79.2938867557, abs=1e-9)
    assert row["trough_pct"] == pytest.approx(0.792938867557, abs=1e-11)
    assert (row["trough_on"], row["break_even_on"]) == (year(4), year(8))
    assert row["irr"] == pytest.approx(0.13, abs=1e-4)
    before = published.select(
        "select * from marts.fct_j_curve where tenant_id = %s and vehicle_id = 'pacing' and as_of < %s order by as_of",
        published.tenants[slug].tenant_id, year(8),
    )  # fmt: skip
    assert {row["break_even_on"] for row in before} == {None}
    assert before[0]["trough_amount"] == before[0]["net_cash_amount"] == -25 * SCALES[slug]


@BOTH
@pytest.mark.parametrize(
    ("mart", "investor"),
    [("fct_investor_benchmarks", "and investor_id = 'lp'"), ("fct_vehicle_benchmarks", "")],
)
def test_index_accounts_meet_the_published_tables(
    published: World, slug: str, mart: str, investor: str
) -> None:
    """pme-wiki-ln-irr 5.30 %, pme-wiki-plus 0.86 and 2.05 %, pme-wiki-mpme 2.02 %."""
    row = one(published, slug, mart, f"vehicle_id = 'wiki-ln' and is_latest {investor}")
    assert row["ln_pme"] == pytest.approx(0.05302365655, abs=1e-9)
    assert row["ln_pme_spread"] == pytest.approx(0.0643386061899 - 0.05302365655, abs=1e-9)
    assert (row["ln_pme_status"], row["mpme_status"]) == ("ok", "missing_nav")
    row = one(published, slug, mart, f"vehicle_id = 'wiki-plus' and is_latest {investor}")
    assert row["pme_plus"] == pytest.approx(0.0204890886051, abs=1e-9)
    assert row["pme_plus_scale"] == pytest.approx(0.860544217687, abs=1e-11)
    assert row["mpme"] == pytest.approx(0.0201516589441, abs=1e-9)
    assert row["mpme_nav_age_days"] == 0
    assert row["irr"] == pytest.approx(0.077651812339, abs=1e-9)


@BOTH
@pytest.mark.parametrize("mart", ["fct_investor_performance", "fct_vehicle_performance"])
def test_a_value_below_zero_takes_from_what_was_received_and_is_no_payment(
    published: World, slug: str, mart: str
) -> None:
    row = one(published, slug, mart, "vehicle_id = 'owing' and is_latest")
    assert row["tvpi"] == pytest.approx(0.5)
    assert row["ks_pme"] == pytest.approx((60 * 120 / 115 - 10) / (100 * 120 / 100), abs=1e-12)


@BOTH
def test_a_vehicle_without_index_says_so_for_every_comparison(published: World, slug: str) -> None:
    row = one(published, slug, "fct_vehicle_benchmarks", "vehicle_id = 'pacing' and is_latest")
    assert {row[f"{name}_status"] for name in ("pme", "ln_pme", "pme_plus", "mpme")} == {"no_benchmark"}
    assert [row[name] for name in ("ks_pme", "ln_pme", "pme_plus", "mpme")] == [None] * 4


@BOTH
def test_a_fresh_fund_is_projected_as_the_published_table(published: World, slug: str) -> None:
    """pacing-ta-table, to its two printed decimals."""
    rows = published.select(
        "select * from marts.rpt_pacing where tenant_id = %s and vehicle_id = 'fresh' order by year",
        published.tenants[slug].tenant_id,
    )
    assert [row["year"] for row in rows] == list(range(13))
    now, *ahead = rows
    assert (now["projected_nav_amount"], now["projected_unfunded_amount"]) == (0, 100 * SCALES[slug])
    for row, call, payout in zip(ahead, TA_CALLS, TA_PAYOUTS, strict=True):
        assert float(row["projected_contribution_amount"] / SCALES[slug]) == pytest.approx(
            float(call), abs=1e-9
        )
        assert float(row["projected_distribution_amount"] / SCALES[slug]) == pytest.approx(
            float(payout), abs=1e-9
        )
    values = [25.0, 52.91, 82.93, 100.2, 106.79, 102.47, 87.26, 63.61, 37.25, 15.6, 3.55, 0.05]
    assert [float(row["projected_nav_amount"] / SCALES[slug]) for row in ahead] == pytest.approx(
        values, abs=0.01
    )
    assert {row["pacing_status"] for row in rows} == {"ok"}


@BOTH
def test_nothing_is_projected_for_a_fund_that_is_closed_or_promised_nothing(
    published: World, slug: str
) -> None:
    for vehicle, status in (("pacing", "closed"), ("kpmg", "no_commitment")):
        row = one(published, slug, "rpt_pacing", f"vehicle_id = '{vehicle}'")
        assert (row["year"], row["pacing_status"]) == (0, status)


@BOTH
@pytest.mark.parametrize(
    ("base", "fee"),
    # 181 days of 200,000 a year and 184 of 150,000
    [("committed", "200000"), ("invested", "150000"), ("nav", "160000"), ("stepped", "174794.52")],
)
def test_the_same_rate_of_another_base_is_another_fee(
    published: World, slug: str, base: str, fee: str
) -> None:
    """wf-atlas-fees, by days over the four quarters of a year."""
    rows = published.select(
        "select * from marts.rpt_fee_accruals where tenant_id = %s and vehicle_id = %s order by as_of",
        published.tenants[slug].tenant_id, f"fee-{base}",
    )  # fmt: skip
    assert rows[0]["management_fee_amount"] == 0 and len(rows) == 5
    total = sum(row["management_fee_amount"] for row in rows)
    assert abs(total - Decimal(fee) * SCALES[slug]) <= Decimal("0.02")
    assert rows[-1]["management_fee_accrued_amount"] == total
    assert rows[-1]["management_fee_charged_amount"] == 40_000 * SCALES[slug]
    assert {(row["fee_status"], row["carry_status"]) for row in rows} == {("ok", "no_carry_terms")}


@BOTH
def test_carry_accrues_as_if_everything_were_sold(published: World, slug: str) -> None:
    """8 preferred to the investor, 2 to catch up, then a fifth of 20: 6 in all, which is a fifth of the profit."""
    row = one(published, slug, "rpt_fee_accruals", "vehicle_id = 'carried' and is_latest")
    assert (row["carry_accrued_amount"], row["carry_status"]) == (6 * SCALES[slug], "ok")
    assert row["nav_after_carry_amount"] == 124 * SCALES[slug]
    below = one(published, slug, "rpt_fee_accruals", "vehicle_id = 'below' and is_latest")
    assert (below["carry_accrued_amount"], below["fee_status"]) == (0, "no_fee_terms")
    deals = one(published, slug, "rpt_fee_accruals", "vehicle_id = 'by-deal' and is_latest")
    assert (deals["carry_accrued_amount"], deals["carry_status"]) == (None, "deal_by_deal")


@BOTH
def test_a_sector_has_gross_figures_and_says_that_it_has_no_others(published: World, slug: str) -> None:
    row = one(published, slug, "fct_pooled_performance", "pool_id = 'sector:private' and is_latest")
    assert row["irr_status"] == "gross_only" and row["vehicles"] is None and row["tvpi"] is None
    assert (row["holdings"], row["invested_amount"]) == (6, 600_000 * SCALES[slug])
    assert row["gross_moic"] == pytest.approx(769_440 / 600_000, abs=1e-12)
    assert row["gross_irr"] == pytest.approx(769_440 / 600_000 - 1, abs=1e-9)


def test_every_data_test_passes_on_the_published_books(published: World) -> None:
    results = dbt_runner.run_tests(
        published.database,
        select=["fct_pooled_performance", "fct_j_curve", "rpt_concentration", "fct_holding_performance", "fct_vehicle_performance", "fct_investor_performance", "fct_investor_benchmarks", "fct_vehicle_benchmarks", "rpt_pacing", "rpt_fee_accruals"],
    )  # fmt: skip
    assert len(results) > 40
    assert [(r.name, r.message) for r in results if r.status != "pass"] == []
