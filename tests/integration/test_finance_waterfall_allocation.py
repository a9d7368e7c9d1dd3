"""Sharing an amount to the cent, against the shared-out figures of printed statements."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reporting.presentation.formats import largest_remainder
from tests.conftest import Cluster
from tests.integration.finance_connection import Finance, finance_database


@pytest.fixture(scope="module")
def finance(cluster: Cluster) -> Iterator[Finance]:
    with finance_database(cluster) as database:
        yield Finance.of(database)


def allocate(
    finance: Finance, total: Decimal, weights: list[Decimal | int | None], decimals: int = 2
) -> list[Decimal] | None:
    found: list[Decimal] | None = finance.one(
        "select finance.allocate(%s::numeric, %s::numeric[], %s) as parts", (total, weights, decimals)
    )["parts"]
    return found


def test_thirds_of_a_hundred_sum_to_a_hundred(finance: Finance) -> None:
    assert allocate(finance, Decimal(100), [1, 1, 1]) == [Decimal(p) for p in ("33.34", "33.33", "33.33")]
    assert allocate(finance, Decimal(-100), [1, 1, 1]) == [Decimal(p) for p in ("-33.34", "-33.33", "-33.33")]
    assert allocate(finance, Decimal(100), [1, 1, 1], 0) == [34, 33, 33]
    assert allocate(finance, Decimal("0.001"), [1, 3]) == [0, Decimal("0.001")]


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(
    st.integers(-(10**12), 10**12).map(lambda cents: Decimal(cents) / 100),
    st.lists(st.integers(0, 10**9), min_size=1, max_size=12).filter(any),
)
def test_parts_sum_to_the_total_and_none_is_a_cent_off(
    finance: Finance, total: Decimal, weights: list[int]
) -> None:
    parts = allocate(finance, total, list(weights))
    assert parts is not None
    assert sum(parts) == total
    exact = [Fraction(total) * w / sum(weights) for w in weights]
    assert all(abs(Fraction(p) - e) < Fraction(1, 100) for p, e in zip(parts, exact, strict=True))
    positive = [Decimal(abs(e.numerator)) / Decimal(e.denominator) for e in exact]
    assert sorted(abs(p) for p in parts) == sorted(largest_remainder(positive, 2))


def test_what_cannot_be_shared_is_unknown_or_refused(finance: Finance) -> None:
    assert allocate(finance, Decimal(1), [1, None]) is None
    assert allocate(finance, Decimal(1), [0, 0]) is None
    assert allocate(finance, Decimal(1), []) is None
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="weight 2 of 2 is -1"):
        allocate(finance, Decimal(1), [2, -1])
