"""What must hold of every waterfall, for flows and terms that nobody chose, against a second computation."""

import datetime as dt
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import Cluster
from tests.integration import waterfall_by_days as by_days
from tests.integration.finance_connection import Finance, finance_database
from tests.integration.waterfall_by_days import Agreement, Event

FIRST = dt.date(2020, 2, 28)
CENT = Decimal("0.01")
FEW = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)

RATES = st.sampled_from([Decimal(r) for r in ("0.05", "0.08", "0.1")])
CARRIES = st.sampled_from([Decimal(r) for r in ("0.1", "0.2", "0.25")])
DAYS = st.integers(0, 1400).map(lambda n: FIRST + dt.timedelta(days=n))
MONEY = st.integers(1, 90_000_000).map(lambda cents: Decimal(cents) / 100)
CALLS = st.lists(st.builds(lambda d, m: Event(d, -m), DAYS, MONEY), min_size=1, max_size=4)
RECEIPTS = st.lists(st.builds(Event, DAYS, MONEY), min_size=1, max_size=5)
FUNDS = st.builds(lambda a, b: a + b, CALLS, RECEIPTS)


@pytest.fixture(scope="module")
def finance(cluster: Cluster) -> Iterator[Finance]:
    with finance_database(cluster) as database:
        yield Finance.of(database)


def terms_of(agreement: Agreement, **more: Any) -> str:
    return json.dumps(
        {
            "carry_rate": str(agreement.carry),
            "hurdle_rate": str(agreement.hurdle),
            "compounding": "exponential" if agreement.is_compounding else "simple",
            "catch_up_rate": str(agreement.catch_up),
            "basis": "american" if agreement.is_american else "european",
            **more,
        }
    )


def waterfall(finance: Finance, events: list[Event], terms: str) -> dict[str, Any]:
    return finance.one(
        "select (finance.waterfall(f.amount, f.on_date, f.deal, f.realised, %s::jsonb)).* "
        "from unnest(%s::numeric[], %s::date[], %s::text[], %s::numeric[])"
        " as f (amount, on_date, deal, realised)",
        (
            terms,
            [e.amount for e in events],
            [e.day for e in events],
            [e.deal for e in events],
            [e.realised for e in events],
        ),
    )


@FEW
@given(FUNDS, CARRIES, RATES, st.booleans(), st.sampled_from(["1", "0.8", "0.5", "0.1", "0"]))
def test_a_second_computation_day_by_day_agrees(
    finance: Finance,
    events: list[Event],
    carry: Decimal,
    hurdle: Decimal,
    is_compounding: bool,
    catch_up: str,
) -> None:
    agreement = Agreement(carry, hurdle, is_compounding, Decimal(catch_up))
    expected = by_days.walk(events, agreement)
    found = waterfall(finance, events, terms_of(agreement, decimals=12))
    close = Decimal("1e-9")
    assert abs(found["gp_amount"] - expected.gp) < close
    assert abs(found["lp_amount"] - expected.lp) < close
    assert abs(found["preferred_return_amount"] - expected.preferred) < close
    assert abs(found["catch_up_amount"] - expected.catch_up) < close
    if catch_up == "1":
        profit = expected.distributed - expected.contributed
        due = by_days.carry_due(profit, expected.whole_fund_preferred, agreement)
        assert abs(found["carry_due_amount"] - due) < close


@FEW
@given(FUNDS, CARRIES, RATES, st.sampled_from(["1", "0.5", "0"]))
def test_tiers_sum_to_each_distribution_and_the_gp_waits_for_lps(
    finance: Finance, events: list[Event], carry: Decimal, hurdle: Decimal, catch_up: str
) -> None:
    agreement = Agreement(carry, hurdle, True, Decimal(catch_up))
    expected = by_days.walk(events, agreement)
    with finance.connection.cursor() as cursor:
        found = cursor.execute(
            "select on_date, array_agg(amount order by tier_number), sum(amount),"
            " bool_and(amount = lp_amount + gp_amount and lp_amount >= 0 and gp_amount >= 0),"
            " sum(gp_amount) > 0, sum(unreturned_capital_amount + unpaid_preferred_return_amount)"
            "   filter (where tier_number = 4)"
            " from finance.waterfall_tiers(%s::numeric[], %s::date[], %s::jsonb)"
            " group by on_date order by on_date",
            ([e.amount for e in events], [e.day for e in events], terms_of(agreement)),
        ).fetchall()
    assert [day for day, *_ in found] == [day for day, _ in expected.tiers]
    for (day, tiers, total, is_whole, gp_is_paid, owed), (_, exact) in zip(
        found, expected.tiers, strict=True
    ):
        assert total == sum(e.amount for e in events if e.day == day and e.amount > 0)
        assert is_whole
        assert max(abs(a - b) for a, b in zip(tiers, exact, strict=True)) <= 2 * CENT
        assert not gp_is_paid or owed == 0


@FEW
@given(FUNDS, CARRIES, RATES)
def test_after_a_full_catch_up_the_gp_has_exactly_its_share_of_profit(
    finance: Finance, events: list[Event], carry: Decimal, hurdle: Decimal
) -> None:
    last_day = max(e.day for e in events) + dt.timedelta(days=30)
    paid_in = -sum((e.amount for e in events if e.amount < 0), Decimal(0))
    events = [*events, Event(last_day, 3 * paid_in)]
    for catch_up in ("1", "0.6"):
        found = waterfall(finance, events, terms_of(Agreement(carry, hurdle, True, Decimal(catch_up))))
        profit = found["distributed_amount"] - found["contributed_amount"]
        assert found["split_amount"] > 0, "three times what was paid in is beyond every catch-up here"
        assert abs(found["gp_amount"] - carry * profit) <= CENT
        assert found["excess_carry_amount"] <= CENT


@FEW
@given(FUNDS, CARRIES, RATES, st.integers(2, 5000))
def test_scaling_all_flows_scales_every_amount(
    finance: Finance, events: list[Event], carry: Decimal, hurdle: Decimal, factor: int
) -> None:
    terms = terms_of(Agreement(carry, hurdle), decimals=12)
    once = waterfall(finance, events, terms)
    scaled = waterfall(finance, [Event(e.day, e.amount * factor) for e in events], terms)
    for column, value in once.items():
        if column.endswith("_amount"):
            assert abs(scaled[column] - factor * value) < Decimal("1e-6"), column


@FEW
@given(FUNDS, st.randoms(use_true_random=False))
def test_neither_the_order_of_rows_nor_a_flow_in_two_parts_matters(
    finance: Finance, events: list[Event], chance: Any
) -> None:
    terms = terms_of(Agreement(Decimal("0.2"), Decimal("0.08"), True))
    halves = [(e, (e.amount / 2).quantize(CENT)) for e in events]
    parts = [Event(e.day, part) for e, half in halves for part in (half, e.amount - half)]
    chance.shuffle(parts)
    assert waterfall(finance, parts, terms) == waterfall(finance, events, terms)
