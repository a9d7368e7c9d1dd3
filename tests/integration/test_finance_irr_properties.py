"""What must hold of every series of flows, held against a dense scan with numpy and against pyxirr."""

import datetime as dt
import random
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest
import pyxirr
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.conftest import Cluster
from tests.integration.finance_connection import Finance, Flow, finance_database
from tests.integration.npv_scan import netted, residual, scan, slope_sign

EPOCH = dt.date(2004, 2, 28)
# The same examples on every run: the gate must not depend on luck. Raise max_examples to look further.
THOROUGH = settings(
    max_examples=120,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

cents = st.integers(-5_000_000_00, 5_000_000_00).map(lambda c: Decimal(c) / 100)
any_flows = st.lists(
    st.tuples(cents, st.integers(0, 9000).map(lambda d: EPOCH + dt.timedelta(days=d))),
    min_size=2,
    max_size=30,
)


@pytest.fixture(scope="module")
def finance(cluster: Cluster) -> Iterator[Finance]:
    with finance_database(cluster) as database:
        yield Finance.of(database)


@THOROUGH
@given(flows=any_flows)
def test_every_root_is_a_root_and_every_crossing_of_a_dense_scan_is_among_them(
    finance: Finance, flows: list[Flow]
) -> None:
    found = finance.irr(flows)
    for root in found["irr_roots"]:
        # near -100 % a rate has few digits left above -1, and NPV few digits of meaning
        if root > -0.999999:
            assert residual(flows, root) < 1e-9
    crossings = scan(flows, points=12_001).crossings
    for low, high, _ in crossings:
        assert any(low - 1e-15 <= root <= high + 1e-15 for root in found["irr_roots"])
    # Two roots inside one cell of the scan are invisible to it, never the other way round.
    assert len(found["irr_roots"]) >= len(crossings)
    assert (len(found["irr_roots"]) - len(crossings)) % 2 == 0 or found["irr_status"] in (
        "tangent",
        "multiple",
    )


@THOROUGH
@given(flows=any_flows)
def test_the_headline_is_the_only_root_where_npv_falls_or_the_only_root(
    finance: Finance, flows: list[Flow]
) -> None:
    found = finance.irr(flows)
    roots = found["irr_roots"]
    assume(roots and min(roots) > -0.999999)
    assume(all(b - a > 1e-4 * (1 + a) for a, b in pairwise(roots)))
    falling = [root for root in roots if slope_sign(flows, root) < 0]
    expected = roots[0] if len(roots) == 1 else falling[0] if len(falling) == 1 else None
    assert found["irr"] == expected
    assert found["irr_status"] == ("ok" if expected is not None else "multiple")


@THOROUGH
@given(flows=any_flows, factor=st.sampled_from(["1e-9", "0.37", "1e12"]), days=st.integers(-40_000, 40_000))
def test_scaling_amounts_shifting_dates_and_reordering_rows_change_nothing(
    finance: Finance, flows: list[Flow], factor: str, days: int
) -> None:
    plain = finance.irr(flows)
    moved = [(amount * Decimal(factor), day + dt.timedelta(days=days)) for amount, day in flows]
    random.Random(0).shuffle(moved)
    found = finance.irr(moved)
    assert found["irr_status"] == plain["irr_status"]
    assert np.log1p(found["irr_roots"]) == pytest.approx(np.log1p(plain["irr_roots"]), abs=1e-9)
    assert found["is_annualized"] == plain["is_annualized"]


@THOROUGH
@given(flows=any_flows, where=st.integers(0, 29), part=cents)
def test_splitting_a_flow_into_two_of_the_same_day_changes_nothing(
    finance: Finance, flows: list[Flow], where: int, part: Decimal
) -> None:
    _, day = flows[where % len(flows)]
    split = [*flows, (part, day), (-part, day)]
    whole, parts = finance.irr(flows), finance.irr(split)
    # only "why there is no rate" may notice that a day has several flows
    if whole["irr_roots"]:
        assert parts["irr_status"] == whole["irr_status"]
        assert np.log1p(parts["irr_roots"]) == pytest.approx(np.log1p(whole["irr_roots"]), abs=1e-9)
    else:
        assert parts["irr_roots"] == []


@THOROUGH
@given(
    calls=st.lists(st.tuples(st.integers(1, 10**9), st.integers(0, 1500)), min_size=1, max_size=15),
    receipts=st.lists(st.tuples(st.integers(1, 10**9), st.integers(1501, 6000)), min_size=1, max_size=15),
)
def test_calls_then_receipts_have_one_root_and_it_is_pyxirrs(
    finance: Finance, calls: list[tuple[int, int]], receipts: list[tuple[int, int]]
) -> None:
    flows = [(Decimal(-cents_) / 100, EPOCH + dt.timedelta(days=day)) for cents_, day in calls]
    flows += [(Decimal(cents_) / 100, EPOCH + dt.timedelta(days=day)) for cents_, day in receipts]
    found = finance.irr(flows)
    assume(found["irr_status"] != "out_of_range")
    assert found["irr_status"] == "ok"
    assert len(found["irr_roots"]) == 1
    theirs = pyxirr.xirr([day for _, day in flows], [float(amount) for amount, _ in flows], silent=True)
    if theirs is not None and residual(flows, theirs) < 1e-9:
        assert np.log1p(found["irr"]) == pytest.approx(np.log1p(theirs), abs=1e-9)


@THOROUGH
@given(flows=any_flows)
def test_a_rate_that_pyxirr_finds_is_among_our_roots(finance: Finance, flows: list[Flow]) -> None:
    theirs = pyxirr.xirr([day for _, day in flows], [float(amount) for amount, _ in flows], silent=True)
    amounts, _ = netted(flows)
    assume(theirs is not None and -0.9999 < theirs <= 10_000 and len(amounts) > 1)
    assert theirs is not None
    assume(residual(flows, theirs) < 1e-11)
    roots = finance.irr(flows)["irr_roots"]
    assert min(abs(np.log1p(theirs) - np.log1p(roots))) < 1e-6


@pytest.mark.parametrize("flows_of_each", [40, 400])
def test_interleaved_calls_and_distributions_are_exact_to_ten_digits(
    finance: Finance, flows_of_each: int
) -> None:
    """The shape of a real investor account, whose rate is proved to be single without a search."""
    rng = random.Random(7)
    for _ in range(25):
        flows: list[Flow] = []
        for k in range(flows_of_each):
            pays_in = rng.random() > 1.4 * k / flows_of_each
            amount = Decimal(rng.randrange(1_000_00, 100_000_00)) / 100 * (-1 if pays_in else 2)
            flows.append((amount, EPOCH + dt.timedelta(days=4000 * k // flows_of_each + rng.randrange(9))))
        found = finance.irr(flows)
        assert found["irr"] is not None
        assert residual(flows, found["irr"]) < 1e-12
