"""The quick way to a single rate: what it may claim, from which day it counts, and how exact it is."""

import datetime as dt
import math
import random
from collections.abc import Iterator
from decimal import Decimal

import numpy as np
import pytest

from tests.conftest import Cluster
from tests.integration.finance_connection import Finance, dated, finance_database

LOWEST, HIGHEST = -36.7, math.log(10001)


@pytest.fixture(scope="module")
def finance(cluster: Cluster) -> Iterator[Finance]:
    with finance_database(cluster) as database:
        yield Finance.of(database)


def account(rng: random.Random) -> list[tuple[float, int]]:
    """Payments and receipts that overlap more or less, over weeks or decades, in any order."""
    horizon = 10 ** rng.uniform(1.5, 4)
    flows = [(-float(rng.randint(1, 10**6)), 0), (float(rng.randint(1, 10**6)), int(horizon) + 1)]
    for _ in range(rng.randint(1, 25)):
        day = int(horizon * rng.random())
        sign = -1 if rng.random() > rng.uniform(1, 2) * day / horizon else 1
        flows.append((sign * float(rng.randint(1, 10**6)), day))
    rng.shuffle(flows)
    return flows


def listed(flows: list[tuple[float, int]]) -> list[float]:
    return [float(part) for flow in flows for part in flow]


def single_root(
    finance: Finance, flows: list[tuple[float, int]], way: str = "_single_root"
) -> list[float] | None:
    found: list[float] | None = finance.one(f"select finance.{way}(%s::float8[]) as s", (listed(flows),))["s"]
    return found


def calls_then_receipts(rng: random.Random, number: int, rate: float) -> list[tuple[float, int]]:
    """Flows of which the receipts are worth the calls at the rate, to the rounding of doubles."""
    early = number // 2
    calls = [(-float(rng.randint(1, 10**6)), rng.randrange(300)) for _ in range(early)]
    shares = [(float(rng.randint(1, 100)), rng.randrange(300, 1500)) for _ in range(number - early)]
    worth = sum(share * (1 + rate) ** (-day / 365) for share, day in shares)
    paid = -sum(amount * (1 + rate) ** (-day / 365) for amount, day in calls)
    flows = calls + [(share * paid / worth, day) for share, day in shares]
    rng.shuffle(flows)
    return flows


def in_extended_precision(flows: list[tuple[float, int]], start: float) -> float:
    """The root u = ln(1 + rate) by Newton's method, started at what was found."""
    amounts = np.array([a for a, _ in flows], dtype=np.longdouble)
    years = np.array([d for _, d in flows], dtype=np.longdouble) / 365
    u = np.longdouble(start)
    for _ in range(3):
        present = amounts * np.exp(-years * u)
        u += present.sum() / (present * years).sum()
    return float(u)


def test_what_is_claimed_to_be_the_only_root_is_all_that_the_search_finds(finance: Finance) -> None:
    rng = random.Random(3)
    claimed = proved_twice = 0
    for _ in range(80):
        flows = account(rng)
        single = single_root(finance, flows)
        if single is None or not LOWEST < single[0] < HIGHEST:
            continue
        claimed += 1
        days = sorted({day for _, day in flows})
        net = [sum(amount for amount, on in flows if on == day) for day in days]
        searched = finance.one(
            "select * from finance._irr_roots(%s::float8[], %s::float8[], %s, %s)",
            (net, [(day - days[0]) / 365 for day in days], LOWEST, HIGHEST),
        )
        assert searched["is_settled"]
        assert searched["roots"] == pytest.approx([single[0]], rel=1e-11, abs=1e-12)
        epoch = dt.date(2000, 1, 1)
        of_arrays = finance.one(
            "select finance._single_root_of_arrays(%s::float8[], %s::date[], true) as s",
            ([amount for amount, _ in flows], [epoch + dt.timedelta(days=day) for _, day in flows]),
        )
        assert of_arrays["s"] == single
        in_a_loop = single_root(finance, flows, "_single_root_of_many")
        if in_a_loop is not None:
            proved_twice += 1
            assert in_a_loop == pytest.approx(single, rel=1e-11, abs=1e-12)
    assert claimed > 25
    assert proved_twice > 25


def proofs(finance: Finance, flows: list[tuple[float, int]], u: float) -> tuple[bool, bool]:
    """By periods and by days, of flows whose last one is replaced so that u is a root."""
    *earlier, (_, last) = sorted(flows, key=lambda flow: flow[1])
    rest = sum(amount * math.exp(-u * day / 365) for amount, day in earlier)
    whole = [*earlier, (-rest * math.exp(u * last / 365), last)]
    found = finance.one(
        "select finance._is_only_root_by_periods(%s::float8[], %s, 0, %s) as periods,"
        " finance._is_only_root(%s::float8[], %s) as days",
        (listed(whole), u, float(last), listed(whole), u),
    )
    return found["periods"], found["days"]


def test_a_proof_by_periods_is_given_only_where_the_proof_by_days_is(finance: Finance) -> None:
    """The coarse one takes all receipts of a period to come first: it may be unsure, never wrong."""
    rng = random.Random(4)
    found = [proofs(finance, account(rng), rng.uniform(-1, 1)) for _ in range(120)]
    assert (True, False) not in found
    assert found.count((True, True)) > 10
    assert found.count((False, False)) > 10
    early_receipt = [(-100.0, 0), (10.0, 1), (150.0, 1000)]
    assert proofs(finance, early_receipt, 0.2) == (False, True)


def test_rates_far_from_the_anchor_are_exact(finance: Finance) -> None:
    """Down to -99.9999 %, where a double has few digits of the rate left."""
    rng = random.Random(5)
    for rate in (-0.999998, -0.9999, -0.999, -0.7, -0.2, -1e-4, 1e-7, 0.105, 0.9, 12.0, 900.0):
        flows = calls_then_receipts(rng, 16, rate)
        single = single_root(finance, flows)
        assert single is not None
        assert single[0] == pytest.approx(in_extended_precision(flows, single[0]), rel=1e-13, abs=1e-15)
        assert math.expm1(single[0]) == pytest.approx(rate, rel=1e-7)


def test_any_number_of_flows_is_solved_alike(finance: Finance) -> None:
    """Up to 48 written out flow by flow, in steps of eight; more in a loop."""
    rng = random.Random(6)
    for number in (2, 3, 7, 8, 9, 16, 17, 24, 25, 32, 39, 40, 41, 47, 48, 49, 90):
        flows = calls_then_receipts(rng, number, 0.17)
        days = [day for _, day in flows]
        single = single_root(finance, [*flows, (0.0, 2000)])
        assert single is not None
        assert single[0] == pytest.approx(in_extended_precision(flows, single[0]), rel=1e-13)
        assert single[1:] == [min(days), max(days), 2000]


@pytest.mark.parametrize("number", [8, 60])
@pytest.mark.parametrize("unit", ["1e-300", "1e-150", "1e150", "1e290"])
def test_amounts_at_the_ends_of_double_precision_stop_no_query(
    finance: Finance, number: int, unit: str
) -> None:
    flows = calls_then_receipts(random.Random(7), number, 0.17)
    scaled = [
        (Decimal(str(amount)) * Decimal(unit), dt.date(2011, 1, 1) + dt.timedelta(days=day))
        for amount, day in flows
    ]
    assert finance.irr(scaled)["irr"] == pytest.approx(0.17, rel=1e-9)


@pytest.mark.parametrize("undone", [("-5", "5"), ("-0.3", "0.1", "0.2"), ("7", "-7", "0")])
def test_time_starts_after_a_first_day_that_nets_to_zero(finance: Finance, undone: tuple[str, ...]) -> None:
    """Also where the later flows have one rate at first sight, in any order of rows."""
    flows = dated((-100, "2020-03-01"), ("104", "2020-09-01"), *((amount, "2019-06-01") for amount in undone))
    found = finance.irr(flows)
    assert (found["first_on"], found["is_annualized"]) == (dt.date(2020, 3, 1), False)
    assert found["period_return"] == pytest.approx(0.04)


def test_a_date_in_the_year_9999_stops_no_query(finance: Finance) -> None:
    """A date typed for "never", which no exponential reaches: one series may not stop every other."""
    assert finance.irr(dated((-100, "2020-01-01"), (150, "9999-12-31")))["irr"] == pytest.approx(
        1.5 ** (365 / (dt.date(9999, 12, 31) - dt.date(2020, 1, 1)).days) - 1, rel=1e-6
    )
    assert finance.irr(dated((-100, "0001-01-01"), (150, "2020-01-01")))["irr_status"] == "ok"
    flows = dated((-100, "2020-01-01"), (150, "2021-12-31"), (0, "9999-12-31"), (0, "0001-01-01"))
    assert finance.irr(flows)["irr"] == pytest.approx(1.5 ** (365 / 730) - 1)
