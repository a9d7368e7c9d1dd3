"""The Takahashi-Alexander projection against its published table, and what a fund under way changes."""

import datetime as dt
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from tests.conftest import Cluster
from tests.integration.finance_connection import Finance, finance_database

EXAMPLES = {
    example["id"]: example
    for example in json.loads(
        (Path(__file__).parents[1] / "data" / "finance" / "pacing_examples.json").read_text(encoding="utf-8")
    )
}
BASE = "100, array[0.25, 0.333, 0.5], 12, 2.5, 0.13, 0"


@pytest.fixture(scope="module")
def finance(cluster: Cluster) -> Iterator[Finance]:
    with finance_database(cluster) as database:
        yield Finance.of(database)


def projected(finance: Finance, arguments: str) -> list[dict[str, Any]]:
    with finance.connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(f"select * from finance.takahashi_alexander({arguments})").fetchall()


def test_the_projection_meets_the_published_table(finance: Finance) -> None:
    table = EXAMPLES["pacing-ta-table"]
    rows = projected(finance, BASE)
    assert [row["year"] for row in rows] == list(range(1, 13))
    for column, letters in (("contribution", "C"), ("distribution", "D"), ("nav", "NAV")):
        found = [float(row[column]) for row in rows]
        assert found == pytest.approx(table["recomputed"][letters], rel=1e-10, abs=1e-12)
        # the source adds up rounded columns: 52.91 for 52.9046
        assert found == pytest.approx(table["published"][letters], abs=0.0101)


def test_the_projection_has_the_published_totals_and_its_growth_as_its_rate(finance: Finance) -> None:
    found = finance.one(
        f"""
        select
            sum(contribution) as paid_in, sum(distribution) as distributed,
            finance.xirr(
                distribution - contribution + case when year = 12 then nav else 0 end,
                date '2000-01-01' + 365 * year
            ) as irr
        from finance.takahashi_alexander({BASE})
        """
    )
    published = EXAMPLES["pacing-ta-metrics"]["published"]
    assert round(found["paid_in"], 2) == Decimal(str(published["paid_in"]))
    assert round(found["distributed"], 2) == Decimal(str(published["distributed"]))
    assert round(found["distributed"] / found["paid_in"], 2) == Decimal(str(published["dpi"]))
    assert found["irr"] == pytest.approx(published["irr"], abs=1e-10)


def test_unfunded_in_the_steady_state_is_275_at_the_start_of_a_year_and_175_at_its_end(
    finance: Finance,
) -> None:
    """pacing-ta-steady prints 1.75 for what it defines as the start of the year."""
    example = EXAMPLES["pacing-ta-steady"]
    found = finance.one(
        f"""
        select
            sum(nav) / 100 as nav,
            sum(unfunded + contribution) / 100 as at_start,
            sum(unfunded) / 100 as at_end
        from finance.takahashi_alexander({BASE})
        """
    )
    recomputed = example["recomputed"]
    assert float(found["nav"]) == pytest.approx(recomputed["nav_multiplier"], abs=1e-10)
    assert example["inputs"]["target_nav"] / float(found["nav"]) == pytest.approx(
        recomputed["annual_commitment"]
    )
    assert not example["agrees"]
    assert float(found["at_start"]) == pytest.approx(recomputed["unfunded_multiplier"], abs=1e-10)
    assert round(found["at_end"], 2) == Decimal(str(example["published"]["unfunded_multiplier"]))


def test_the_j_curve_of_the_projection_has_its_trough_in_year_four_and_breaks_even_in_year_eight(
    finance: Finance,
) -> None:
    expected = EXAMPLES["jcurve-ta"]["recomputed"]
    found = finance.one(
        "select (finance.j_curve(distribution - contribution, make_date(2000 + year, 12, 31))).*"
        f" from finance.takahashi_alexander({BASE})"
    )
    assert float(found["trough_amount"]) == pytest.approx(expected["max_cumulative_net_outflow"], abs=1e-9)
    assert found["trough_on"] == dt.date(2000 + expected["year"], 12, 31)
    assert found["break_even_on"] == dt.date(2000 + expected["cash_breakeven_year"], 12, 31)
    rows = projected(finance, BASE)
    assert min(row["cumulative_net"] for row in rows) == found["trough_amount"]
    assert next(row["year"] for row in rows if row["cumulative_net"] >= 0) == expected["cash_breakeven_year"]


def test_the_rate_of_a_projection_is_its_growth_whatever_the_parameters(finance: Finance) -> None:
    """By construction: what is left at the end is worth what the growth made of it (METRICS section 7)."""
    found = finance.one(
        """
        select count(*) as projections, max(abs(p.irr - p.growth)) as apart, min(p.paid_in) as least_paid_in
        from (
            select
                g.growth,
                sum(t.contribution) as paid_in,
                finance.irr(
                    t.distribution - t.contribution + case when t.year = life then t.nav else 0 end, t.year
                ) as irr
            from unnest(array[-0.05, 0.03, 0.13, 0.3]) as g (growth)
            cross join unnest(array[0.5, 1, 2.5, 6]) as bow
            cross join unnest(array[0, 0.08]) as yield_rate
            cross join unnest(array[5, 12, 20]) as life
            cross join lateral finance.takahashi_alexander(
                100, array[0.25, 0.333, 0.5], life, bow, g.growth, yield_rate
            ) as t
            group by g.growth, bow, yield_rate, life
        ) as p
        """
    )
    assert (found["projections"], found["least_paid_in"] > 90) == (96, True)
    assert found["apart"] < 1e-9


def test_each_year_rolls_forward_from_the_one_before(finance: Finance) -> None:
    nav, unfunded = Decimal(0), Decimal(250)
    for row in projected(finance, "250, array[0.3, 0.4, 0.2], 10, 1.7, 0.085, 0.03"):
        grown = nav * Decimal("1.085")
        share = max(Decimal("0.03"), (Decimal(row["year"]) / 10) ** Decimal("1.7"))
        rate = [Decimal("0.3"), Decimal("0.4"), Decimal("0.2")][min(row["year"], 3) - 1]
        assert row["contribution"] == pytest.approx(unfunded * rate, abs=Decimal("1e-12"))
        assert row["distribution"] == pytest.approx(share * grown, abs=Decimal("1e-12"))
        held = grown + row["contribution"] - row["distribution"]
        assert row["nav"] == pytest.approx(held, abs=Decimal("1e-12"))
        assert row["unfunded"] == unfunded - row["contribution"]
        nav, unfunded = row["nav"], row["unfunded"]


def test_a_projection_taken_up_in_any_year_goes_on_as_the_whole_one(finance: Finance) -> None:
    whole = projected(finance, BASE)
    for passed in (1, 4, 11):
        before = whole[passed - 1]
        rest = projected(finance, f"{BASE}, {passed}, {before['unfunded']}, {before['nav']}")
        for name in ("year", "contribution", "distribution", "nav", "unfunded"):
            assert [row[name] for row in rest] == [row[name] for row in whole[passed:]]
        assert rest[-1]["cumulative_net"] == whole[-1]["cumulative_net"] - before["cumulative_net"]


def test_a_fund_past_its_life_pays_out_everything_in_one_year(finance: Finance) -> None:
    (row,) = projected(finance, f"{BASE}, 15, 0, 40")
    assert (row["year"], row["distribution"], row["nav"]) == (16, Decimal("45.2"), 0)


def test_unknown_arguments_project_nothing_and_impossible_ones_are_refused(finance: Finance) -> None:
    assert projected(finance, "null, array[0.25], 12, 2.5, 0.13, 0") == []
    for arguments in (
        "-1, array[0.25], 12, 2.5, 0.13, 0",
        "100, array[0.25], 0, 2.5, 0.13, 0",
        "100, array[0.25], 12, 0, 0.13, 0",
        "100, array[0.25], 12, 2.5, -1, 0",
        "100, array[0.25], 12, 2.5, 0.13, 1.5",
        "100, array[25], 12, 2.5, 0.13, 0",
        "100, '{}', 12, 2.5, 0.13, 0",
    ):
        with pytest.raises(psycopg.errors.InvalidParameterValue, match="cannot"):
            projected(finance, arguments)
