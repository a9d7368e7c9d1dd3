"""Carry deal by deal, what the GP owes back on the whole fund's result, and carry as reports accrue it."""

import datetime as dt
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import Cluster
from tests.integration import waterfall_by_days as by_days
from tests.integration.finance_connection import Finance, finance_database
from tests.integration.test_finance_waterfall import EXAMPLES
from tests.integration.test_finance_waterfall_properties import (
    CARRIES,
    CENT,
    FEW,
    FIRST,
    MONEY,
    RATES,
    terms_of,
    waterfall,
)
from tests.integration.waterfall_by_days import Agreement, Event

AMERICAN = Agreement(Decimal("0.2"), is_american=True)


@pytest.fixture(scope="module")
def finance(cluster: Cluster) -> Iterator[Finance]:
    with finance_database(cluster) as database:
        yield Finance.of(database)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def event(amount: str, on: str, deal: str | None = None, realised: str = "0") -> Event:
    return Event(day(on), Decimal(amount), deal, Decimal(realised))


WINNER_THEN_LOSER = [
    event("-100", "2020-01-01", "A"),
    event("-100", "2020-01-01", "B"),
    event("-20", "2020-01-01"),
    event("210", "2021-01-01", "A", "100"),
    event("30", "2022-01-01", "B", "100"),
]
"""A doubles and pays carry on 210 - 100 - half of the expenses; B then loses 70 and the other half."""


def accrual(
    finance: Finance, events: list[Event], value: str | None, as_of: str, terms: str
) -> dict[str, Any]:
    return finance.one(
        "select (finance.accrued_carry_detail(f.amount, f.on_date, f.deal, f.realised, v.value,"
        " v.as_of, v.terms)).*,"
        " finance.accrued_carry(f.amount, f.on_date, f.deal, f.realised,"
        " v.value, v.as_of, v.terms) as accrued"
        " from unnest(%s::numeric[], %s::date[], %s::text[], %s::numeric[])"
        " as f (amount, on_date, deal, realised), "
        "(values (%s::numeric, %s::date, %s::jsonb)) as v (value, as_of, terms)",
        (
            [e.amount for e in events],
            [e.day for e in events],
            [e.deal for e in events],
            [e.realised for e in events],
            value,
            as_of,
            terms,
        ),
    )


def test_deal_by_deal_pays_carry_early_and_owes_it_back(finance: Finance) -> None:
    early = waterfall(finance, WINNER_THEN_LOSER[:4], terms_of(AMERICAN))
    assert early["gp_amount"] == 20  # a fifth of 210 - 100 - 10
    found = waterfall(finance, WINNER_THEN_LOSER, terms_of(AMERICAN))
    assert (found["gp_amount"], found["carry_due_amount"]) == (20, 4)  # a fifth of 240 - 220
    assert (found["excess_carry_amount"], found["clawback_amount"]) == (16, 16)
    whole_fund = waterfall(finance, WINNER_THEN_LOSER, terms_of(Agreement(AMERICAN.carry)))
    assert (whole_fund["gp_amount"], whole_fund["clawback_amount"]) == (4, 0)


@pytest.mark.parametrize(
    ("order", "paid"),
    [((0, 1, 2), 2), ((0, 2, 1), 4), ((1, 0, 2), 2), ((1, 2, 0), 2), ((2, 0, 1), 4), ((2, 1, 0), 3)],
)
def test_a_true_up_leaves_the_published_carry_in_whichever_order_deals_are_sold(
    finance: Finance, order: tuple[int, ...], paid: int
) -> None:
    """wf-cfa-three-projects: 2 of a profit of 10; up to 4 are paid before the loss is known."""
    example = next(e for e in EXAMPLES if e["id"] == "wf-cfa-three-projects")
    events = [event(f"-{cost}", "2020-01-01", deal) for deal, cost, _ in example["deals"]]
    for year, k in enumerate(order, start=2021):
        deal, cost, proceeds = example["deals"][k]
        events.append(event(proceeds, f"{year}-01-01", deal, cost))
    found = waterfall(finance, events, json.dumps(example["terms"]))
    assert found["gp_amount"] - found["clawback_amount"] == Decimal(example["expected"]["gp_amount"])
    assert found["gp_amount"] == paid


def test_a_clawback_is_the_lesser_of_the_excess_and_carry_after_tax(finance: Finance) -> None:
    for tax, expected in (("0.1", 16), ("0.2", 16), ("0.3", 14), ("1", 0)):
        found = waterfall(finance, WINNER_THEN_LOSER, terms_of(AMERICAN, clawback_tax_rate=tax))
        assert found["clawback_amount"] == expected


def test_a_write_down_comes_back_before_carry(finance: Finance) -> None:
    """B is written down by 60 before A is sold: carry on 210 - 100 - 60 - 16 of the 20 expenses."""
    events = [*WINNER_THEN_LOSER[:3], event("0", "2020-06-30", "B", "60"), WINNER_THEN_LOSER[3]]
    found = waterfall(finance, events, terms_of(AMERICAN))
    assert found["returned_capital_amount"] == 176
    assert found["gp_amount"] == Decimal("6.80")


def test_income_returns_no_cost_of_its_deal_yet(finance: Finance) -> None:
    events = [*WINNER_THEN_LOSER[:2], event("50", "2021-01-01", "A")]
    assert waterfall(finance, events, terms_of(AMERICAN))["gp_amount"] == 10
    assert waterfall(finance, events, terms_of(Agreement(AMERICAN.carry)))["gp_amount"] == 0


def test_half_a_sale_returns_half_of_the_cost_with_its_preferred_return(finance: Finance) -> None:
    terms = terms_of(Agreement(Decimal("0.2"), Decimal("0.08"), is_american=True))
    events = [event("-1000", "2021-01-01", "A"), event("800", "2022-01-01", "A", "500")]
    found = waterfall(finance, events, terms)
    assert (found["returned_capital_amount"], found["preferred_return_amount"]) == (500, 40)
    assert found["gp_amount"] == 60  # a fifth of 300
    # what LPs are still owed of all they paid in: 1000 - 740, and a year's 80 less nothing yet
    assert (found["unreturned_capital_amount"], found["unpaid_preferred_return_amount"]) == (260, 80)


def test_cost_that_was_not_paid_in_cannot_be_realised(finance: Finance) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="realised cost 101 of deal 'A'"):
        waterfall(
            finance, [*WINNER_THEN_LOSER[:3], event("210", "2021-01-01", "A", "101")], terms_of(AMERICAN)
        )
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="realised cost 5 of deal NULL"):
        waterfall(finance, [*WINNER_THEN_LOSER[:3], event("0", "2021-01-01", None, "5")], terms_of(AMERICAN))
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="realised cost -1"):
        waterfall(finance, [event("210", "2021-01-01", "A", "-1")], terms_of(AMERICAN))


def test_a_sale_whose_cost_is_unknown_makes_the_result_unknown(finance: Finance) -> None:
    found = finance.one(
        'select finance.waterfall(a, d, \'A\', null, \'{"carry_rate": 0.2, "basis": "american"}\') as w'
        " from (values (-100, date '2020-01-01'), (200, '2021-01-01')) as f (a, d)"
    )
    assert found["w"] is None


@st.composite
def deal_funds(draw: st.DrawFn) -> list[Event]:
    """Two or three deals sold in one or two parts, perhaps written down in between, and expenses."""
    days = st.integers(0, 500)
    events = [
        Event(FIRST + dt.timedelta(days=draw(days)), -draw(MONEY)) for _ in range(draw(st.integers(0, 2)))
    ]
    for deal in "ABC"[: draw(st.integers(2, 3))]:
        bought, cost = FIRST + dt.timedelta(days=draw(days)), draw(MONEY)
        events.append(Event(bought, -cost, deal))
        part = (cost * draw(st.sampled_from([0, 25, 50])) / 100).quantize(CENT)
        sold = bought + dt.timedelta(days=draw(days))
        events.append(Event(sold, draw(st.sampled_from([Decimal(0), draw(MONEY)])), deal, part))
        if draw(st.booleans()):
            last = sold + dt.timedelta(days=draw(days))
            events.append(Event(last, draw(MONEY), deal, cost - part))
    return events


@FEW
@given(deal_funds(), CARRIES, RATES, st.booleans())
def test_a_second_computation_deal_by_deal_agrees(
    finance: Finance, events: list[Event], carry: Decimal, hurdle: Decimal, is_compounding: bool
) -> None:
    agreement = Agreement(carry, hurdle, is_compounding, is_american=True)
    expected = by_days.walk(events, agreement)
    found = waterfall(finance, events, terms_of(agreement, decimals=12))
    close = Decimal("1e-8")
    assert abs(found["gp_amount"] - expected.gp) < close
    assert abs(found["preferred_return_amount"] - expected.preferred) < close
    profit = expected.distributed - expected.contributed
    due = by_days.carry_due(profit, expected.whole_fund_preferred, agreement)
    assert abs(found["carry_due_amount"] - due) < close
    assert found["lp_amount"] + found["gp_amount"] == found["distributed_amount"]


@FEW
@given(deal_funds(), MONEY)
def test_carry_accrued_on_a_value_is_that_of_a_distribution_of_it(
    finance: Finance, events: list[Event], value: Decimal
) -> None:
    """Without carry beyond what is due, accrued carry is what a last distribution would give the GP."""
    terms = terms_of(Agreement(Decimal("0.2"), Decimal("0.08"), True))
    as_of = max(e.day for e in events) + dt.timedelta(days=90)
    before = waterfall(finance, events, terms)
    after = waterfall(finance, [*events, Event(as_of, value)], terms)
    later = Event(as_of + dt.timedelta(days=1), Decimal(1_000_000), "later")
    found = accrual(finance, [*events, later], str(value), as_of.isoformat(), terms)
    assert found["carry_paid_amount"] == before["gp_amount"]
    assert found["carry_on_value_amount"] == after["gp_amount"] - before["gp_amount"]
    assert found["accrued"] == found["accrued_carry_amount"]
    assert found["value_to_lps_amount"] == value - found["accrued"]
    if after["excess_carry_amount"] == 0:
        assert found["accrued"] == found["carry_on_value_amount"]


def test_accrued_carry_gives_up_what_is_not_paid_before_it_claws_back(finance: Finance) -> None:
    """Carry of 20 was paid on A. With B at 130 the GP is due 24 of 340 - 220; below 110 it owes."""
    sold = WINNER_THEN_LOSER[:4]
    for value, on_value, accrued in (
        ("130", "4", "4"),
        ("110", "0", "0"),
        ("60", "0", "-10"),
        ("0", "0", "-20"),
    ):
        found = accrual(finance, sold, value, "2021-12-31", terms_of(AMERICAN))
        assert found["carry_paid_amount"] == 20
        assert (found["carry_on_value_amount"], found["accrued"]) == (Decimal(on_value), Decimal(accrued))
    taxed = accrual(finance, sold, "0", "2021-12-31", terms_of(AMERICAN, clawback_tax_rate="0.4"))
    assert (taxed["clawback_amount"], taxed["accrued"]) == (12, -12)


def test_accrued_carry_without_a_value_is_unknown_and_below_zero_is_a_loss(finance: Finance) -> None:
    sold = WINNER_THEN_LOSER[:4]
    assert accrual(finance, sold, None, "2021-12-31", terms_of(AMERICAN))["accrued"] is None
    assert accrual(finance, sold, "-15", "2021-12-31", terms_of(AMERICAN))["accrued"] == -20
    assert accrual(finance, sold, "300", "2019-12-31", terms_of(AMERICAN))["carry_paid_amount"] == 0


def test_carry_accrues_at_every_date_of_one_query(finance: Finance) -> None:
    """The short form, for whole-fund agreements, groups by the reporting date."""
    found = finance.one(
        "select array_agg(g.carry order by g.as_of) as accrued from ("
        " select v.as_of, finance.accrued_carry(f.amount, f.on_date, v.value, v.as_of, %s::jsonb) as carry"
        " from (values (-1000, date '2021-01-01'), (100, '2022-01-01')) as f (amount, on_date),"
        " (values (900, date '2021-06-30'), (1300, '2022-01-01'), (2000, '2023-01-01'))"
        " as v (value, as_of)"
        " group by v.as_of) as g",
        (json.dumps({"carry_rate": 0.2}),),
    )
    assert found["accrued"] == [0, 80, 220]
