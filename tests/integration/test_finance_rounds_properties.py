"""Rounds that nobody chose, against every combination of conversions in exact fractions."""

import json
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from psycopg.rows import dict_row

from tests.conftest import Cluster
from tests.integration.finance_connection import Finance, finance_database
from tests.integration.round_by_enumeration import (
    EXISTING,
    POST_MONEY,
    PRE_MONEY,
    Answer,
    Instrument,
    Sheet,
    answers,
)

FEW = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
CENT = Fraction(1, 100)
PERCENT = st.integers(1, 40).map(lambda n: Fraction(n, 100))
INSTRUMENTS = st.lists(
    st.builds(
        Instrument,
        st.integers(1, 60).map(lambda n: Fraction(n * 25_000)),
        st.one_of(st.none(), st.integers(4, 60).map(lambda n: Fraction(n * 500_000))),
        st.sampled_from([POST_MONEY, POST_MONEY, PRE_MONEY, EXISTING]),
        st.one_of(st.just(Fraction(0)), PERCENT),
    ),
    max_size=5,
)
SHEETS = st.builds(
    Sheet,
    existing=st.integers(1_000_000, 20_000_000).map(Fraction),
    pool=st.integers(0, 900_000).map(Fraction),
    pre_money=st.integers(2, 80).map(lambda n: Fraction(n * 500_000)),
    new_money=st.integers(0, 40).map(lambda n: Fraction(n * 250_000)),
    convention=st.sampled_from(["percent_ownership", "dollars_invested", "pre_money"]),
    pool_target=st.one_of(st.none(), st.integers(1, 20).map(lambda n: Fraction(n, 100))),
)


@pytest.fixture(scope="module")
def finance(cluster: Cluster) -> Iterator[Finance]:
    with finance_database(cluster) as database:
        yield Finance.of(database)


def asked(
    finance: Finance, sheet: Sheet, instruments: list[Instrument], **more: Any
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """finance.priced_round and finance.cap_table of a sheet."""
    holdings = [{"holder": "Founders", "shares": str(sheet.existing - sheet.pool)}]
    holdings += [{"holder": "Pool", "class": "pool", "shares": str(sheet.pool)}] if sheet.pool else []
    listed = [
        {
            "name": f"i{n}",
            "amount": float(i.amount),
            "cap": None if i.cap is None else float(i.cap),
            "cap_basis": i.cap_basis,
            "discount": float(i.discount),
        }
        for n, i in enumerate(instruments)
    ]
    terms = {
        "pre_money": float(sheet.pre_money),
        "new_money": float(sheet.new_money),
        "convention": sheet.convention,
        "pool_increase": None if sheet.pool_increase is None else float(sheet.pool_increase),
        "pool_target": None if sheet.pool_target is None else float(sheet.pool_target),
        **more,
    }
    given = tuple(json.dumps(x) for x in (holdings, listed, terms))
    summary = finance.one("select * from finance.priced_round(%s::jsonb, %s::jsonb, %s::jsonb)", given)
    with finance.connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute("select * from finance.cap_table(%s::jsonb, %s::jsonb, %s::jsonb)", given)
        return summary, rows.fetchall()


def close(price: Any, exact: Fraction) -> bool:
    return abs(Fraction(price) - exact) <= exact * Fraction(1, 10**16)


def near(shares: Any, exact: Fraction) -> bool:
    """Share counts are told to 12 decimals each."""
    return abs(Fraction(shares) - exact) <= Fraction(1, 10**11)


def the_only(found: set[Answer]) -> Answer:
    assert len(found) == 1
    return next(iter(found))


@FEW
@given(SHEETS, INSTRUMENTS)
def test_the_round_is_the_only_consistent_combination_of_conversions(
    finance: Finance, sheet: Sheet, instruments: list[Instrument]
) -> None:
    expected = answers(sheet, instruments)
    if not expected:
        with pytest.raises(psycopg.errors.InvalidParameterValue, match="no price satisfies this round"):
            asked(finance, sheet, instruments)
        return
    only = the_only(expected)
    summary, rows = asked(finance, sheet, instruments)
    assert close(summary["price"], only.price)
    assert near(summary["company_capitalization"], only.capitalization)
    assert near(summary["total_shares"], only.total)
    assert near(summary["pool_increase_shares"], only.pool_increase)
    converted = [r for r in rows if r["class"] == "safe"]
    assert all(near(r["shares"], c) for r, c in zip(converted, only.conversions, strict=True))
    assert sum(r["ownership"] for r in rows) == 1
    assert sum(r["shares"] for r in rows) == summary["total_shares"]


@FEW
@given(SHEETS, INSTRUMENTS)
def test_whole_shares_and_a_rounded_price_stay_near_the_exact_round(
    finance: Finance, sheet: Sheet, instruments: list[Instrument]
) -> None:
    expected = answers(sheet, instruments)
    assume(expected)
    only = the_only(expected)
    summary, rows = asked(finance, sheet, instruments, whole_shares=True, price_decimals=8)
    assert all(r["shares"] == int(r["shares"]) for r in rows)
    assert sum(r["ownership"] for r in rows) == 1
    rounding = Fraction(1, 10**8) / only.price * only.total * 20 + 20
    assert abs(Fraction(summary["total_shares"]) - only.total) <= rounding
    for row in rows:
        if row["class"] == "new":
            assert row["shares"] * row["price"] <= row["invested_amount"]


@FEW
@given(SHEETS, INSTRUMENTS, st.integers(2, 50))
def test_splitting_every_share_divides_the_price_and_nothing_else(
    finance: Finance, sheet: Sheet, instruments: list[Instrument], factor: int
) -> None:
    assume(answers(sheet, instruments))
    split = Sheet(**{**sheet.__dict__, "existing": sheet.existing * factor, "pool": sheet.pool * factor})
    once, rows = asked(finance, sheet, instruments)
    more, split_rows = asked(finance, split, instruments)
    assert close(more["price"] * factor, Fraction(once["price"]))
    for a, b in zip(rows, split_rows, strict=True):
        assert abs(a["ownership"] - b["ownership"]) < 1e-12


def over_cap(instrument: Instrument) -> Fraction:
    assert instrument.cap is not None
    return instrument.amount / instrument.cap


@FEW
@given(
    st.integers(1, 400).map(lambda n: Fraction(n * 100_000)),
    INSTRUMENTS,
    st.sampled_from(["sale", "dissolution"]),
)
def test_in_a_sale_nobody_would_have_chosen_differently(
    finance: Finance, proceeds: Fraction, instruments: list[Instrument], event: str
) -> None:
    assume(sum(over_cap(i) for i in instruments if i.cap and i.cap_basis == POST_MONEY) < 1)
    common = Fraction(7_000_000)
    listed = [
        {"name": f"i{n}", "amount": float(i.amount), "cap": None if i.cap is None else float(i.cap),
         "cap_basis": i.cap_basis, "discount": float(i.discount)}
        for n, i in enumerate(instruments)
    ]  # fmt: skip
    with finance.connection.cursor(row_factory=dict_row) as cursor:
        held, *rows = cursor.execute(
            "select * from finance.liquidity_payouts(%s::jsonb, %s::jsonb, %s::jsonb)",
            (
                json.dumps([{"holder": "Founders", "shares": float(common)}]),
                json.dumps(listed),
                json.dumps({"proceeds": float(proceeds), "event": event}),
            ),
        ).fetchall()
    got = [Fraction(row["amount"]) for row in rows]
    assert sum(got) + Fraction(held["amount"]) == proceeds
    claims = sum((i.amount for i in instruments), Fraction(0))
    if event == "dissolution" or claims >= proceeds:
        part = min(Fraction(1), proceeds / claims) if claims else Fraction(0)
        assert {row["takes"] for row in rows} <= {"cash"}
        assert all(abs(g - i.amount * part) < CENT for g, i in zip(got, instruments, strict=True))
        return

    def paid_out(takes: list[str]) -> tuple[list[Fraction], Fraction]:
        """What each has, and the price of a share, when these are the choices: a closed form."""
        chosen = list(zip(instruments, takes, strict=True))
        left = proceeds - sum(i.amount for i, t in chosen if t == "cash")
        owned = sum(over_cap(i) for i, t in chosen if t == "cap" and i.cap_basis == POST_MONEY)
        by_discount = sum(i.amount / (1 - i.discount) for i, t in chosen if t == "discount")
        fixed = sum(over_cap(i) * common for i, t in chosen if t == "cap" and i.cap_basis != POST_MONEY)
        price = (left * (1 - owned) - by_discount) / (common + fixed)
        worth: dict[str, Callable[[Instrument], Fraction]] = {
            "cash": lambda i: i.amount,
            "discount": lambda i: i.amount / (1 - i.discount),
            "cap": lambda i: over_cap(i) * (left if i.cap_basis == POST_MONEY else common * price),
        }
        return [worth[t](i) for i, t in chosen], price

    takes = [row["takes"] for row in rows]
    exact, price = paid_out(takes)
    assert price > 0
    assert abs(Fraction(held["amount"]) - common * price) < CENT
    for n, (i, found) in enumerate(zip(instruments, got, strict=True)):
        assert abs(found - exact[n]) < CENT
        for other in {"cash", *(["cap"] if i.cap else []), *(["discount"] if i.discount else [])} - {
            takes[n]
        }:
            deviating, then = paid_out([*takes[:n], other, *takes[n + 1 :]])
            assert then <= 0 or deviating[n] <= exact[n]
