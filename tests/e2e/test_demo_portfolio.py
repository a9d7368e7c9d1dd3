"""The demo's managers from their files to the marts, compared with a second computation from the facts."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pyxirr
from psycopg.rows import dict_row

from capstan.demo.facts import Transaction, VehicleTerms
from capstan.demo.portfolio_truth import Levels, PortfolioTruth, Series, index_accounts
from capstan.demo.truth import Rates
from capstan.demo.world import demo_world
from ingestion.loading import ingest
from orchestration.lib import dbt_runner
from tests.conftest import Cluster, clone
from warehouse import roles
from warehouse.database import Database
from warehouse.tenants import add_tenant, get_tenant

WORLDS = {world.slug: world for world in demo_world()}
MANAGERS = ("aldersyde", "quillmark")
BOTH = pytest.mark.parametrize("slug", MANAGERS)
STANDINGS = ("fct_investor_performance", "fct_vehicle_performance")


@dataclass(frozen=True)
class Books:
    """The refreshed warehouse of both managers."""

    database: Database

    def rows(self, mart: str, slug: str) -> list[dict[str, Any]]:
        """All rows of a manager in a mart."""
        tenant_id = get_tenant(self.database, slug).tenant_id
        with self.database.connect(roles.ADMIN) as connection:
            cursor = connection.cursor(row_factory=dict_row)
            return cursor.execute(f"select * from marts.{mart} where tenant_id = %s", (tenant_id,)).fetchall()


@pytest.fixture(scope="module")
def books(cluster: Cluster) -> Iterator[Books]:
    """Files of both managers and the platform, loaded and computed; no people, no mail."""
    with (
        tempfile.TemporaryDirectory(prefix="capstan-books-") as folder,
        clone(cluster, Path(folder) / "home", deployed=True) as database,
    ):
        Path(folder).chmod(0o755)
        for slug in MANAGERS:
            world = WORLDS[slug]
            add_tenant(database, slug, name=world.name, kind=world.kind, currency_code=world.currency_code)
        for slug in ("platform", *MANAGERS):
            for file in WORLDS[slug].files:
                path = file.write(Path(folder) / slug)
                ingest(database, slug, "capstan", [path], stream=file.stream)
        dbt_runner.refresh(database, MANAGERS)
        yield Books(database)


def solved(series: Series) -> float | None:
    """The rate of return of a series by an independent solver."""
    found = pyxirr.xirr([day for day, _ in series], [float(amount) for _, amount in series])
    return None if found is None else float(found)


def nearest(value: Fraction | None) -> float | None:
    """A true ratio as the double that marts must hold."""
    return None if value is None else float(value)


@BOTH
@pytest.mark.parametrize("mart", STANDINGS)
def test_both_conventions_and_the_exposure_follow_from_the_truth(books: Books, slug: str, mart: str) -> None:
    truth = PortfolioTruth(WORLDS[slug]).truth
    rows = books.rows(mart, slug)
    assert len(rows) > 25
    for row in rows:
        own = truth.performance(row["vehicle_id"], row.get("investor_id"), row["as_of"])
        base = Fraction(own.contributed_amount - own.recallable_amount)
        paid_out = Fraction(own.distributed_amount - own.recallable_amount)
        assert row["dpi_netted"] == nearest(paid_out / base)
        if own.nav_amount is None:
            assert (row["tvpi_netted"], row["total_exposure_amount"]) == (None, None)
        else:
            assert row["tvpi_netted"] == nearest((paid_out + Fraction(own.nav_amount)) / base)
            assert row["total_exposure_amount"] == own.nav_amount + own.unfunded_amount


@BOTH
@pytest.mark.parametrize("mart", STANDINGS)
def test_returns_without_the_line_are_those_of_calls_on_the_day_of_the_draw(
    books: Books, slug: str, mart: str
) -> None:
    truth = PortfolioTruth(WORLDS[slug])
    found = 0
    for row in books.rows(mart, slug):
        who, day = row.get("investor_id"), row["as_of"]
        without = truth.without_facility(row["vehicle_id"], who, day)
        assert row["has_facility"] == (without is not None)
        if without is None or row["nav_amount"] is None:
            assert row["irr_without_facility"] is None
            continue
        found += 1
        nav = row["nav_amount"]
        series = (*without.cash_flows, (day, nav))
        assert row["irr_without_facility"] == pytest.approx(solved(series), abs=1e-9)
        total = Fraction(row["distributed_amount"] + nav)
        assert row["tvpi_without_facility"] == nearest(total / Fraction(without.contributed_amount))
        assert row["tvpi_without_facility"] > row["tvpi"]
    assert (found > 10) == (slug == "aldersyde")


@BOTH
def test_every_index_account_agrees_with_an_independent_solver(books: Books, slug: str) -> None:
    truth, levels = PortfolioTruth(WORLDS[slug]), Levels(WORLDS["platform"])
    solved_rates = dict.fromkeys(("ln_pme", "pme_plus", "mpme"), 0)
    rows = [
        row
        for mart in ("fct_investor_benchmarks", "fct_vehicle_benchmarks")
        for row in books.rows(mart, slug)
    ]
    quarters = [row for row in rows if row["as_of"].month in (3, 9)]
    for row in quarters:
        fund, who, day = row["vehicle_id"], row.get("investor_id"), row["as_of"]
        own = truth.truth.performance(fund, who, day)
        code = row["benchmark_code"]
        if code is None or own.nav_amount is None:
            expected = "no_benchmark" if code is None else "missing_nav"
            assert {row[f"{name}_status"] for name in ("pme", *solved_rates)} == {expected}
            continue
        accounts = index_accounts(
            own.cash_flows, day, own.nav_amount,
            partial(levels.level, code), partial(truth.value_after, fund, who),
        )  # fmt: skip
        for name in solved_rates:
            series = getattr(accounts, name)
            if row[f"{name}_status"] == "ok":
                assert isinstance(series, tuple)
                assert row[name] == pytest.approx(solved(series), abs=1e-9)
                assert row[f"{name}_spread"] == pytest.approx(row["irr"] - row[name], abs=1e-12)
                solved_rates[name] += 1
            else:
                assert row[name] is None
                assert series is None or row[f"{name}_status"] == "no_distributions"
        scale = accounts.pme_plus_scale
        assert row["pme_plus_scale"] == (None if scale is None else pytest.approx(float(scale), rel=1e-9))
    assert all(count > 20 for count in solved_rates.values()), solved_rates


@BOTH
def test_pools_are_the_sum_of_their_funds_in_their_own_currency(books: Books, slug: str) -> None:
    truth, rates = PortfolioTruth(WORLDS[slug]), Rates(WORLDS["platform"])
    rows = [row for row in books.rows("fct_pooled_performance", slug) if row["pool_by"] != "sector"]
    assert {row["pool_by"] for row in rows} == {"all", "vintage", "strategy", "currency", "peers"}
    seen = 0
    for row in rows:
        if row["as_of"].month != 9 and not row["is_latest"]:
            continue
        members = [
            item.vehicle_id
            for item in truth.vehicles
            if row["pool_value"]
            in {
                "all": (None,),
                "vintage": (str(item.vintage_year),),
                "strategy": (item.strategy,),
                "currency": (item.currency_code,),
                "peers": (f"{item.vintage_year} / {item.strategy} / {item.currency_code}",),
            }[row["pool_by"]]
        ]
        whole = truth.pool(members, row["currency_code"], row["as_of"], rates)
        assert float(row["contributed_amount"]) == pytest.approx(float(whole.contributed_amount), rel=1e-12)
        assert float(row["distributed_amount"]) == pytest.approx(float(whole.distributed_amount), rel=1e-12)
        if whole.nav_amount is None:
            assert (row["nav_amount"], row["irr"], row["tvpi"]) == (None, None, None)
            continue
        assert float(row["nav_amount"]) == pytest.approx(float(whole.nav_amount), rel=1e-12)
        assert row["tvpi"] == pytest.approx(nearest(whole.multiple), rel=1e-12)
        series = (*whole.cash_flows, (row["as_of"], whole.nav_amount))
        assert row["irr"] == pytest.approx(solved(series), abs=1e-9)
        seen += 1
    assert seen > 15


@BOTH
def test_holdings_losses_and_weights_are_the_truth_at_every_date(books: Books, slug: str) -> None:
    truth = PortfolioTruth(WORLDS[slug])
    holdings = books.rows("fct_holding_performance", slug)
    assert len(holdings) > 50
    for row in (row for row in holdings if row["flows"]):
        own = truth.holding(row["holding_id"], row["as_of"])
        assert (row["invested_amount"], row["proceeds_amount"], row["nav_amount"]) == (
            own.contributed_amount, own.distributed_amount, own.nav_amount,
        )  # fmt: skip
        assert row["moic"] == nearest(own.multiple)
        if row["irr_status"] == "ok":
            series = (*own.cash_flows, (row["as_of"], own.nav_amount or Decimal(0)))
            assert row["irr"] == pytest.approx(solved(series), abs=1e-9)
    for row in books.rows("rpt_concentration", slug):
        whole = truth.concentration(row["vehicle_id"], row["as_of"])
        assert row["holdings"] == whole.holdings
        for name in (
            "loss_ratio_cost", "loss_ratio_loss", "loss_ratio_count", "top_1_share", "top_5_share", "hhi",
        ):  # fmt: skip
            assert row[name] == nearest(getattr(whole, name)), (name, row["vehicle_id"], row["as_of"])


@BOTH
def test_the_curve_of_every_fund_is_the_running_sum_of_its_cash(books: Books, slug: str) -> None:
    truth = PortfolioTruth(WORLDS[slug])
    rows = books.rows("fct_j_curve", slug)
    assert len(rows) > 25
    names = ("net_cash_amount", "trough_amount", "trough_on", "break_even_on")
    for row in rows:
        curve = truth.curve(row["vehicle_id"], row["as_of"])
        assert [row[name] for name in names] == [getattr(curve, name) for name in names]
    assert all(isinstance(row["trough_on"], date) for row in rows)


@BOTH
def test_sectors_add_up_to_all_holdings(books: Books, slug: str) -> None:
    rows = books.rows("fct_pooled_performance", slug)
    whole = {row["as_of"]: row for row in rows if row["pool_by"] == "all"}
    latest = max(day for day, row in whole.items() if row["is_quarter_end"])
    sectors = [row for row in rows if row["pool_by"] == "sector" and row["as_of"] == latest]
    assert len(sectors) > 2
    for name in ("holdings", "invested_amount", "proceeds_amount"):
        total = sum(row[name] for row in sectors)
        assert float(total) == pytest.approx(float(whole[latest][name]), rel=1e-12)


@BOTH
def test_fees_accrue_as_they_are_charged_and_carry_is_the_agreed_share_of_the_profit(
    books: Books, slug: str
) -> None:
    """The agreements: a fee on commitments, a preferred return, full catch-up, a share of the profit."""
    facts = WORLDS[slug].facts
    terms = {fact.vehicle_id: fact for fact in facts if isinstance(fact, VehicleTerms)}
    charges = [fact for fact in facts if isinstance(fact, Transaction) and fact.kind == "fee"]
    truth = PortfolioTruth(WORLDS[slug]).truth
    rows = sorted(books.rows("rpt_fee_accruals", slug), key=lambda row: row["as_of"])
    assert {row["vehicle_id"] for row in rows} == terms.keys() == {"fund-1", "fund-2"}
    full = 0
    for row in rows:
        vehicle, as_of = row["vehicle_id"], row["as_of"]
        share, hurdle = Decimal(terms[vehicle].carry_rate or 0), float(terms[vehicle].hurdle_rate or 0)
        charged = sum(
            fact.amount.value for fact in charges if fact.vehicle_id == vehicle and fact.effective_on <= as_of
        )
        assert row["management_fee_charged_amount"] == Decimal(charged) / 100
        own = truth.performance(vehicle, None, as_of)
        if row["is_quarter_end"]:
            rate = Decimal(terms[vehicle].management_fee_rate or 0)
            assert row["management_fee_amount"] == own.commitment_amount * rate / 4
            assert row["management_fee_accrued_amount"] == row["management_fee_charged_amount"]
        if own.nav_amount is None:
            assert row["carry_status"] == "missing_nav"
            continue
        profit = own.distributed_amount + own.nav_amount - own.contributed_amount
        carry = row["carry_distributed_amount"] + row["carry_accrued_amount"]
        left = solved((*own.cash_flows, (as_of, own.nav_amount - max(profit, Decimal(0)) * share)))
        if left is not None and left > hurdle:
            assert abs(carry - profit * share) <= Decimal("0.02")
            full += 1
        elif (solved((*own.cash_flows, (as_of, own.nav_amount))) or 0) < hurdle:
            assert carry <= Decimal("0.02")
    assert full + sum(row["carry_accrued_amount"] == 0 for row in rows) > 5
