# ruff: noqa: E501, F401, F811 - rows of data read as lines; a fixture is imported by its name
"""Currencies of portfolio marts: each amount at the rate of its day, and a missing rate that is told."""

from datetime import date
from decimal import Decimal

import pytest
import pyxirr

from tests.integration.marts_expected import flows_of, rolled
from tests.integration.marts_world import World, marts_world


def test_foreign_flows_convert_at_their_own_day_and_never_at_one(marts_world: World) -> None:
    """USD and GBP into an EUR vehicle: the GBP flow falls on a Saturday and takes Friday's fixing."""
    rates = marts_world.rows["platform"]["fx_rates"]

    def euro(currency: str, day: date) -> Decimal:
        known = [r for r in rates if r["quote_currency_code"] == currency and r["on_date"] <= day]
        return Decimal(1) / max(known, key=lambda r: r["on_date"])["rate"]

    (row,) = marts_world.select(
        "select * from marts.fct_investor_performance where tenant_id = %s and vehicle_id = 'mixed' and is_latest",
        marts_world.tenants["birch"].tenant_id,
    )
    assert row["currency_code"] == "EUR" and row["fx_status"] == "ok"
    assert float(row["contributed_amount"]) == pytest.approx(
        float(770 * euro("USD", date(2021, 1, 4))), rel=1e-12
    )
    assert float(row["distributed_amount"]) == pytest.approx(
        float(168 * euro("GBP", date(2021, 9, 17))), rel=1e-12
    )
    assert float(row["nav_amount"]) == pytest.approx(float(630 * euro("USD", date(2021, 9, 30))), rel=1e-12)
    assert float(row["commitment_amount"]) == pytest.approx(
        float(4900 * euro("USD", date(2021, 1, 4))), rel=1e-12
    )


def test_a_missing_rate_leaves_the_number_unknown_and_names_pair_and_day(marts_world: World) -> None:
    tenant = marts_world.tenants["alder"].tenant_id
    (row,) = marts_world.select(
        "select * from marts.fct_investor_performance where tenant_id = %s and vehicle_id = 'rateless' and is_latest",
        tenant,
    )
    assert row["fx_status"] == "missing_rate"
    assert row["fx_reason"] == "No rate from CHF to USD on 2021-01-04 or within 5 business days before it"
    assert (
        row["contributed_amount"] is None
        and row["dpi"] is None
        and row["irr"] is None
        and row["tvpi"] is None
    )
    assert row["distributed_amount"] == 100
    (portfolio,) = marts_world.select(
        "select * from marts.rpt_investor_portfolio where tenant_id = %s and investor_id = 'ann' and is_latest",
        tenant,
    )
    assert portfolio["fx_status"] == "missing_rate"
    assert "CHF to USD" in portfolio["fx_reason"]
    assert portfolio["contributed_amount"] is None and portfolio["irr"] is None
    (in_euros,) = marts_world.select(
        "select * from marts.rpt_portfolio_in_currency where tenant_id = %s and investor_id = 'ann' and is_latest and currency_code = 'EUR'",
        tenant,
    )
    assert in_euros["fx_status"] == "missing_rate" and "CHF to" in in_euros["fx_reason"]
    assert in_euros["contributed_amount"] is None and in_euros["irr"] is None


@pytest.mark.parametrize(
    ("mart", "currency"),
    [
        ("rpt_investor_portfolio", "EUR"),
        ("rpt_portfolio_in_currency", "EUR"),
        ("rpt_portfolio_in_currency", "USD"),
        ("rpt_portfolio_in_currency", "GBP"),
    ],
)
def test_a_portfolio_is_the_sum_of_its_vehicles_in_the_currency_asked_for(
    marts_world: World, mart: str, currency: str
) -> None:
    """bob has positions in two USD vehicles and asks for GBP; birch reports in EUR. Rates of return by pyxirr."""
    rows, rates = marts_world.rows["birch"], marts_world.rows["platform"]["fx_rates"]

    def dollar(day: date) -> Decimal:
        if currency == "USD":
            return Decimal(1)
        return (Decimal(1) if currency == "EUR" else a_euro(currency, day)) / a_euro("USD", day)

    def a_euro(code: str, day: date) -> Decimal:
        known = [r for r in rates if r["quote_currency_code"] == code and r["on_date"] <= day]
        rate: Decimal = max(known, key=lambda r: r["on_date"])["rate"]
        return rate

    found = marts_world.select(
        f"select * from marts.{mart} where tenant_id = %s and investor_id = 'bob' and currency_code = %s order by as_of",
        marts_world.tenants["birch"].tenant_id,
        currency,
    )
    # shared ends 2020-12-31; steady goes on, so the newest row holds both
    assert [row["is_latest"] for row in found] == [False] * (len(found) - 1) + [True]
    row = found[-1]
    flows = [r for v in ("steady", "shared") for r in flows_of(rows, v, "bob")]
    paid = sum(r["amount"] * dollar(r["effective_on"]) for r in flows if r["kind"] == "contribution")
    got = sum(r["amount"] * dollar(r["effective_on"]) for r in flows if r["kind"] == "distribution")
    value = sum(
        (rolled(rows, v, "bob", row["as_of"])[0] or Decimal(0)) for v in ("steady", "shared")
    ) * dollar(row["as_of"])
    assert row["vehicles"] == 2 and row["currency_code"] == currency
    assert float(row["contributed_amount"]) == pytest.approx(float(paid), rel=1e-12)
    assert float(row["distributed_amount"]) == pytest.approx(float(got), rel=1e-12)
    assert float(row["nav_amount"]) == pytest.approx(float(value), rel=1e-12)
    days = [r["effective_on"] for r in flows] + [row["as_of"]]
    amounts = [
        float(r["amount"] * dollar(r["effective_on"])) * (-1 if r["kind"] == "contribution" else 1)
        for r in flows
    ] + [float(value)]
    assert row["irr"] == pytest.approx(pyxirr.xirr(days, amounts), abs=1e-9)
