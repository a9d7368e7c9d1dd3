# ruff: noqa: E501, F401, F811 - rows of data read as lines; a fixture is imported by its name
"""Portfolio marts against an independent recomputation: exact fractions for multiples, pyxirr for rates."""

from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
import pyxirr

from orchestration.lib import dbt_runner
from orchestration.lib.freshness import positions
from tests.integration.marts_expected import amount_of, dates, flows_of, latest, ratio, rolled
from tests.integration.marts_world import World, marts_world
from warehouse import viewer_currencies
from warehouse.sessions import viewer_for
from warehouse.users import add_user
from warehouse.viewer_currencies import UnknownCurrency

SLUGS = ("alder", "birch")
PLAIN = ("steady", "unvalued", "overdrawn", "ended", "lost", "shared", "promised", "holder")
"""Vehicles whose rows are all in the vehicle's own currency."""


@pytest.mark.parametrize("slug", SLUGS)
def test_multiples_equal_the_exact_fractions_and_rates_equal_pyxirr(marts_world: World, slug: str) -> None:
    rows = marts_world.rows[slug]
    found = {
        (r["vehicle_id"], r["investor_id"], r["as_of"]): r
        for r in marts_world.select(
            "select * from marts.fct_investor_performance where tenant_id = %s and vehicle_id = any(%s)",
            marts_world.tenants[slug].tenant_id,
            list(PLAIN),
        )
    }
    expected_keys, rates = set(), 0
    for vehicle in PLAIN:
        last = latest(rows, vehicle)
        for investor in ("ann", "bob"):
            flows = flows_of(rows, vehicle, investor)
            promises = [
                r for r in rows["commitments"] if (r["vehicle_id"], r["investor_id"]) == (vehicle, investor)
            ]
            if not flows and not any(r.get("status", "signed") != "cancelled" for r in promises):
                continue
            first = min((r["effective_on"] for r in flows), default=last)
            for as_of in dates(first, last):
                expected_keys.add((vehicle, investor, as_of))
                row = found[vehicle, investor, as_of]
                done = [r for r in flows if r["effective_on"] <= as_of]
                paid = amount_of(done, lambda r: r["kind"] == "contribution")
                got = amount_of(done, lambda r: r["kind"] == "distribution")
                inside = amount_of(
                    done, lambda r: r["kind"] == "contribution" and not r.get("outside_commitment")
                )
                recall = amount_of(done, lambda r: r.get("recallable"))
                promised = amount_of(
                    promises,
                    lambda r, at=as_of, end=last: (
                        r.get("status", "signed") in ("signed", "funded")
                        and (at == end or r["signed_on"] <= at)
                    ),
                )
                value, status = rolled(rows, vehicle, investor, as_of)
                if not done and status == "missing":
                    assert row["irr_status"] == "no_flows"
                assert row["contributed_amount"] == paid
                assert row["distributed_amount"] == got
                assert row["recallable_amount"] == recall
                assert row["commitment_amount"] == promised
                assert (row["nav_amount"], row["nav_status"]) == (value, status)
                if vehicle != "shared":
                    expected = (promised - inside + recall, "ok") if promised else (None, "no_commitment")
                    assert (row["unfunded_amount"], row["unfunded_status"]) == expected
                assert row["dpi"] == ratio(got, paid)
                assert row["rvpi"] == ratio(value, paid)
                assert row["tvpi"] == ratio(None if value is None else got + value, paid)
                assert row["pic"] == ratio(paid, promised)
                if value is not None and row["irr_status"] == "ok":
                    days = [r["effective_on"] for r in done] + [as_of]
                    amounts = [
                        float(r["amount"]) * (-1 if r["kind"] == "contribution" else 1) for r in done
                    ] + [float(value)]
                    assert row["irr"] == pytest.approx(pyxirr.xirr(days, amounts), abs=1e-9)
                    rates += 1
                if value is None:
                    assert row["irr"] is None and row["is_annualized"] is None
    assert expected_keys == set(found)
    assert rates > 10


@pytest.mark.parametrize(
    ("vehicle", "investor", "nav_status", "irr_status"),
    [
        ("unvalued", "ann", "missing", None),
        ("overdrawn", "ann", "refused", None),
        ("ended", "ann", "closed", "ok"),
        ("lost", "ann", "closed", "total_loss"),
        ("promised", "ann", "missing", "no_flows"),
    ],
)
def test_a_return_that_cannot_be_stated_says_why(
    marts_world: World,
    vehicle: str,
    investor: str,
    nav_status: str,
    irr_status: str | None,
) -> None:
    for slug in SLUGS:
        (row,) = marts_world.select(
            "select * from marts.fct_investor_performance "
            "where tenant_id = %s and vehicle_id = %s and investor_id = %s and is_latest",
            marts_world.tenants[slug].tenant_id,
            vehicle,
            investor,
        )
        assert (row["nav_status"], row["irr_status"]) == (nav_status, irr_status)
        if nav_status in ("missing", "refused"):
            assert (
                row["tvpi"] is None and row["rvpi"] is None and row["irr"] is None and row["ks_pme"] is None
            )


def test_a_cancelled_commitment_releases_what_was_not_called(marts_world: World) -> None:
    (row,) = marts_world.select(
        "select * from marts.fct_investor_performance where tenant_id = %s and vehicle_id = 'shared' "
        "and investor_id = 'ann' and is_latest",
        marts_world.tenants["alder"].tenant_id,
    )
    assert row["commitment_amount"] == 0
    assert row["contributed_amount"] == 500
    assert row["released_amount"] == 1500
    assert row["unfunded_amount"] == 0
    assert row["pic"] is None


def test_without_a_commitment_what_may_still_be_called_is_unknown_and_not_below_zero(
    marts_world: World,
) -> None:
    """`ended` was paid into without a promise; ann's portfolio contains it, bob's only what he promised."""
    standing = (
        "select unfunded_amount as open, unfunded_status as why from marts.{} where tenant_id = %s and {}"
    )
    for slug in SLUGS:
        tenant = marts_world.tenants[slug].tenant_id
        for mart, key in (
            ("fct_investor_performance", "vehicle_id = 'ended' and investor_id = 'ann' and is_latest"),
            ("fct_vehicle_performance", "vehicle_id = 'ended' and is_latest"),
            ("rpt_investor_portfolio", "investor_id = 'ann' and is_latest"),
        ):
            (row,) = marts_world.select(standing.format(mart, key), tenant)
            assert row == {"open": None, "why": "no_commitment"}, (slug, mart)
        (row,) = marts_world.select(
            standing.format("rpt_investor_portfolio", "investor_id = 'bob' and is_latest"), tenant
        )
        assert row["open"] is not None and row["why"] == "ok"


def test_investors_and_flows_of_nobody_add_up_to_the_vehicle(marts_world: World) -> None:
    """The distribution to no investor counts for the vehicle, and makes its own valuation the one that holds."""
    tenant = marts_world.tenants["alder"].tenant_id
    (vehicle,) = marts_world.select(
        "select * from marts.fct_vehicle_performance where tenant_id = %s and vehicle_id = 'shared' and is_latest",
        tenant,
    )
    assert vehicle["contributed_amount"] == 1100
    assert vehicle["distributed_amount"] == 120
    assert vehicle["nav_amount"] == 1090
    assert vehicle["dpi"] == ratio(Decimal(120), Decimal(1100))
    assert vehicle["tvpi"] == ratio(Decimal(1210), Decimal(1100))
    assert not marts_world.select(
        "select 1 from marts.fct_cash_flows where tenant_id = %s and vehicle_id = 'shared' and kind = 'distribution'",
        tenant,
    )
    sums = marts_world.select(
        "select i.vehicle_id, i.as_of, sum(i.contributed_amount) as paid, sum(i.distributed_amount) as got, "
        "sum(i.unfunded_amount) as open, v.contributed_amount, v.distributed_amount, v.unfunded_amount "
        "from marts.fct_investor_performance i join marts.fct_vehicle_performance v using (tenant_id, vehicle_id, as_of) "
        "where i.tenant_id = %s and i.is_latest and i.vehicle_id <> 'rateless' "
        "group by 1, 2, v.contributed_amount, v.distributed_amount, v.unfunded_amount",
        tenant,
    )
    assert len(sums) == 9
    for row in sums:
        assert row["paid"] == row["contributed_amount"]
        assert row["got"] + (120 if row["vehicle_id"] == "shared" else 0) == row["distributed_amount"]
        assert row["open"] == row["unfunded_amount"]


def test_pooled_rate_is_that_of_the_pooled_flows(marts_world: World) -> None:
    rows = marts_world.rows["birch"]
    (vehicle,) = marts_world.select(
        "select * from marts.fct_vehicle_performance where tenant_id = %s and vehicle_id = 'steady' and is_latest",
        marts_world.tenants["birch"].tenant_id,
    )
    flows = flows_of(rows, "steady", None)
    value = sum((rolled(rows, "steady", who, vehicle["as_of"])[0] or Decimal(0)) for who in ("ann", "bob"))
    days = [r["effective_on"] for r in flows] + [vehicle["as_of"]]
    amounts = [float(r["amount"]) * (-1 if r["kind"] == "contribution" else 1) for r in flows] + [
        float(value)
    ]
    assert vehicle["nav_amount"] == value
    assert vehicle["investors"] == 2
    assert vehicle["irr"] == pytest.approx(pyxirr.xirr(days, amounts), abs=1e-9)


def test_market_equivalent_equals_flows_grown_with_the_index(marts_world: World) -> None:
    rows, levels = marts_world.rows["alder"], marts_world.rows["platform"]["index_levels"]

    def level(day: date) -> float:
        return float(max((r for r in levels if r["on_date"] <= day), key=lambda r: r["on_date"])["level"])

    found = marts_world.select(
        "select * from marts.fct_investor_performance where tenant_id = %s and vehicle_id = 'steady' and investor_id = 'ann'",
        marts_world.tenants["alder"].tenant_id,
    )
    compared = [row for row in found if row["ks_pme"] is not None]
    assert len(compared) >= 6
    for row in compared:
        done = [r for r in flows_of(rows, "steady", "ann") if r["effective_on"] <= row["as_of"]]
        grown = {
            kind: sum(float(r["amount"]) / level(r["effective_on"]) for r in done if r["kind"] == kind)
            for kind in ("contribution", "distribution")
        }
        held = float(row["nav_amount"]) / level(row["as_of"])
        assert row["ks_pme"] == pytest.approx(
            (grown["distribution"] + held) / grown["contribution"], rel=1e-12
        )
        days = [r["effective_on"] for r in done] + [row["as_of"]]
        series = [
            float(r["amount"]) / level(r["effective_on"]) * (-1 if r["kind"] == "contribution" else 1)
            for r in done
        ] + [held]
        assert 2.718281828459045 ** row["direct_alpha"] - 1 == pytest.approx(
            pyxirr.xirr(days, series), abs=1e-9
        )


def test_a_benchmark_without_a_fresh_level_makes_no_comparison(marts_world: World) -> None:
    statuses = {
        row["vehicle_id"]: row["pme_status"]
        for row in marts_world.select(
            "select distinct vehicle_id, pme_status from marts.fct_investor_performance "
            "where tenant_id = %s and is_latest and investor_id = 'ann'",
            marts_world.tenants["alder"].tenant_id,
        )
    }
    assert statuses["holder"] == "no_benchmark"
    assert statuses["steady"] == "ok"


def test_gross_figures_come_from_the_holdings(marts_world: World) -> None:
    """An exited holding is worth nothing after its last flow; the other's value is rolled; fees stay out."""
    tenant = marts_world.tenants["alder"].tenant_id
    (row,) = marts_world.select(
        "select * from marts.fct_vehicle_performance where tenant_id = %s and vehicle_id = 'holder' and is_latest",
        tenant,
    )
    days = [date(2020, 1, 20), date(2020, 3, 20), date(2021, 4, 20), date(2020, 8, 20), row["as_of"]]
    assert row["gross_moic"] == ratio(Decimal(750 + 50 + 1200), Decimal(1500))
    assert row["gross_irr"] == pytest.approx(pyxirr.xirr(days, [-1000, -500, 750, 50, 1200]), abs=1e-9)
    holdings = {
        r["holding_id"]: r
        for r in marts_world.select("select * from marts.rpt_holdings where tenant_id = %s", tenant)
    }
    assert holdings["h2"]["moic"] == 1.5 and holdings["h2"]["nav_status"] == "closed"
    assert holdings["h1"]["nav_amount"] == 1200 and holdings["h1"]["proceeds_amount"] == 50


def test_capital_accounts_roll_forward_from_zero_to_the_latest_value(marts_world: World) -> None:
    tenant = marts_world.tenants["alder"].tenant_id
    rows = marts_world.rows["alder"]
    account = marts_world.select(
        "select * from marts.fct_capital_account where tenant_id = %s and vehicle_id = 'steady' and investor_id = 'ann' "
        "order by quarter",
        tenant,
    )
    assert account[0]["opening_amount"] == 0
    assert sum(r["contributions_amount"] for r in account) == 5300
    assert sum(r["distributions_amount"] for r in account) == 1450
    assert sum(r["fees_amount"] for r in account) == 40
    for before, after in pairwise(account):
        assert after["opening_amount"] == before["closing_amount"]
    for r in account:
        assert (
            r["opening_amount"]
            + r["contributions_amount"]
            - r["distributions_amount"]
            - r["fees_amount"]
            + r["gain_amount"]
            == r["closing_amount"]
        )
    assert account[-1]["quarter"] == date(2021, 9, 30) and account[-1]["closing_on"] == date(2021, 8, 2)
    assert not account[-1]["is_complete"]
    assert account[-1]["closing_amount"] == rolled(rows, "steady", "ann", date(2021, 8, 2))[0]
    unknown = marts_world.select(
        "select * from marts.fct_capital_account where tenant_id = %s and vehicle_id = 'unvalued'", tenant
    )
    assert unknown and all(r["closing_amount"] is None and r["gain_amount"] is None for r in unknown)


def test_every_number_in_long_form_equals_its_mart(marts_world: World) -> None:
    different = marts_world.select(
        "select count(*) as numbers, count(*) filter (where m.value is distinct from p.tvpi) as different "
        "from marts.metric_values m join marts.fct_investor_performance p "
        "on (p.tenant_id, p.vehicle_id, p.investor_id, p.as_of) = (m.tenant_id, m.vehicle_id, m.investor_id, m.as_of) "
        "where m.metric = 'tvpi' and m.entity_type = 'investor'"
    )
    assert different[0]["numbers"] > 50 and different[0]["different"] == 0


def test_what_a_viewer_chooses_is_told_from_the_next_refresh_of_that_tenant_on(marts_world: World) -> None:
    """Both managers have an ann and a steady; of alder's people two choose pounds, and the amounts are those of each day's rate."""
    database, alder = marts_world.database, marts_world.tenants["alder"].tenant_id
    add_user(database, "m@alder.example", tenant="alder", role="manager")
    add_user(database, "ann@alder.example", tenant="alder", role="lp", investor_ids=["ann"])
    manager, ann = (viewer_for(database, f"{who}@alder.example", "alder") for who in ("m", "ann"))
    told = (
        "select tenant_id, investor_id, currency_code from marts.rpt_portfolio_in_currency where investor_id = 'ann' "
        "and currency_code = 'GBP' union select tenant_id, pool_id, currency_code from marts.fct_pooled_performance "
        "where pool_by in ('told_in', 'vehicle')"
    )
    assert marts_world.select(told) == []
    with pytest.raises(UnknownCurrency, match=r"in 'CHF'.* Allowed: EUR, GBP, USD;"):
        viewer_currencies.choose(database, ann, "CHF", is_told=False)
    for viewer in (manager, ann):
        viewer_currencies.choose(database, viewer, "GBP", is_told=False)
        assert viewer_currencies.chosen(database, viewer) == "GBP"
    assert {one.tenant_slug: one.is_behind for one in positions(database)}["alder"]
    assert dbt_runner.refresh(database) == ["alder"]
    assert not any(one.is_behind for one in positions(database))
    found = marts_world.select(told)
    assert {row["tenant_id"] for row in found} == {alder}
    assert {row["investor_id"] for row in found} >= {"ann", "told_in:GBP", "vehicle:steady / GBP"}

    rates = marts_world.rows["platform"]["fx_rates"]

    def a_euro(code: str, day: date) -> Decimal:
        known = [r for r in rates if r["quote_currency_code"] == code and r["on_date"] <= day]
        rate: Decimal = max(known, key=lambda r: r["on_date"])["rate"]
        return rate

    (steady,) = marts_world.select(
        "select * from marts.fct_pooled_performance where pool_id = 'vehicle:steady / GBP' and is_latest"
    )
    pounds = [
        (
            r["effective_on"],
            r["kind"],
            r["amount"] * a_euro("GBP", r["effective_on"]) / a_euro("USD", r["effective_on"]),
        )
        for r in flows_of(marts_world.rows["alder"], "steady", None)
    ]
    for kind, column in (("contribution", "contributed_amount"), ("distribution", "distributed_amount")):
        assert abs(steady[column] - sum(amount for _, of, amount in pounds if of == kind)) < Decimal("1e-9")
    signed = [float(-amount if of == "contribution" else amount) for _, of, amount in pounds]
    rate = pyxirr.xirr(
        [*(day for day, _, _ in pounds), steady["as_of"]], [*signed, float(steady["nav_amount"])]
    )
    assert steady["irr"] == pytest.approx(rate, abs=1e-9)
    (rateless,) = marts_world.select(
        "select * from marts.fct_pooled_performance where pool_id = 'vehicle:rateless / GBP' and is_latest"
    )
    assert rateless["contributed_amount"] is None and rateless["irr"] is None
    assert rateless["fx_reason"].startswith("No rate from CHF to USD on 2021-01-04")
    (still,) = marts_world.select(
        "select * from marts.rpt_portfolio_constant_currency where tenant_id = %s and investor_id = 'bob' "
        "and currency_code = 'GBP' and is_latest",
        alder,
    )
    assert still["contributed_amount"] is None, "the latest known day is after the last rate"
    assert still["fx_reason"].startswith(f"No rate from USD to GBP on {still['rate_on']}")


def test_all_data_tests_of_the_project_pass_on_this_world(marts_world: World) -> None:
    results = dbt_runner.run_tests(marts_world.database)
    assert len(results) > 80
    assert {(r.name, r.status) for r in results if r.status != "pass"} == set()


def test_cash_of_nobody_is_listed_with_its_file_and_row(marts_world: World) -> None:
    """It stands in the fund's total and in no holder's column, so somebody must be told which row to mend."""
    listed = marts_world.select(
        "select row_key, vehicle_id, reason, amount, source_file, source_row from marts.rpt_unassigned_amounts "
        "where tenant_id = %s order by row_key",
        marts_world.tenants["alder"].tenant_id,
    )
    assert [tuple(row.values()) for row in listed] == [
        ("t24", "shared", "cash_without_investor", 120, "transactions.csv", 24),
        ("t28", "holder", "no_commitment_to_share_by", 50, "transactions.csv", 28),
        ("t30", "holder", "no_commitment_to_share_by", -90, "transactions.csv", 30),
    ]
