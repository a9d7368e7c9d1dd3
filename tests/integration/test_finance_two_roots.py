"""The short way to two roots finds what the search for every root finds, or nothing."""

import random
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest

from tests.conftest import Cluster
from tests.integration.finance_connection import Finance, finance_database

LOWEST, HIGHEST = -36.7, float(np.log(10001))


@pytest.fixture(scope="module")
def finance(cluster: Cluster) -> Iterator[Finance]:
    with finance_database(cluster) as database:
        yield Finance.of(database)


def roots(finance: Finance, way: str, amounts: list[float], years: list[float]) -> dict:
    return finance.one(
        f"select * from finance.{way}(%s::float8[], %s::float8[], %s, %s)", (amounts, years, LOWEST, HIGHEST)
    )


def series(rng: random.Random) -> tuple[list[float], list[float]]:
    """Payments, receipts, payments, or all of it with the other sign; often with a small last leg."""
    legs = [rng.randint(1, 12) for _ in range(3)]
    sizes = [1, rng.uniform(0.3, 4), rng.choice([1, 0.1, 1e-4])]
    side = rng.choice([-1, 1])
    amounts = [
        side * direction * size * rng.uniform(0.1, 1)
        for leg, direction, size in zip(legs, (1, -1, 1), sizes, strict=True)
        for _ in range(leg)
    ]
    years = [0.0, *sorted(rng.uniform(0.01, 15) for _ in amounts[1:])]
    return amounts, years


def test_both_ways_agree_wherever_the_short_one_answers(finance: Finance) -> None:
    rng = random.Random(11)
    answered = 0
    for _ in range(120):
        amounts, years = series(rng)
        assert sum(a * b < 0 for a, b in pairwise(amounts)) == 2
        short = roots(finance, "_two_roots", amounts, years)
        if short["is_settled"] is None:
            assert short["roots"] is None
            continue
        answered += 1
        searched = roots(finance, "_irr_roots", amounts, years)
        assert searched["is_settled"]
        assert short["roots"] == pytest.approx(searched["roots"], rel=1e-9, abs=1e-12)
        assert short["turns"] == searched["turns"]
    assert answered > 60


@pytest.mark.parametrize(
    ("amounts", "years"),
    [
        ([-100.0, 230.0, -132.25], [0.0, 1.0, 2.0]),
        ([-100.0, 150.0, -100.0], [0.0, 1.0, 2.0]),
        ([-1.0, 2.1, -1.1024999999], [0.0, 1.0, 2.0]),
    ],
    ids=["a touch", "none", "nearly a touch"],
)
def test_a_touch_and_no_root_at_all_are_left_to_the_search(
    finance: Finance, amounts: list[float], years: list[float]
) -> None:
    assert roots(finance, "_two_roots", amounts, years)["roots"] is None


def test_a_second_root_near_minus_100_percent_leaves_the_headline_as_it_is(finance: Finance) -> None:
    """A few dollars called after a large distribution."""
    found = finance.one(
        "select (finance.xirr_detail(a, d)).* from"
        " (values (-1000, date '2015-01-01'), (2500, date '2020-01-01'), (-3, date '2020-06-30')) f (a, d)"
    )
    assert found["irr_status"] == "ok"
    assert found["irr"] == max(found["irr_roots"]) == pytest.approx(0.2005, abs=1e-3)
    assert len(found["irr_roots"]) == 2
