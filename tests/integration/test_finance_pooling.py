"""Quartiles, concentration, loss ratios, the J-curve and pooled rates: known answers, and statuses."""

import datetime as dt
import json
import random
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import Cluster
from tests.integration.finance_connection import Finance, dated, finance_database

EXAMPLES = {
    example["id"]: example
    for example in json.loads(
        (Path(__file__).parents[1] / "data" / "finance" / "pooling_examples.json").read_text(encoding="utf-8")
    )
}
THOROUGH = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module")
def finance(cluster: Cluster) -> Iterator[Finance]:
    with finance_database(cluster) as database:
        yield Finance.of(database)


def quartiles(finance: Finance, values: Sequence[float | None]) -> dict[str, Any]:
    return finance.one("select (finance.quartiles(v)).* from unnest(%s::float8[]) v", (list(values),))


def concentration(
    finance: Finance, amounts: Sequence[int | str | None], capital: int | None = None
) -> dict[str, Any]:
    argument = "" if capital is None else f", {capital}::numeric"
    return finance.one(
        f"select (finance.concentration(v{argument})).* from unnest(%s::numeric[]) v", (list(amounts),)
    )


def losses(finance: Finance, deals: Sequence[tuple[int | None, int | None]]) -> dict[str, Any]:
    return finance.one(
        "select (finance.loss_ratio(c, v)).* from unnest(%s::numeric[], %s::numeric[]) d (c, v)",
        ([c for c, _ in deals], [v for _, v in deals]),
    )


def j_curve(finance: Finance, *flows: tuple[str | float, str]) -> dict[str, Any]:
    listed = dated(*flows)
    return finance.one(
        "select (finance.j_curve(a, d)).* from unnest(%s::numeric[], %s::date[]) f (a, d)",
        ([a for a, _ in listed], [d for _, d in listed]),
    )


def test_quartiles_are_inclusive_percentiles(finance: Finance) -> None:
    """quartile-method: 19 % inclusive; 21 % would be exclusive, and a fund at 19.5 % would fall out."""
    example = EXAMPLES["quartile-method"]
    found = quartiles(finance, example["inputs"]["irrs"])
    assert found["p75"] == pytest.approx(example["recomputed"]["inclusive_p75"], abs=1e-12)
    assert found["median"] == pytest.approx(example["recomputed"]["median"], abs=1e-12)
    assert (found["members"], found["quartile_status"]) == (8, "ok")
    ranked = finance.connection.execute(
        "select finance.quartile_of(v, (select finance.quartiles(p) from unnest(%s::float8[]) p))"
        " from unnest(array[0.195, 0.19, 0.18, 0.135, 0.1, 0.0875, 0.05, null]) v",
        (example["inputs"]["irrs"],),
    ).fetchall()
    assert [quartile for (quartile,) in ranked] == [1, 1, 2, 2, 3, 3, 4, None]


@pytest.mark.parametrize("unknown", [None, float("nan")])
def test_fewer_than_eight_peers_are_suppressed_and_unknown_ones_are_no_peers(
    finance: Finance, unknown: float | None
) -> None:
    found = quartiles(finance, [0.1 * k for k in range(7)] + [unknown] * 3)
    assert (found["members"], found["unknown"], found["quartile_status"]) == (7, 3, "too_few")
    assert {found[name] for name in ("p25", "median", "p75", "mean", "lowest", "highest")} == {None}
    assert quartiles(finance, [])["quartile_status"] == "too_few"
    row = finance.one(
        "select finance.quartile_of(0.3, (select finance.quartiles(p) from generate_series(1, 7) p)) as q"
    )
    assert row["q"] is None


@THOROUGH
@given(values=st.lists(st.floats(-1, 100), min_size=8, max_size=40))
def test_quartiles_are_numpys_in_any_order(finance: Finance, values: list[float]) -> None:
    found = quartiles(finance, values)
    expected = [float(np.percentile(values, p)) for p in (25, 50, 75)] + [float(np.mean(values))]
    assert [found[n] for n in ("p25", "median", "p75", "mean")] == pytest.approx(expected, abs=1e-12)
    assert quartiles(finance, random.Random(1).sample(values, len(values))) == found


def test_quartiles_stand_beside_each_member_within_its_peer_group(finance: Finance) -> None:
    rows = finance.connection.execute(
        "select vintage, irr,"
        " finance.quartile_of(irr, finance.quartiles(irr) over (partition by vintage)) as q"
        " from (select 2015 + k / 9 as vintage, mod(k * 5, 9) / 10.0::float8 as irr"
        " from generate_series(0, 15) k) f"
    ).fetchall()
    of_2015 = sorted((irr, q) for vintage, irr, q in rows if vintage == 2015)
    assert [q for _, q in of_2015] == [4, 4, 3, 3, 2, 2, 1, 1, 1]
    assert {q for vintage, _, q in rows if vintage == 2016} == {None}


def test_concentration_is_in_partners_capital_where_that_is_given(finance: Finance) -> None:
    """kpmg-concentration: 21.5 % in one company, 97.7 % in all."""
    example = EXAMPLES["kpmg-concentration"]
    values, capital = example["inputs"]["fair_values"], example["inputs"]["partners_capital"]
    for name, printed in zip(values, example["published"], strict=True):
        share = concentration(finance, [values[name]], capital)["total_share"]
        assert round(share * 100, 1) == printed
    largest = values["Private Tech A pref"]
    others = values["all investments"] - largest
    found = concentration(finance, [others // 3, largest, others - others // 3], capital)
    assert found["total_share"] * 100 == pytest.approx(97.7389360297)
    assert found["concentration_status"] == "ok"

    typo = EXAMPLES["kpmg-concentration-typo"]
    share = concentration(finance, [typo["inputs"]["consumer_technology_US_fair_value"]], capital)[
        "top_1_share"
    ]
    assert not typo["agrees"]
    assert share * 100 == pytest.approx(typo["recomputed"])
    assert round(share * 100, 1) != typo["published"]


@THOROUGH
@given(values=st.lists(st.integers(1, 10**9), min_size=1, max_size=30))
def test_concentration_follows_its_definition_in_any_order(finance: Finance, values: list[int]) -> None:
    found = concentration(finance, values)
    shares = np.sort(np.array(values, dtype=float) / sum(values))[::-1]
    assert found["hhi"] == pytest.approx(float((shares**2).sum()))
    assert found["effective_positions"] == pytest.approx(1 / float((shares**2).sum()))
    tops = [float(shares[:n].sum()) for n in (1, 5, 10)]
    assert [found["top_1_share"], found["top_5_share"], found["top_10_share"]] == pytest.approx(tops)
    assert (found["positions"], found["total_share"]) == (len(values), 1)
    assert concentration(finance, values[::-1]) == found
    third = finance.one("select finance.top_share(v, 3) as s from unnest(%s::numeric[]) v", (values,))["s"]
    assert third == pytest.approx(float(shares[:3].sum()))


def test_equal_positions_have_as_many_effective_ones_and_zeros_are_none(finance: Finance) -> None:
    found = concentration(finance, [7, 7, 7, 0, 7])
    assert (found["positions"], found["hhi"], found["effective_positions"]) == (4, 0.25, 4)


@pytest.mark.parametrize(
    ("amounts", "capital", "status"),
    [
        ([], None, "no_positions"),
        ([0], None, "no_positions"),
        ([5, None], None, "missing_value"),
        ([5, -1], None, "negative_value"),
        ([5, 5], 0, "no_capital"),
        ([5, None], 10, "missing_value"),
    ],
)
def test_concentration_says_why_there_is_none(
    finance: Finance, amounts: list[int | None], capital: int | None, status: str
) -> None:
    found = concentration(finance, amounts, capital)
    assert found["concentration_status"] == status
    assert found["hhi"] is None


def test_two_capitals_in_one_group_are_told(finance: Finance) -> None:
    found = finance.one("select (finance.concentration(5, c::numeric)).* from generate_series(9, 10) c")
    assert (found["concentration_status"], found["hhi"]) == ("mixed_capital", None)
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="two different ones"):
        finance.one("select finance.top_share(5, n) from generate_series(1, 2) n")


def test_loss_ratio_has_three_conventions(finance: Finance) -> None:
    """100 written to 40, 50 lost, 150 doubled, one exactly at cost, one free of cost."""
    found = losses(finance, [(100, 40), (50, 0), (150, 300), (100, 100), (0, 9)])
    assert found["loss_status"] == "ok"
    assert found["loss_ratio_cost"] == pytest.approx(150 / 400)
    assert found["loss_ratio_amount"] == pytest.approx(110 / 400)
    assert found["loss_ratio_count"] == pytest.approx(2 / 4)
    assert (found["deals"], found["deals_at_loss"]) == (4, 2)
    assert (found["invested_amount"], found["lost_amount"]) == (400, 110)


@pytest.mark.parametrize(
    ("deals", "status"),
    [
        ([], "no_deals"),
        ([(None, None)], "no_deals"),
        ([(0, 5)], "no_deals"),
        ([(10, None), (10, 12)], "missing_value"),
        ([(None, 3)], "missing_value"),
        ([(-1, 3)], "negative_cost"),
    ],
)
def test_a_loss_ratio_of_unknown_deals_says_so(
    finance: Finance, deals: list[tuple[int | None, int | None]], status: str
) -> None:
    found = losses(finance, deals)
    assert (found["loss_status"], found["loss_ratio_cost"], found["loss_ratio_amount"]) == (
        status,
        None,
        None,
    )


def test_the_j_curve_has_its_lowest_day_and_the_day_it_is_paid_back(finance: Finance) -> None:
    found = j_curve(
        finance,
        (60, "2023-05-01"),
        (-40, "2020-01-01"),
        (-60, "2021-01-01"),
        (30, "2021-01-01"),
        (20, "2025-01-01"),
    )
    assert (found["trough_amount"], found["trough_on"]) == (-70, dt.date(2021, 1, 1))
    assert (found["break_even_on"], found["net_amount"]) == (dt.date(2025, 1, 1), 10)
    assert found["j_curve_status"] == "ok"


def test_a_later_and_deeper_trough_counts_and_takes_back_no_break_even(finance: Finance) -> None:
    """METRICS section 5, the first date at zero or above, as fct_j_curve has it."""
    found = j_curve(finance, (-10, "2020-01-01"), (11, "2020-02-01"), (-50, "2020-03-01"), (9, "2020-04-01"))
    assert (found["trough_amount"], found["break_even_on"]) == (-49, dt.date(2020, 2, 1))
    assert (found["j_curve_status"], found["net_amount"]) == ("ok", -40)
    assert j_curve(finance, (-10, "2020-01-01"), (9, "2020-04-01"))["j_curve_status"] == "open"
    assert j_curve(finance, (5, "2020-01-01"), (-5, "2021-01-01"))["j_curve_status"] == "never_below"
    assert j_curve(finance, (0, "2020-01-01"))["j_curve_status"] == "no_flows"
    assert j_curve(finance)["j_curve_status"] == "no_flows"


def test_a_pooled_rate_is_the_rate_of_pooled_flows(finance: Finance) -> None:
    """pooled-vs-average: 32.21 % pooled, 38.00 % as the mean of 25.99 % and 50 %."""
    example = EXAMPLES["pooled-vs-average"]
    flows = [
        (fund, Decimal(amount), dt.date(2001, 1, 1) + dt.timedelta(days=365 * k))
        for fund in ("fund_a", "fund_b")
        for k, amount in enumerate(example["inputs"][fund])
    ]
    rows = finance.connection.execute(
        "select fund, finance.xirr(amount, on_date) from unnest(%s::text[], %s::numeric[], %s::date[])"
        " f (fund, amount, on_date) group by rollup (fund) order by fund nulls last",
        ([f for f, _, _ in flows], [a for _, a, _ in flows], [d for _, _, d in flows]),
    ).fetchall()
    rates = [rate for _, rate in rows]
    expected = example["recomputed"]
    assert rates == pytest.approx([expected["irr_a"], expected["irr_b"], expected["pooled"]])
    assert sum(rates[:2]) / 2 == pytest.approx(expected["simple_average"])
