# ruff: noqa: E501 - rows of data read as lines
"""Capital accounts, the value bridge and constant currency on one fund told in two files, against sums made here by hand."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
import pyxirr

from orchestration.lib import dbt_runner
from tests.conftest import Cluster, clone
from tests.integration.books_of_cedar import FIRST_FILE, SECOND_FILE, euro_in_dollars, in_euros
from tests.integration.marts_world import World, flow, nav, platform_rows
from tests.integration.raw_rows import load
from warehouse.sessions import Sessions, viewer_for
from warehouse.tenants import add_tenant
from warehouse.users import add_user

CENT = Decimal("0.01")
YEAR_END, MARCH, JUNE = date(2020, 12, 31), date(2021, 3, 31), date(2021, 6, 30)


@pytest.fixture(scope="module")
def books(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A manager who reports in euros, with a fund in dollars; at year end ann's value is not there yet and bob's is wrong."""
    with clone(cluster, tmp_path_factory.mktemp("books") / "home", deployed=True) as database:
        tenants = {"cedar": add_tenant(database, "cedar", name="Cedar", kind="manager", currency_code="EUR")}
        load(database, 0, platform_rows())
        for streams in (FIRST_FILE, SECOND_FILE):
            load(database, tenants["cedar"].tenant_id, streams)
            dbt_runner.refresh(database)
        yield World(database, tenants, {"cedar": FIRST_FILE})


def by_quarter(books: World, mart: str, where: str) -> dict[date, dict[str, Any]]:
    return {row["quarter"]: row for row in books.select(f"select * from marts.{mart} where {where}")}


def parts(row: dict[str, Any]) -> Decimal:
    total: Decimal = (
        row["late_corrections_amount"] + row["method_amount"] + row["contributions_amount"] - row["distributions_amount"]
        - row["fees_amount"] + row["fx_amount"] + row["gain_amount"]
    )  # fmt: skip
    return total


def test_quarter_year_and_inception_land_on_the_same_closing(books: World) -> None:
    account = by_quarter(books, "fct_capital_account", "vehicle_id = 'fund' and investor_id = 'bob'")
    first, unvalued, valued = sorted(account)[:3]
    assert account[first]["opening_amount"] == 0 and account[unvalued]["ytd_gain_amount"] is None
    assert account[valued]["gain_amount"] is None, "its opening is not known"
    assert account[valued]["ytd_gain_amount"] == 155 - Decimal("150.55") + Decimal("3.05"), "the year's is"
    for quarter in sorted(account)[3:]:
        row = account[quarter]
        for period in ("", "ytd_", "itd_"):
            opening, paid, received, fees, gain = (
                row[f"{period}{part}_amount"]
                for part in ("opening", "contributions", "distributions", "fees", "gain")
            )
            assert opening + paid - received - fees + gain == row["closing_amount"]
        assert row["itd_opening_amount"] == 0
    june = account[JUNE]
    assert june["ytd_opening_amount"] == account[YEAR_END]["closing_amount"] == 158
    assert (june["ytd_contributions_amount"], june["ytd_fees_amount"]) == (20, Decimal("1.10"))
    assert june["ytd_gain_amount"] == 201 - 158 - 20 + Decimal("1.10")
    assert june["itd_gain_amount"] == 201 - Decimal("150.55") - 20 + Decimal("3.05") + Decimal("1.10")
    assert account[MARCH]["ytd_gain_amount"] == account[MARCH]["gain_amount"]
    for before, after in pairwise(sorted(account)):
        assert account[after]["opening_amount"] == account[before]["closing_amount"]


def test_a_general_partner_with_a_value_and_no_flow_has_an_account(books: World) -> None:
    account = by_quarter(books, "fct_capital_account", "vehicle_id = 'fund' and investor_id = 'gus'")
    assert {quarter: row["closing_amount"] for quarter, row in account.items()} == {
        YEAR_END: 9,
        MARCH: 11,
        JUNE: 12,
    }
    assert all(
        row["is_general_partner"] and row["itd_gain_amount"] == row["closing_amount"]
        for row in account.values()
    )
    assert account[MARCH]["ytd_opening_amount"] == 9 and account[MARCH]["gain_amount"] == 2


def test_the_total_is_the_limited_partners_and_the_general_partner(books: World) -> None:
    rows = {
        row["party"]: row
        for row in books.select(
            "select * from marts.fct_vehicle_capital_account where vehicle_id = 'fund' and quarter = %s",
            MARCH,
        )
    }
    assert {party: (row["accounts"], row["closing_amount"]) for party, row in rows.items()} == {
        "lps": (2, 515 + 190), "gp": (1, 11), "total": (3, 716),
    }  # fmt: skip
    money = [name for name in rows["total"] if name.endswith("_amount")]
    assert len(money) == 16
    for name in money:
        assert rows["lps"][name] + rows["gp"][name] == rows["total"][name], name
    vehicle = books.select(
        "select nav_amount from marts.fct_vehicle_performance where vehicle_id = 'fund' and as_of = %s", MARCH
    )
    assert rows["total"]["closing_amount"] == vehicle[0]["nav_amount"]


def test_late_corrections_and_changes_of_method_are_told_apart_from_the_quarters_gain(books: World) -> None:
    """At year end ann stood rolled at 520 and then reported at 530; bob was reported at 160, corrected to 158."""
    ann = by_quarter(
        books, "rpt_value_bridge", "vehicle_id = 'fund' and investor_id = 'ann' and currency_code = 'USD'"
    )[MARCH]
    assert (ann["opening_amount"], ann["opening_nav_status"], ann["closing_nav_status"]) == (
        520,
        "rolled",
        "reported",
    )
    assert (ann["method_amount"], ann["late_corrections_amount"], ann["distributions_amount"]) == (
        10,
        0,
        Decimal("33.33"),
    )
    assert ann["gain_amount"] == 515 - 530 + Decimal("33.33")
    bob = by_quarter(
        books, "rpt_value_bridge", "vehicle_id = 'fund' and investor_id = 'bob' and currency_code = 'USD'"
    )[MARCH]
    assert (bob["opening_amount"], bob["method_amount"], bob["late_corrections_amount"]) == (160, 0, -2)
    assert (bob["contributions_amount"], bob["fees_amount"], bob["closing_amount"]) == (
        20,
        Decimal("1.10"),
        190,
    )
    assert bob["gain_amount"] == 190 - 158 - 20 + Decimal("1.10")
    fund = by_quarter(
        books, "rpt_value_bridge", "vehicle_id = 'fund' and investor_id is null and currency_code = 'USD'"
    )[MARCH]
    assert (fund["opening_amount"], fund["closing_amount"]) == (520 + 160 + 9, 716)
    assert fund["method_amount"] + fund["late_corrections_amount"] == 8
    for row in (ann, bob, fund):
        assert row["fx_amount"] == 0 and parts(row) == row["closing_amount"] - row["opening_amount"]


def test_the_parts_in_euros_sum_to_the_change_and_exchange_rates_are_a_part(books: World) -> None:
    rows = books.select(
        "select * from marts.rpt_value_bridge where vehicle_id = 'fund' and currency_code = 'EUR'"
    )
    assert {row["currency_basis"] for row in rows} == {"tenant"} and len(rows) >= 12
    known = [row for row in rows if row["closing_amount"] is not None and row["opening_amount"] is not None]
    for row in known:
        assert parts(row) == row["closing_amount"] - row["opening_amount"]
    bob = next(row for row in known if row["investor_id"] == "bob" and row["quarter"] == MARCH)
    gain = in_euros(190 - 158 - 20 + Decimal("1.10"), MARCH)
    rates = in_euros(158, MARCH) - in_euros(158, YEAR_END)
    rates += in_euros(20, MARCH) - in_euros(20, date(2021, 3, 1))
    rates -= in_euros("1.10", MARCH) - in_euros("1.10", date(2021, 3, 2))
    assert abs(bob["gain_amount"] - gain) < CENT / 10**6
    assert abs(bob["fx_amount"] - rates) < CENT / 10**6 and abs(bob["fx_amount"]) > CENT
    assert abs(bob["late_corrections_amount"] - in_euros(-2, YEAR_END)) < CENT / 10**6


@pytest.mark.parametrize("party", ["investor_id = 'dan'", "investor_id is null"])
def test_a_value_in_a_third_currency_gains_in_that_currency_and_the_rest_is_exchange_rates(
    books: World, party: str
) -> None:
    """100 EUR of a dollar vehicle are 118 EUR a quarter later; 11 USD were paid in between."""
    row = by_quarter(
        books, "rpt_value_bridge", f"vehicle_id = 'abroad' and {party} and currency_basis = 'vehicle'"
    )[MARCH]
    opening_rate, paid_rate, rate = (euro_in_dollars(day) for day in (YEAR_END, date(2021, 2, 10), MARCH))
    assert (row["opening_amount"], row["closing_amount"]) == (100 * opening_rate, 118 * rate)
    gain = (18 - 11 / paid_rate) * rate
    assert abs(row["gain_amount"] - gain) < CENT / 10**6
    assert abs(row["fx_amount"] - (100 * (rate - opening_rate) + 11 / paid_rate * rate - 11)) < CENT / 10**6
    assert abs(row["fx_amount"]) > CENT
    assert parts(row) == row["closing_amount"] - row["opening_amount"]
    told = by_quarter(
        books, "rpt_value_bridge", f"vehicle_id = 'abroad' and {party} and currency_basis = 'tenant'"
    )[MARCH]
    assert abs(told["gain_amount"] - gain / rate) < CENT / 10**6 and abs(told["fx_amount"]) < CENT / 10**6
    assert parts(told) == told["closing_amount"] - told["opening_amount"]


def test_the_bridge_between_two_dates_chains_the_quarters(books: World) -> None:
    """The statement of docs/metrics/two_dates.md: revisions count where the chain begins, flows and gains in every quarter."""
    row = books.select(
        """
        select (array_agg(opening_amount order by quarter))[1] as opening_amount,
               (array_agg(late_corrections_amount order by quarter))[1] as late_corrections_amount,
               (array_agg(method_amount order by quarter))[1] as method_amount,
               sum(contributions_amount) as contributions_amount, sum(distributions_amount) as distributions_amount,
               sum(fees_amount) as fees_amount, sum(fx_amount) as fx_amount, sum(gain_amount) as gain_amount,
               (array_agg(closing_amount order by quarter desc))[1] as closing_amount
          from marts.rpt_value_bridge
         where vehicle_id = 'fund' and investor_id = 'bob' and currency_code = 'EUR'
           and opening_on >= '2020-12-31' and closing_on <= '2021-06-30'
        """
    )[0]
    assert abs(row["closing_amount"] - in_euros(201, JUNE)) < CENT / 10**6
    assert abs(row["opening_amount"] - in_euros(160, YEAR_END)) < CENT / 10**6
    assert parts(row) == row["closing_amount"] - row["opening_amount"]


def test_constant_currency_moves_every_amount_at_one_days_rate(books: World) -> None:
    rows = {
        row["as_of"]: row
        for row in books.select(
            "select * from marts.fct_constant_currency where vehicle_id = 'fund' and investor_id = 'ann'"
        )
    }
    assert {row["rate_on"] for row in rows.values()} == {JUNE} and {
        row["currency_code"] for row in rows.values()
    } == {"EUR"}
    dated = books.select(
        "select * from marts.fct_investor_performance where vehicle_id = 'fund' and investor_id = 'ann'"
    )
    for row in dated:
        same = rows[row["as_of"]]
        assert abs(same["contributed_amount"] - in_euros(row["contributed_amount"], JUNE)) < CENT / 10**6
        assert same["irr"] == row["irr"] and not same["has_foreign_amounts"]
        assert (
            row["nav_amount"] is None
            or abs(same["nav_amount"] - in_euros(row["nav_amount"], JUNE)) < CENT / 10**6
        )
        assert row["tvpi"] is None or same["tvpi"] == pytest.approx(row["tvpi"], rel=1e-12)


def test_flows_of_several_currencies_weigh_as_if_rates_had_stood_still(books: World) -> None:
    row = books.select(
        "select c.*, p.irr as dated_irr from marts.fct_constant_currency c join marts.fct_investor_performance p "
        "using (tenant_id, vehicle_id, investor_id, as_of) where c.vehicle_id = 'euro' and c.is_latest"
    )[0]
    paid, back = in_euros(110, JUNE) + 50, in_euros(44, JUNE)
    expected = pyxirr.xirr([date(2020, 3, 2), date(2021, 5, 3), JUNE], [-float(paid), float(back), 140.0])
    assert row["has_foreign_amounts"] and abs(row["contributed_amount"] - paid) < CENT / 10**6
    assert row["irr"] == pytest.approx(expected, abs=1e-9) and row["irr"] != pytest.approx(
        row["dated_irr"], abs=1e-6
    )


@pytest.mark.parametrize("party", ["investor_id = 'dan'", "investor_id is null"])
def test_a_value_in_a_third_currency_stays_what_was_told_in_constant_currency(
    books: World, party: str
) -> None:
    """118 EUR are 118 EUR to a tenant in euros, whatever its dollar vehicle made of them that day."""
    where = f"vehicle_id = 'abroad' and {party}"
    rows = books.select(f"select * from marts.fct_constant_currency where {where}")
    assert {row["as_of"]: row["nav_amount"] for row in rows} == {YEAR_END: 100, MARCH: 118}
    (row,) = (row for row in rows if row["as_of"] == MARCH)
    assert row["has_foreign_amounts"] and row["rate_on"] == JUNE
    days = [YEAR_END, date(2021, 2, 10), MARCH]
    expected = pyxirr.xirr(days, [-100.0, -float(in_euros(11, JUNE)), 118.0])
    assert row["irr"] == pytest.approx(expected, abs=1e-9)
    (told,) = books.select(
        "select * from marts.rpt_portfolio_constant_currency "
        "where investor_id = 'dan' and is_latest and currency_code = 'EUR'"
    )
    assert (told["nav_amount"], told["irr"]) == (118, row["irr"])


def test_a_portfolio_in_constant_currency_is_told_at_one_days_rate(books: World) -> None:
    """ann's dollars and euros at the rates of the latest day: the return is pyxirr's of flows so converted."""
    (row,) = books.select(
        "select * from marts.rpt_portfolio_constant_currency where investor_id = 'ann' and is_latest and is_in_tenant_currency"
    )
    (dated,) = books.select(
        "select * from marts.rpt_investor_portfolio where investor_id = 'ann' and is_latest"
    )
    given = FIRST_FILE["transactions"] + SECOND_FILE["transactions"]
    flows = [
        item
        for item in given
        if item["investor_id"] == "ann" and item["kind"] in ("contribution", "distribution")
    ]
    constant = [
        (
            item["effective_on"],
            item["amount"]
            if item.get("currency_code") == "EUR"
            else in_euros(item["amount"], row["rate_on"]),
            item["kind"],
        )
        for item in flows
    ]
    paid = sum(amount for _, amount, kind in constant if kind == "contribution")
    back = sum(amount for _, amount, kind in constant if kind == "distribution")
    held = in_euros(540, row["rate_on"]) + 140
    assert row["has_foreign_amounts"] and (row["rate_on"], row["as_of"]) == (JUNE, JUNE)
    for column, amount in (("contributed_amount", paid), ("distributed_amount", back), ("nav_amount", held)):
        assert abs(row[column] - amount) < CENT / 10**6
    assert row["tvpi"] == pytest.approx(float((back + held) / paid), rel=1e-12)
    days = [day for day, _, _ in constant] + [row["as_of"]]
    amounts = [float(amount) * (-1 if kind == "contribution" else 1) for _, amount, kind in constant] + [
        float(held)
    ]
    assert row["irr"] == pytest.approx(pyxirr.xirr(days, amounts), abs=1e-9) != dated["irr"]
    (dollars,) = books.select(
        "select * from marts.rpt_portfolio_constant_currency where investor_id = 'ann' and is_latest and currency_code = 'USD'"
    )
    assert not dollars["is_in_tenant_currency"] and dollars["irr"] == pytest.approx(row["irr"], abs=1e-9)
    for column in ("contributed_amount", "distributed_amount", "nav_amount"):
        assert abs(in_euros(dollars[column], row["rate_on"]) - row[column]) < CENT / 10**6
    (alone,) = books.select(
        "select * from marts.rpt_portfolio_in_currency where investor_id = 'gus' and is_latest and currency_code = 'EUR'"
    )
    assert (
        alone["nav_amount"]
        == books.select(
            "select nav_amount from marts.rpt_portfolio_constant_currency where investor_id = 'gus' and is_latest and is_in_tenant_currency"
        )[0]["nav_amount"]
    )


def test_an_lp_reads_his_own_account_bridge_and_constant_currency_only(books: World) -> None:
    add_user(
        books.database,
        "bob@cedar.example",
        tenant="cedar",
        role="lp",
        investor_ids=["bob"],
        password="not-a-secret-1",
    )
    with (
        Sessions(books.database) as sessions,
        sessions.read(viewer_for(books.database, "bob@cedar.example", "cedar")) as reader,
    ):
        for mart in ("fct_capital_account", "rpt_value_bridge", "fct_constant_currency"):
            assert {row["investor_id"] for row in reader.rows(f"select investor_id from {mart}")} == {
                "bob"
            }, mart


def test_a_missing_rate_is_visible_with_its_pair_and_day(books: World) -> None:
    cedar = books.tenants["cedar"].tenant_id
    load(books.database, cedar, {
        "vehicles": [{"vehicle_id": "franc", "currency_code": "CHF"}],
        "transactions": [flow(20, "franc", "ann", "contribution", 10, "2021-05-03", currency_code="CHF")],
        "valuations": [nav("franc", "ann", "2021-06-30", 11, currency_code="CHF")],
    })  # fmt: skip
    dbt_runner.refresh(books.database, ["cedar"])
    for mart in ("rpt_value_bridge where currency_code = 'EUR' and", "fct_constant_currency where"):
        row = books.select(f"select * from marts.{mart} vehicle_id = 'franc' and investor_id = 'ann'")[0]
        assert row["fx_status"] == "missing_rate" and "CHF to EUR on 2021-0" in row["fx_reason"]
        assert row["contributions_amount" if "bridge" in mart else "contributed_amount"] is None
    own = books.select(
        "select * from marts.rpt_value_bridge where vehicle_id = 'franc' and currency_code = 'CHF' and investor_id = 'ann'"
    )
    assert (own[0]["fx_status"], own[0]["gain_amount"]) == ("ok", 1)


def test_all_data_and_unit_tests_of_the_project_pass_on_these_books(books: World) -> None:
    results = [*dbt_runner.run_tests(books.database), *dbt_runner.run_unit_tests(books.database)]
    # checks of the ILPA templates warn of what these books do not tell them
    assert [(r.name, r.message) for r in results if r.status not in ("pass", "warn")] == []
