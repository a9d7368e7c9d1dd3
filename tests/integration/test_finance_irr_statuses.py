"""When there is no rate to show, which reason is given; and what unknown, zero and same-day flows mean."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import pytest

from tests.conftest import Cluster
from tests.integration.finance_connection import Finance, Flow, dated, finance_database, yearly


@pytest.fixture(scope="module")
def finance(cluster: Cluster) -> Iterator[Finance]:
    with finance_database(cluster) as database:
        yield Finance.of(database)


@pytest.mark.parametrize(
    ("flows", "status"),
    [
        pytest.param([], "no_flows", id="no rows"),
        pytest.param(dated((0, "2020-01-01"), (0, "2021-01-01")), "no_flows", id="only zeros"),
        pytest.param(
            dated((-5, "2020-01-01"), (5, "2020-01-01"), (7, "2021-01-01"), (-7, "2021-01-01")),
            "no_flows",
            id="every day nets to zero",
        ),
        pytest.param(dated((-1000, "2020-01-01")), "single_flow", id="one call"),
        pytest.param(
            dated((-5, "2019-01-01"), (5, "2019-01-01"), (-9, "2020-01-01")), "single_flow", id="one day left"
        ),
        pytest.param(
            dated((-1000, "2020-01-01"), (-1000, "2020-01-01"), (2100, "2020-01-01")),
            "same_day_only",
            id="profit without time",
        ),
        pytest.param(dated((-1000, "2020-01-01"), (-1000, "2020-02-01")), "no_sign_change", id="calls only"),
        pytest.param(dated((1000, "2020-01-01"), (10, "2020-02-01")), "no_sign_change", id="receipts only"),
        pytest.param(
            dated((-1000, "2020-01-01"), (0, "2021-01-01")), "total_loss", id="call, then value zero"
        ),
        pytest.param(
            dated((-1000, "2020-01-01"), (-50, "2020-06-01"), (0, "2021-01-01")),
            "total_loss",
            id="calls, then zero",
        ),
        pytest.param(
            dated((0, "2019-01-01"), (-1000, "2020-01-01"), (-1, "2020-02-01")),
            "no_sign_change",
            id="zero first",
        ),
        pytest.param(yearly([-100, 100, -100]), "none", id="two sign changes, no root"),
        pytest.param(yearly([-100, 200, -100]), "tangent", id="touches zero"),
        pytest.param(yearly([-252, 1431, -3035, 2850, -1000]), "multiple", id="four roots"),
        pytest.param(
            dated((-1000, "1985-01-01"), (6000, "1985-01-02")), "out_of_range", id="six-fold in a day"
        ),
        pytest.param(
            dated((-1000, "2020-01-01"), (1, "2020-01-02")), "out_of_range", id="all but lost in a day"
        ),
    ],
)
def test_where_there_is_no_rate_the_status_says_why(finance: Finance, flows: list[Flow], status: str) -> None:
    found = finance.irr(flows)
    assert (found["irr_status"], found["irr"], found["xirr"], found["period_return"]) == (
        status,
        None,
        None,
        None,
    )


def test_the_range_ends_at_a_million_percent_inclusive(finance: Finance) -> None:
    assert finance.irr(yearly([-1, 10001]))["irr"] == pytest.approx(10000)
    assert finance.irr(yearly([-1, 10002]))["irr_status"] == "out_of_range"


def test_a_call_after_a_large_distribution_does_not_lose_the_headline(finance: Finance) -> None:
    """A few dollars called at the end add a root near -100 % at which NPV rises; it is listed, not shown."""
    found = finance.irr(yearly([-100, 0, 0, 180, -1]))
    assert found["irr_status"] == "ok"
    assert len(found["irr_roots"]) == 2
    assert found["irr_roots"][0] < -0.98
    assert found["irr"] == found["irr_roots"][1] == pytest.approx(0.21458, abs=1e-5)


def test_of_two_roots_the_falling_one_is_the_investment_root(finance: Finance) -> None:
    """The oil pump: at 25 % NPV rises with the rate, at 400 % it falls."""
    found = finance.irr(yearly([-1600, 10000, -10000]))
    assert found["irr_roots"] == pytest.approx([0.25, 4.0])
    assert (found["irr"], found["irr_status"]) == (pytest.approx(4.0), "ok")


def test_two_falling_roots_leave_no_headline(finance: Finance) -> None:
    found = finance.irr(yearly([-5, 10.5, 1, -8, 1]))
    assert found["irr_status"] == "multiple"
    assert found["irr_roots"] == pytest.approx([-0.87020125, 0.08859834, 0.70955953])


def test_a_touch_beside_a_crossing_leaves_the_crossing_as_headline(finance: Finance) -> None:
    """(x - 1)^2 (x - 1.2) with x = 1 + rate, sign turned: a double root at 0 and a falling one at 20 %."""
    found = finance.irr(yearly([-1, "3.2", "-3.4", "1.2"]))
    assert found["irr_roots"] == pytest.approx([0, 0.2], abs=1e-6)
    assert (found["irr"], found["irr_status"]) == (pytest.approx(0.2), "ok")


def test_half_a_flow_is_unknown_and_makes_the_answer_unknown(finance: Finance) -> None:
    """A missing value is not zero: skipping it would publish the return of a fund without its value."""
    day = dt.date(2020, 1, 1)
    known: list = dated((-100, "2019-01-01"), (5, "2019-06-01"))
    for unknown in ((None, day), (Decimal(110), None)):
        found = finance.irr([*known, unknown])
        assert found == dict.fromkeys(found)


def test_a_row_without_amount_and_date_is_no_flow(finance: Finance) -> None:
    """What an outer join leaves for a vehicle without flows."""
    assert finance.irr([(None, None)])["irr_status"] == "no_flows"
    assert finance.irr([*yearly([-100, 110]), (None, None)])["irr"] == pytest.approx(0.1)


def test_arrays_that_say_nothing_or_do_not_match_are_told_from_no_flows(finance: Finance) -> None:
    """array_agg over no rows is null; arrays of different length leave a flow without its half."""
    of_arrays = "select (finance.xirr_detail(%s::numeric[], %s::date[])).irr_status as s"
    days = [dt.date(2020, 1, 1), dt.date(2021, 1, 1), dt.date(2022, 1, 1)]
    assert finance.one(of_arrays, (None, None))["s"] == "no_flows"
    assert finance.one(of_arrays, ([], []))["s"] == "no_flows"
    assert finance.one(of_arrays, ([-100, 110], days[:2]))["s"] == "ok"
    assert finance.one(of_arrays, ([-100, 110], days))["s"] is None
    assert finance.one(of_arrays, ([-100, 110, 5], days[:2]))["s"] is None


def test_flows_of_a_day_are_netted_in_exact_arithmetic(finance: Finance) -> None:
    """0.1 + 0.2 - 0.3 is zero: the day goes, and time runs from the next one."""
    found = finance.irr(
        dated(
            (0.1, "2019-01-01"),
            (0.2, "2019-01-01"),
            (-0.3, "2019-01-01"),
            (-50, "2020-06-30"),
            (60, "2021-01-01"),
        )
    )
    assert found["first_on"] == dt.date(2020, 6, 30)
    assert found["irr"] == pytest.approx(0.432921695996)
    wide = finance.irr(
        dated(
            ("-90000000000000000.01", "2020-01-01"),
            ("90000000000000000.00", "2020-01-01"),
            ("0.02", "2021-01-01"),
        )
    )
    assert wide["irr"] == pytest.approx(2 ** (365 / 366) - 1)


def test_under_one_year_the_rate_is_kept_and_marked(finance: Finance) -> None:
    young = finance.irr(dated((-100, "2021-01-01"), (103, "2021-04-01")))
    assert young["irr"] == pytest.approx(1.03 ** (365 / 90) - 1)
    assert (young["irr_status"], young["is_annualized"]) == ("ok", False)
    assert young["period_return"] == pytest.approx(0.03)
    assert finance.irr(dated((-100, "2021-01-01"), (103, "2021-12-31")))["is_annualized"] is False
    assert finance.irr(dated((-100, "2021-01-01"), (103, "2022-01-01")))["is_annualized"] is True


def test_a_value_of_zero_later_on_counts_for_age_but_not_for_the_period_return(finance: Finance) -> None:
    found = finance.irr(dated((-100, "2021-01-01"), (110, "2021-07-02"), (0, "2024-12-31")))
    assert (found["is_annualized"], found["last_on"]) == (True, dt.date(2024, 12, 31))
    assert found["period_return"] == pytest.approx(0.1)


def test_tiny_amounts_and_horizons_beyond_a_century_are_solved(finance: Finance) -> None:
    assert finance.irr(dated(("-1e-30", "2020-01-01"), ("1.1e-30", "2021-01-01")))["irr"] == pytest.approx(
        0.0997135859341
    )
    assert finance.irr(dated((-1, "1900-01-01"), (1000, "2025-01-01")))["irr"] == pytest.approx(
        0.0567778556141
    )
    assert finance.irr(dated((-1000, "1720-01-01"), (1, "2020-01-01")))["irr_status"] == "ok"
