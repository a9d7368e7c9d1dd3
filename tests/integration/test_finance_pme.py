"""Public market equivalents: published answers, identities that define them, and what makes them unknown."""

import datetime as dt
import math
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.conftest import Cluster
from tests.integration.finance_connection import Finance, finance_database
from warehouse.roles import DBT_BUILDER

FIRST = dt.date(2001, 1, 1)


@pytest.fixture(scope="module")
def finance(cluster: Cluster) -> Iterator[Finance]:
    with finance_database(cluster) as database:
        yield Finance.of(database)


def periodic(
    contributions: list[float], distributions: list[float], index: list[float], nav: float
) -> list[tuple[Any, dt.date, float]]:
    """Gross flows 365 days apart and the value held at the end."""
    flows: list[tuple[Any, dt.date, float]] = []
    for k, (paid, received, level) in enumerate(zip(contributions, distributions, index, strict=True)):
        day = FIRST + dt.timedelta(days=365 * k)
        flows += [(-Decimal(str(paid)), day, level), (Decimal(str(received)), day, level)]
    last = FIRST + dt.timedelta(days=365 * (len(index) - 1))
    return [*flows, (Decimal(str(nav)), last, index[-1])]


EXAMPLES = {
    # id of METRICS section 6: flows, KS-PME, direct alpha as a rate (both recomputed)
    "pme-insead": (periodic([25, 0, 0], [0, 15, 0], [100, 115, 130], 20), 1.13712374582, 0.0875723808902),
    "pme-wiki-da": (
        periodic([100, 50, 0, 0, 0], [0, 0, 60, 10, 0], [100, 105, 115, 117, 120], 110),
        1.032303,
        0.0108984507612,
    ),
    "pme-edda-da": (
        periodic(
            [80, 140, 0, 90, 50, 0],
            [0, 0, 0, 160, 190, 85],
            [890.35, 1144.98, 1271.5, 1289.09, 1466.47, 1842.37],
            70,
        ),
        1.0689,
        0.0279358867359,
    ),
    "pme-dam-da": (
        periodic(
            [100, 0, 75, 0, 0, 0, 0, 0, 0, 0],
            [0, 0, 0, 0, 100, 0, 150, 0, 100, 0],
            [100, 77.9, 100.24, 111.15, 116.61, 135.03, 142.45, 89.75, 113.5, 130.59],
            75,
        ),
        None,
        0.125781122394,
    ),
    "pme-ovf-f7": (periodic([100, 0, 0], [0, 55, 0], [100, 110, 121], 60.5), 1.0, 0.0),
    "pme-ovf-f9": (periodic([100, 0, 0], [0, 150, 0], [100, 110, 121], 10), 1.44628099174, None),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_worked_example_is_met(finance: Finance, name: str) -> None:
    flows, ks, alpha = EXAMPLES[name]
    found = finance.pme(flows)
    assert found["pme_status"] == "ok"
    if ks is not None:
        assert found["ks_pme"] == pytest.approx(ks, rel=5e-5)
    if alpha is not None:
        assert found["direct_alpha_rate"] == pytest.approx(alpha, abs=1e-11)
    assert found["direct_alpha"] == pytest.approx(math.log1p(found["direct_alpha_rate"]), abs=1e-14)
    assert (found["ks"], found["alpha"]) == (found["ks_pme"], found["direct_alpha"])


def test_flows_of_a_day_are_not_netted_for_ks_pme_but_are_for_direct_alpha(finance: Finance) -> None:
    """pme-ggs-2014: 1.67 on gross flows, 1.925 on flows netted by year; direct alpha is the same."""
    contributions = [100, 0, 100, 0, 50, 0, 0, 0, 0, 0]
    distributions = [0, 0, 25, 0, 150, 0, 150, 0, 100, 0]
    index = [100, 78, 100, 111, 117, 135, 142, 90, 113, 131]
    days = [dt.date(2001 + k, 12, 31) for k in range(10)]
    gross: list[tuple[Any, dt.date, float]] = []
    net: list[tuple[Any, dt.date, float]] = []
    for paid, received, level, day in zip(contributions, distributions, index, days, strict=True):
        gross += [(-paid, day, level), (received, day, level)]
        net += [(received - paid, day, level)]
    value = [(75, days[-1], index[-1])]
    assert finance.pme(gross + value)["ks_pme"] == pytest.approx(1.66678206031)
    assert finance.pme(net + value)["ks_pme"] == pytest.approx(1.925, abs=5e-4)
    assert finance.pme(gross + value)["direct_alpha_rate"] == pytest.approx(0.125603168984)
    assert finance.pme(net + value)["direct_alpha_rate"] == pytest.approx(0.125603168984)


def test_against_a_flat_index_ks_pme_is_tvpi_and_direct_alpha_is_the_irr(finance: Finance) -> None:
    flows = periodic([100, 40, 0, 0], [0, 80, 50, 120], [7, 7, 7, 7], 60)
    found = finance.pme(flows)
    irr = finance.irr([(amount, day) for amount, day, _ in flows])
    assert found["ks_pme"] == pytest.approx(310 / 140, rel=1e-14)
    assert found["direct_alpha_rate"] == pytest.approx(irr["irr"], abs=1e-14)


def test_a_value_below_zero_is_no_payment_where_it_stands_apart_from_the_flows(finance: Finance) -> None:
    """100 in, 60 back, 10 owed at the end, a flat index: TVPI is 0.5; as a flow the 10 count as paid in."""
    rows = "(-100, null, '2020-01-01'), (60, null, '2021-01-01'), ({}, '2022-01-01')"
    found = [
        finance.one(
            "select (finance.pme_detail(amount::numeric, on_date::date, 7, nav::numeric)).*, "
            "finance.ks_pme(amount::numeric, on_date::date, 7, nav::numeric) as ks "
            f"from (values {rows.format(value)}) as v (amount, nav, on_date)"
        )
        for value in ("-10, null", "null, -10")
    ]
    assert [row["ks_pme"] for row in found] == pytest.approx([60 / 110, 0.5])
    assert [row["ks"] for row in found] == [row["ks_pme"] for row in found]
    assert found[0]["direct_alpha"] == found[1]["direct_alpha"]
    levels = "(null, -10, '2020-01-01', {0}), (-100, null, '2020-01-01', {0}), (110, null, '2020-01-01', {0})"
    (same_day,) = [
        finance.one(
            "select (finance.pme_detail(amount, on_date::date, level, nav)).* "
            f"from (values {levels.format(3.7)}) as v (amount, nav, on_date, level)"
        )
    ]
    assert (same_day["ks_pme"], same_day["pme_status"]) == (pytest.approx(1.0), "same_day_only")
    held_only = finance.one("select (finance.pme_detail(null, '2020-01-01', 1, -5)).pme_status as s")
    assert held_only["s"] == "no_contributions"
    unknown = finance.one("select (finance.pme_detail(null, '2020-01-01', 1, null)).pme_status as s")
    assert unknown["s"] is None


def test_a_fund_that_tracks_the_index_scores_one_and_zero_and_scaling_the_index_changes_nothing(
    finance: Finance,
) -> None:
    index = [100, 150, 90, 130]
    tracking = periodic([100, 50, 0, 0], [0, 0, 30, 0], index, ((100 * 1.5 + 50) * 0.6 - 30) / 90 * 130)
    for scale in (1, 3e-6, 1e9):
        found = finance.pme([(amount, day, level * scale) for amount, day, level in tracking])
        assert found["ks_pme"] == pytest.approx(1)
        assert found["direct_alpha"] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("level", [None, 0.0, -3.0, math.nan, math.inf])
def test_a_level_that_is_missing_or_no_level_makes_every_figure_unknown(
    finance: Finance, level: float | None
) -> None:
    flows: list = periodic([100, 0], [0, 0], [100, 110], 120)
    found = finance.pme([*flows, (5, FIRST, level)])
    assert (found["pme_status"], found["ks_pme"], found["direct_alpha"]) == ("missing_level", None, None)
    # a row of zero needs no level: it moves nothing
    assert finance.pme([*flows, (0, FIRST, level)])["pme_status"] == "ok"


def test_without_contributions_there_is_no_pme(finance: Finance) -> None:
    found = finance.pme([(10, FIRST, 100.0), (20, dt.date(2003, 1, 1), 120.0)])
    assert (found["ks_pme"], found["pme_status"]) == (None, "no_contributions")
    assert finance.pme([])["pme_status"] == "no_flows"


def test_a_total_loss_has_a_ks_pme_of_zero_and_no_alpha(finance: Finance) -> None:
    found = finance.pme([(-10, FIRST, 100.0), (0, dt.date(2003, 1, 1), 120.0)])
    assert (found["ks_pme"], found["direct_alpha"], found["pme_status"]) == (0, None, "total_loss")


def test_business_days_skip_weekends(finance: Finance) -> None:
    counted = finance.one(
        "select array(select finance.business_days_between('2024-05-03', d::date)"
        " from generate_series(date '2024-04-29', '2024-05-14', '1 day') d) as days"
    )
    # Monday 29 April 2024 to Tuesday 14 May, counted from Friday 3 May
    assert counted["days"] == [-4, -3, -2, -1, 0, 0, 0, 1, 2, 3, 4, 5, 5, 5, 6, 7]


def test_an_index_level_is_the_last_on_or_before_and_at_most_five_business_days_old(cluster: Cluster) -> None:
    with finance_database(cluster) as database:
        finance = Finance.of(database)
        finance.connection.execute(
            """
            insert into raw.capstan__index_levels
                (tenant_id, index_code, on_date, level, _source, _batch_id, _row_number, _row_hash,
                 _loaded_at)
            select 0, code, day::date, level, 's', 'b', 1, '', now()
            from (values
                ('WORLD', '2024-05-03', 101.5), ('WORLD', '2024-05-20', 99), ('OTHER', '2024-05-10', 7))
                as l (code, day, level)
            """
        )

        def level(on: str, code: str = "WORLD") -> float | None:
            found = finance.one("select finance.index_level(%s, %s::date) as level", (code, on))
            return found["level"]

        days = ("2024-05-02", "2024-05-03", "2024-05-12", "2024-05-13", "2024-05-20")
        assert [level(on) for on in days] == [None, 101.5, 101.5, None, 99.0]
        assert level("2024-05-10") == 101.5
        assert level("2024-05-10", "MISSING") is None
        with database.connect(DBT_BUILDER) as builder:
            assert builder.execute("select finance.index_level('OTHER', '2024-05-10')").fetchone() == (7.0,)
