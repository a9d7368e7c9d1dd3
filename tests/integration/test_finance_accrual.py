"""Accrual by day count and compounding: published amounts, exact fractions beside it, and refusals."""

import datetime as dt
import json
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import psycopg
import pytest
import pyxirr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyxirr import DayCount

from tests.conftest import Cluster
from tests.integration.finance_connection import Finance, finance_database

EXAMPLES = {
    example["id"]: example
    for example in json.loads(
        (Path(__file__).parents[1] / "data" / "finance" / "accrual_examples.json").read_text(encoding="utf-8")
    )
}
DAY_COUNTS = ("ACT/365F", "ACT/360", "30/360", "30E/360", "ACT/ACT")
MONTHS = {"annual": 12, "semiannual": 6, "quarterly": 3, "monthly": 1}


@pytest.fixture(scope="module")
def finance(cluster: Cluster) -> Iterator[Finance]:
    with finance_database(cluster) as database:
        yield Finance.of(database)


def accrued(
    finance: Finance,
    principal: float | Decimal,
    rate: float | Decimal,
    from_date: str | dt.date,
    to_date: str | dt.date,
    day_count: str,
    compounding: str = "simple",
) -> Decimal:
    return finance.one(
        "select finance.accrue(%s::numeric, %s::numeric, %s::date, %s::date, %s, %s) as interest",
        (Decimal(str(principal)), Decimal(str(rate)), str(from_date), str(to_date), day_count, compounding),
    )["interest"]


def test_interest_of_notes_meets_the_published_amounts(finance: Finance) -> None:
    year = EXAMPLES["note-interest-1y"]["inputs"]
    interest = accrued(finance, year["principal"], year["rate"], "2021-01-01", "2022-01-01", "ACT/365F")
    assert year["principal"] + interest == EXAMPLES["note-interest-1y"]["published"]

    simple = EXAMPLES["note-accrual-a1"]["inputs"]
    until = dt.date(2021, 1, 1) + dt.timedelta(days=simple["days"])
    interest = accrued(finance, simple["P"], simple["rate"], "2021-01-01", until, "ACT/365F")
    assert Decimal(simple["P"]) + interest == EXAMPLES["note-accrual-a1"]["published"]

    quarters = EXAMPLES["note-accrual-a3"]["inputs"]
    interest = accrued(
        finance, quarters["P"], quarters["rate"], "2021-01-01", "2023-01-01", "30/360", "quarterly"
    )
    total = float(Decimal(quarters["P"]) + interest)
    assert total == pytest.approx(EXAMPLES["note-accrual-a3"]["published"], abs=1e-9)


def test_a_preferred_return_that_counts_both_days_is_the_sum_of_its_tranches(finance: Finance) -> None:
    """wf-pref-30360: 1,316,000; the source's walk by segments prints 1,316,333.33 through a slip."""
    example = EXAMPLES["wf-pref-30360"]
    day_after = dt.date.fromisoformat(example["inputs"]["to"]) + dt.timedelta(days=1)
    tranches, rate = example["inputs"]["tranches"], example["inputs"]["rate"]
    total = sum(accrued(finance, amount, rate, since, day_after, "30/360") for since, amount in tranches)
    assert total == example["published"]["per_tranche"] == example["recomputed"]["segment_walk"]
    assert not example["agrees"]

    outstanding, walk = Decimal(0), Decimal(0)
    ends = [since for since, _ in tranches[1:]] + [str(day_after)]
    for (since, amount), until in zip(tranches, ends, strict=True):
        outstanding += Decimal(amount)
        walk += accrued(finance, outstanding, rate, since, until, "30/360")
    assert walk == total


def test_a_management_fee_depends_on_its_base(finance: Finance) -> None:
    """wf-atlas-fees: 2 % is 200,000, 150,000 or 160,000 a year."""
    given_, published = EXAMPLES["wf-atlas-fees"]["inputs"], EXAMPLES["wf-atlas-fees"]["published"]
    for base, name in (("committed", "committed"), ("called", "invested"), ("nav", "nav")):
        fee = accrued(finance, given_[base], given_["rate"], "2024-01-01", "2025-01-01", "30/360")
        assert fee == published[name]
    quarter = accrued(finance, given_["committed"], given_["rate"], "2024-01-01", "2024-04-01", "30/360")
    assert quarter == published["quarter_committed"]


@pytest.mark.parametrize(
    ("day_count", "sibling"),
    [
        ("ACT/365F", "act_365f"),
        ("ACT/360", "act_360"),
        ("30/360", "30_360"),
        ("30E/360", "30e_360"),
        ("ACT/ACT", "act_act_isda"),
    ],
)
def test_a_day_count_is_named_as_agreements_name_it(finance: Finance, day_count: str, sibling: str) -> None:
    row = finance.one(
        f"""
        select
            max(abs(finance.year_fraction(%s, f, f + n) - finance.years_{sibling}(f, f + n))) as apart,
            count(*) as pairs
        from (
            select date '2019-11-28' + 13 * k as f, mod(k * 377, 1500) - 200 as n
            from generate_series(0, 150) k
        ) d
        """,
        (day_count,),
    )
    assert row["pairs"] == 151
    assert row["apart"] < 1e-12


PYXIRR = {
    "ACT/365F": DayCount.ACT_365F, "ACT/360": DayCount.ACT_360, "30/360": DayCount.THIRTY_360_ISDA,
    "30E/360": DayCount.THIRTY_E_360, "ACT/ACT": DayCount.ACT_ACT_ISDA, "ACT/365.25": DayCount.ACT_365_25,
    "ACT/364": DayCount.ACT_364, "NL/365": DayCount.NL_365, "NL/360": DayCount.NL_360,
    "30U/360": DayCount.THIRTY_U_360, "30E+/360": DayCount.THIRTY_E_PLUS_360,
    "30E/360 ISDA": DayCount.THIRTY_E_360_ISDA,
}  # fmt: skip


def test_every_day_count_is_that_of_a_second_library_at_each_end_of_a_month(finance: Finance) -> None:
    days = [
        dt.date(year, month, 1) - dt.timedelta(days=back)
        for year in (2000, 2003, 2100)
        for month in (1, 2, 3, 4, 8)
        for back in (0, 1, 2)
    ]
    pairs = [(since, until) for since in days for until in days if since <= until]
    with finance.connection.cursor() as cursor:
        for day_count, theirs in PYXIRR.items():
            found = cursor.execute(
                "select finance.year_fraction(%s, f, t) from unnest(%s::date[], %s::date[]) as d (f, t)",
                (day_count, [since for since, _ in pairs], [until for _, until in pairs]),
            ).fetchall()
            for (since, until), (ours,) in zip(pairs, found, strict=True):
                if day_count.startswith("NL") and (since.month, since.day) == (2, 29):
                    continue  # theirs leaves out a 29 February on which time starts
                assert ours == pytest.approx(pyxirr.year_fraction(since, until, theirs), abs=1e-12), (
                    day_count, since, until,
                )  # fmt: skip


def years(day_count: str, since: dt.date, until: dt.date) -> Fraction:
    """The day count from its definition, exactly."""
    if day_count in ("ACT/365F", "ACT/360"):
        return Fraction((until - since).days, 365 if day_count == "ACT/365F" else 360)
    if day_count == "ACT/ACT":
        leap = [dt.date(y, 12, 31).timetuple().tm_yday == 366 for y in range(since.year, until.year + 1)]
        total = Fraction(0)
        for is_leap, year in zip(leap, range(since.year, until.year + 1), strict=True):
            first, last = max(since, dt.date(year, 1, 1)), min(until, dt.date(year + 1, 1, 1))
            total += Fraction((last - first).days, 366 if is_leap else 365)
        return total
    d1, d2 = min(since.day, 30), until.day
    if d2 == 31 and (day_count == "30E/360" or since.day >= 30):
        d2 = 30
    return Fraction(360 * (until.year - since.year) + 30 * (until.month - since.month) + d2 - d1, 360)


def month_later(day: dt.date, months: int) -> dt.date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = (dt.date(year + (month == 11), (month + 1) % 12 + 1, 1) - dt.timedelta(days=1)).day
    return dt.date(year, month + 1, min(day.day, last))


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    cents=st.integers(1, 10**12),
    basis_points=st.integers(-200, 3000),
    since=st.dates(dt.date(1999, 1, 1), dt.date(2030, 12, 31)),
    days=st.integers(1, 4000),
    day_count=st.sampled_from(DAY_COUNTS),
    compounding=st.sampled_from(["simple", *MONTHS]),
)
def test_accrual_follows_its_definition_to_the_last_digit(
    finance: Finance,
    cents: int,
    basis_points: int,
    since: dt.date,
    days: int,
    day_count: str,
    compounding: str,
) -> None:
    until, principal, rate = (
        since + dt.timedelta(days=days),
        Fraction(cents, 100),
        Fraction(basis_points, 10_000),
    )
    balance, from_date, period = principal, since, 1
    while compounding in MONTHS and month_later(since, MONTHS[compounding] * period) <= until:
        to_date = month_later(since, MONTHS[compounding] * period)
        balance += balance * rate * years(day_count, from_date, to_date)
        from_date, period = to_date, period + 1
    balance += balance * rate * years(day_count, from_date, until)
    found = accrued(
        finance, Decimal(cents) / 100, Decimal(basis_points) / 10_000, since, until, day_count, compounding
    )
    assert abs(Fraction(found) - (balance - principal)) <= Fraction(1, 10**12)


def test_the_clock_of_an_irr_hurdle_and_yearly_compounding_with_a_simple_stub_differ_by_dollars(
    finance: Finance,
) -> None:
    arguments = (1_000_000, 0.08, "2021-01-01", "2022-07-02", "ACT/365F")
    exponential = accrued(finance, *arguments, compounding="exponential")
    annual = accrued(finance, *arguments, compounding="annual")
    assert float(exponential) == pytest.approx(1e6 * (1.08 ** (547 / 365) - 1), abs=1e-6)
    assert float(annual) == pytest.approx(1e6 * (1.08 * (1 + 0.08 * 182 / 365) - 1), abs=1e-6)
    assert 800 < annual - exponential < 900


def test_nothing_accrues_before_the_first_day_and_unknown_stays_unknown(finance: Finance) -> None:
    assert accrued(finance, 100, 0.1, "2021-01-01", "2021-01-01", "30/360") == 0
    assert accrued(finance, 100, 0.1, "2021-01-01", "2020-01-01", "ACT/ACT", "monthly") == 0
    row = finance.one("select finance.accrue(100, null, '2021-01-01', '2022-01-01', '30/360') as interest")
    assert row["interest"] is None


def test_conventions_that_are_not_known_are_refused_by_name(finance: Finance) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="day count 'ACT/366' is not known"):
        accrued(finance, 100, 0.1, "2021-01-01", "2021-01-01", "ACT/366")
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="compounding 'weekly'"):
        accrued(finance, 100, 0.1, "2021-01-01", "2022-01-01", "30/360", "weekly")
    with pytest.raises(psycopg.errors.NumericValueOutOfRange, match="cannot compound at the rate -1"):
        accrued(finance, 100, -1, "2021-01-01", "2022-01-01", "30/360", "exponential")
