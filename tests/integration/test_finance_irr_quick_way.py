"""Where the quick solver is easily wrong: rates near zero, flows of one day, rates that lie far away."""

import datetime as dt
import random
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

import pytest

from orchestration.lib.oracle.rate_of_return import rate_of_return
from tests.conftest import Cluster
from tests.integration.finance_connection import Finance, Flow, finance_database


@pytest.fixture(scope="module")
def finance(cluster: Cluster) -> Iterator[Finance]:
    with finance_database(cluster) as database:
        yield Finance.of(database)


def nearly_even(rng: random.Random) -> list[Flow]:
    """Calls, then payouts that return them but for a few basis points."""
    days = sorted(rng.sample(range(4000), 6))
    calls = [Decimal(rng.randrange(10**5, 10**8)) / 100 for _ in range(3)]
    back = sum(calls) * (1 + Decimal(rng.randrange(-20, 21)) / 10_000)
    parts = [(back * Decimal(share)).quantize(Decimal("0.01")) for share in ("0.2", "0.3")]
    payouts = [*parts, back - sum(parts)]
    amounts = [-amount for amount in calls] + payouts
    return [
        (amount, dt.date(2010, 1, 1) + dt.timedelta(days=day))
        for amount, day in zip(amounts, days, strict=True)
    ]


def test_a_rate_near_zero_is_as_exact_as_any_other(finance: Finance) -> None:
    rng = random.Random(8)
    for _ in range(150):
        flows = nearly_even(rng)
        exact = rate_of_return((day, Fraction(amount)) for amount, day in flows).value
        assert exact is not None and abs(exact) < 0.1
        assert finance.irr(flows)["irr"] == pytest.approx(exact, rel=1e-11, abs=1e-12)


def test_flows_of_one_day_have_no_rate_however_they_net(finance: Finance) -> None:
    """A value that was rolled from nothing by the flows of its own day nets to zero with them."""
    day = dt.date(2019, 12, 31)
    paid, back = Decimal("1188555.52726684902580478653"), Decimal("941548.98053815996580478653")
    found = finance.irr([(-paid, day), (back, day), (paid - back, day)])
    assert (found["irr_status"], found["irr"], found["xirr"]) == ("same_day_only", None, None)


def test_a_rate_that_lies_far_away_does_not_stop_the_query(finance: Finance) -> None:
    """Found in random books: a step went where exp() overflows, and one series stopped every other."""
    flows: list[Flow] = [
        (Decimal("770076.03"), dt.date(2018, 6, 30)),
        (Decimal("-2223220.791208"), dt.date(2018, 12, 25)),
        (Decimal("842774.80"), dt.date(2019, 2, 19)),
        (Decimal("1579954.299767"), dt.date(2019, 9, 30)),
    ]
    exact = rate_of_return((day, Fraction(amount)) for amount, day in flows)
    found = finance.irr(flows)
    assert found["irr_status"] == exact.status
    assert found["irr_roots"] == pytest.approx(exact.roots, rel=1e-9)


@pytest.mark.parametrize(
    "parts",
    [
        ((-5000000, 0), (5000000, 2808), ("-2792736.27", 5750), ("4265.32", 2808), ("-4265.32", 2808)),
        ((-5000000, 2), ("8446.06", 0), ("4638.01", 0), ("-4638.01", 0)),
        (("0.01", 0), ("-273119.21", 2), ("0.01", 0), ("-0.01", 0)),
    ],
    ids=["steps that shrink where no root is", "a far root, day by day", "a far root of cents"],
)
def test_a_flow_that_is_undone_leads_to_no_rate_of_its_own(
    finance: Finance, parts: tuple[tuple[int | str, int], ...]
) -> None:
    flows = [(Decimal(amount), dt.date(2004, 2, 28) + dt.timedelta(days=day)) for amount, day in parts]
    exact = rate_of_return((day, Fraction(amount)) for amount, day in flows)
    found = finance.irr(flows)
    assert found["irr_status"] == exact.status
    assert found["irr_roots"] == pytest.approx(exact.roots, rel=1e-9)
