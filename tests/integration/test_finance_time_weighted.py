"""Time-weighted returns: linking, values and flows by day, statuses; and the modified rate (MIRR)."""

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
import pyxirr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import Cluster
from tests.integration.finance_connection import Finance, Flow, dated, finance_database, yearly

EXAMPLES = {
    example["id"]: example
    for example in json.loads(
        (Path(__file__).parents[1] / "data" / "finance" / "return_examples.json").read_text(encoding="utf-8")
    )
}
THOROUGH = settings(
    max_examples=50,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
Row = tuple[str | None, str, str | None]
"""Amount with the investor's sign, day, value at the end of the day."""


@pytest.fixture(scope="module")
def finance(cluster: Cluster) -> Iterator[Finance]:
    with finance_database(cluster) as database:
        yield Finance.of(database)


def twr(finance: Finance, rows: Sequence[Row]) -> dict[str, Any]:
    params = ([r[0] for r in rows], [r[1] for r in rows], [r[2] for r in rows])
    given_rows = "from unnest(%s::numeric[], %s::date[], %s::numeric[]) f (amount, on_date, nav)"
    found = finance.one(f"select (finance.twr_detail(amount, on_date, nav)).* {given_rows}", params)
    plain = finance.one(
        "select finance.twr(amount, on_date, nav) as twr, finance.linked_dietz(amount, on_date, nav) as dietz"
        f" {given_rows}",
        params,
    )
    assert (plain["twr"], plain["dietz"]) == (found["twr"], found["linked_dietz"])
    return found


def linked(finance: Finance, returns: Sequence[float | None]) -> float | None:
    return finance.one("select finance.linked_return(r) as r from unnest(%s::float8[]) r", (list(returns),))[
        "r"
    ]


@pytest.mark.parametrize(
    ("name", "given_as", "digits"), [("twr-lirok", "annual_irrs", 4), ("twr-ruby", "sub_period_returns", 4)]
)
def test_linked_returns_meet_the_published_ones(
    finance: Finance, name: str, given_as: str, digits: int
) -> None:
    example = EXAMPLES[name]
    found = linked(finance, example["inputs"][given_as])
    assert found == pytest.approx(example["recomputed"], abs=1e-12)
    assert found is not None
    assert round(found, digits) == example["published"]


def test_a_return_is_annualized_only_from_one_year_on_unless_asked(finance: Finance) -> None:
    """twr-ruby-ann annualizes half a year to 8.243 %, annualise-90day prints 12.5 % for 12.736 %."""

    def annualized(period_return: float, years: float, *young: bool) -> float | None:
        marks = ", %s" * len(young)
        return finance.one(
            f"select finance.annualized_return(%s::float8, %s::float8{marks}) as r",
            (period_return, years, *young),
        )["r"]

    half_year = linked(finance, EXAMPLES["twr-ruby-ann"]["inputs"]["quarterly"])
    assert half_year is not None
    assert annualized(half_year, 0.5) is None
    assert annualized(half_year, 0.5, True) == pytest.approx(EXAMPLES["twr-ruby-ann"]["published"], abs=5e-7)

    young = EXAMPLES["annualise-90day"]
    days = young["inputs"]["days"] / 365
    assert annualized(young["inputs"]["period_return"], days) is None
    forced = annualized(young["inputs"]["period_return"], days, True)
    assert forced == pytest.approx(young["recomputed"], abs=1e-12)
    assert not young["agrees"]
    assert forced != pytest.approx(young["published"], abs=5e-4)
    assert annualized(0.21, 2) == pytest.approx(0.1)
    assert annualized(-1, 3) == -1


def test_the_loss_of_everything_stays_lost_and_more_cannot_be_lost(finance: Finance) -> None:
    with pytest.raises(psycopg.errors.NumericValueOutOfRange, match=r"cannot annualize the return -1\.5"):
        finance.one("select finance.annualized_return(-1.5, 3)")
    assert linked(finance, [0.5, -1.0, 3.0]) == -1
    assert linked(finance, [0.1, None]) is None
    assert linked(finance, []) is None
    with pytest.raises(psycopg.errors.NumericValueOutOfRange, match=r"cannot link the return -1\.5"):
        linked(finance, [0.1, -1.5])


def test_flows_do_not_move_a_time_weighted_return(finance: Finance) -> None:
    """10 %, -5 %, 8 % as in twr-ruby, with 900 paid in before the loss and 500 taken out after it."""
    rows: list[Row] = [
        (None, "2021-01-01", "100"),
        ("-900", "2021-07-01", "1010"),
        ("500", "2022-01-01", "459.5"),
        (None, "2023-01-01", "496.26"),
    ]
    found = twr(finance, rows)
    assert (found["twr_status"], found["sub_periods"]) == ("ok", 3)
    assert found["twr"] == pytest.approx(0.1286, abs=1e-12)
    assert found["linked_dietz"] == found["twr"]
    assert found["annualized_twr"] == pytest.approx(1.1286 ** (365 / 730) - 1, abs=1e-12)
    assert (found["first_on"], found["last_on"]) == (dt.date(2021, 1, 1), dt.date(2023, 1, 1))
    for _ in range(3):
        random.Random(2).shuffle(rows)
        assert twr(finance, rows) == found


def test_under_a_year_nothing_is_annualized(finance: Finance) -> None:
    found = twr(finance, [(None, "2021-01-01", "100"), (None, "2021-12-31", "110")])
    assert (found["twr"], found["annualized_twr"]) == (pytest.approx(0.1), None)
    exactly = twr(finance, [(None, "2021-01-01", "100"), (None, "2022-01-01", "110")])
    assert exactly["annualized_twr"] == pytest.approx(0.1)


def test_a_flow_between_values_leaves_only_the_dietz_approximation(finance: Finance) -> None:
    """dietz-bloomberg, linked to a second month without flows."""
    rows: list[Row] = [
        (None, "2019-09-30", "585.6"),
        ("15.05", "2019-10-05", None),
        ("-19.82", "2019-10-09", None),
        ("-16.42", "2019-10-15", None),
        ("18.96", "2019-10-24", None),
        (None, "2019-10-31", "602.34"),
        (None, "2019-11-30", "662.574"),
    ]
    found = twr(finance, rows)
    assert (found["twr"], found["twr_status"]) == (None, "missing_nav")
    assert found["problem_on"] == dt.date(2019, 10, 5)
    assert found["linked_dietz"] == pytest.approx(1.0245417751962 * 1.1 - 1, abs=1e-12)


def test_each_sub_period_is_the_modified_dietz_of_that_period(finance: Finance) -> None:
    flows = dated(("-40", "2021-02-11"), ("25.5", "2021-03-02"))
    alone = finance.one(
        "select finance.modified_dietz(a, d, 100, 130, '2021-01-01', '2021-03-31') as r"
        " from unnest(%s::numeric[], %s::date[]) f (a, d)",
        ([a for a, _ in flows], [d for _, d in flows]),
    )["r"]
    rows: list[Row] = [(None, "2021-01-01", "100"), (None, "2021-03-31", "130")]
    rows += [(str(amount), str(day), None) for amount, day in flows]
    assert twr(finance, rows)["linked_dietz"] == pytest.approx(alone, abs=1e-14)


def test_a_position_that_starts_from_nothing_starts_at_cost_with_its_first_payment(finance: Finance) -> None:
    for before in ([], [(None, "2020-12-31", "0")]):
        rows: list[Row] = [*before, ("-100", "2021-03-01", None), (None, "2022-03-01", "121")]
        found = twr(finance, rows)
        assert (found["twr"], found["twr_status"]) == (pytest.approx(0.21), "ok")
    again = [("-100", "2021-01-01", None), ("110", "2021-07-01", "0"), ("-50", "2022-01-01", None)]
    found = twr(finance, [*again, (None, "2022-07-01", "60")])
    assert found["twr"] == pytest.approx(1.1 * 1.2 - 1)


def test_a_total_loss_pins_the_return_at_minus_100_percent(finance: Finance) -> None:
    rows: list[Row] = [
        (None, "2020-01-01", "100"),
        (None, "2021-01-01", "0"),
        ("-100", "2021-06-01", None),
        (None, "2022-01-01", "300"),
    ]
    found = twr(finance, rows)
    assert (found["twr"], found["annualized_twr"], found["twr_status"]) == (-1, -1, "ok")


STATUSES: dict[str, tuple[list[Row], str, str | None]] = {
    "nothing": ([], "no_flows", None),
    "only zeros": ([("0", "2021-01-01", None)], "no_flows", None),
    "one value": ([(None, "2021-01-01", "5")], "missing_nav", "2021-01-01"),
    "no value at the end": (
        [(None, "2021-01-01", "5"), (None, "2022-01-01", "6"), ("-1", "2022-05-01", None)],
        "missing_nav",
        "2022-05-01",
    ),
    "a receipt out of nothing": (
        [("5", "2021-01-01", None), (None, "2022-01-01", "6")],
        "no_capital",
        "2021-01-01",
    ),
    "a value out of nothing": (
        [(None, "2021-01-01", "0"), (None, "2022-01-01", "6")],
        "no_capital",
        "2022-01-01",
    ),
    "more taken out than there was": (
        [(None, "2021-01-01", "1000"), ("1200", "2021-01-02", None), (None, "2021-01-09", "250")],
        "no_capital",
        "2021-01-09",
    ),
    "a value below zero": (
        [(None, "2021-01-01", "5"), (None, "2022-01-01", "-1")],
        "negative_nav",
        "2022-01-01",
    ),
    "more lost than there was": (
        [(None, "2021-01-01", "10"), ("-100", "2022-01-01", "90")],
        "below_total_loss",
        "2022-01-01",
    ),
}


@pytest.mark.parametrize("case", STATUSES)
def test_a_time_weighted_return_that_cannot_be_says_why_and_when(finance: Finance, case: str) -> None:
    rows, status, problem_on = STATUSES[case]
    found = twr(finance, rows)
    assert (found["twr"], found["linked_dietz"], found["twr_status"]) == (None, None, status)
    assert found["problem_on"] == (problem_on and dt.date.fromisoformat(problem_on))


def test_half_a_row_makes_the_return_unknown(finance: Finance) -> None:
    rows: list[Row] = [(None, "2021-01-01", "100"), (None, "2022-01-01", "110")]
    assert twr(finance, [*rows, (None, "2021-06-01", None)])["twr_status"] is None


@THOROUGH
@given(
    returns=st.lists(st.floats(-0.9, 3), min_size=1, max_size=12),
    flows=st.lists(st.integers(-1000, 1000), min_size=12, max_size=12),
    factor=st.sampled_from(["1e-3", "1", "1e6"]),
    days=st.integers(-5000, 5000),
)
def test_the_returns_between_values_are_found_again_whatever_flows_scale_or_dates(
    finance: Finance, returns: list[float], flows: list[int], factor: str, days: int
) -> None:
    value, day = Decimal(10_000), dt.date(2010, 1, 1) + dt.timedelta(days=days)
    rows: list[Row] = [(None, str(day), str(value * Decimal(factor)))]
    expected = []
    for period_return, flow in zip(returns, flows, strict=False):
        day += dt.timedelta(days=91)
        before = value
        value = round(value * (1 + Decimal(period_return)), 6)
        expected.append(float(value / before - 1))
        paid_in = max(Decimal(flow), -value / 2)
        value += paid_in
        rows.append((str(-paid_in * Decimal(factor)), str(day), str(value * Decimal(factor))))
    random.Random(4).shuffle(rows)
    found = twr(finance, rows)
    assert found["twr_status"] == "ok"
    assert found["twr"] == pytest.approx(float(np.prod(1 + np.array(expected)) - 1), rel=1e-10, abs=1e-12)


def mirr(
    finance: Finance, flows: Sequence[Flow], finance_rate: float | None, reinvest_rate: float
) -> dict[str, Any]:
    params = (finance_rate, reinvest_rate)
    return finance.one(
        "select (finance.mirr_detail(a, d, %s::float8, %s::float8)).*,"
        " finance.mirr(a, d, %s::float8, %s::float8) as plain"
        " from unnest(%s::numeric[], %s::date[]) f (a, d)",
        (*params, *params, [a for a, _ in flows], [d for _, d in flows]),
    )


def test_mirr_meets_the_spreadsheets_example(finance: Finance) -> None:
    example = EXAMPLES["mirr-excel"]
    rates = (example["inputs"]["finance_rate"], example["inputs"]["reinvest_rate"])
    found = mirr(finance, yearly(example["inputs"]["flows"]), *rates)
    assert found["mirr"] == pytest.approx(example["recomputed"], abs=1e-12)
    assert round(found["mirr"], 6) == example["published"]
    assert (found["plain"], found["mirr_status"], found["is_annualized"]) == (found["mirr"], "ok", True)


@THOROUGH
@given(
    amounts=st.lists(st.integers(-(10**7), 10**7).filter(bool), min_size=2, max_size=25),
    finance_rate=st.floats(-0.5, 2),
    reinvest_rate=st.floats(-0.5, 2),
    days=st.integers(-9000, 9000),
)
def test_mirr_of_yearly_flows_is_pyxirrs_in_any_order_and_at_any_date(
    finance: Finance, amounts: list[int], finance_rate: float, reinvest_rate: float, days: int
) -> None:
    flows = yearly(amounts, dt.date(2010, 1, 1) + dt.timedelta(days=days))
    random.Random(5).shuffle(flows)
    found = mirr(finance, flows, finance_rate, reinvest_rate)
    if min(amounts) > 0 or max(amounts) < 0:
        assert (found["mirr"], found["mirr_status"]) == (None, "no_sign_change")
        return
    theirs = pyxirr.mirr(amounts, finance_rate, reinvest_rate)
    assert found["mirr"] == pytest.approx(theirs, rel=1e-9, abs=1e-11)


def test_mirr_at_the_irr_is_the_irr_and_receipts_grow_to_the_last_date_given(finance: Finance) -> None:
    flows = dated((-100, "2020-01-01"), (30, "2021-02-03"), (-20, "2021-06-01"), (140, "2023-05-05"))
    irr = finance.irr(flows)["irr"]
    assert mirr(finance, flows, irr, irr)["mirr"] == pytest.approx(irr, abs=1e-13)
    waiting = mirr(finance, dated((-100, "2021-01-01"), (121, "2022-01-01"), (0, "2023-01-01")), 0.3, 0)
    assert waiting["mirr"] == pytest.approx(0.1)
    assert waiting["last_on"] == dt.date(2023, 1, 1)


def test_mirr_says_why_there_is_none_and_refuses_rates_it_cannot_use(finance: Finance) -> None:
    assert mirr(finance, [], 0.1, 0.1)["mirr_status"] == "no_flows"
    assert mirr(finance, dated((-1, "2020-01-01")), 0.1, 0.1)["mirr_status"] == "single_flow"
    assert (
        mirr(finance, dated((-1, "2020-01-01"), (0, "2021-01-01")), 0.1, 0.1)["mirr_status"] == "total_loss"
    )
    same_day = mirr(finance, dated((-1, "2020-01-01"), (3, "2020-01-01")), 0.1, 0.1)
    assert same_day["mirr_status"] == "same_day_only"
    assert mirr(finance, dated((-1, "2020-01-01"), (3, "2021-01-01")), None, 0.1)["mirr_status"] is None
    assert not mirr(finance, dated((-1, "2020-01-01"), (3, "2020-12-30")), 0.1, 0.1)["is_annualized"]
    with pytest.raises(psycopg.errors.NumericValueOutOfRange, match="cannot discount at the rate -1"):
        mirr(finance, dated((-1, "2020-01-01")), -1, 0.1)
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="two different rates"):
        finance.one("select finance.mirr(1, '2020-01-01', 0.1, r / 10.0) from generate_series(1, 2) r")
