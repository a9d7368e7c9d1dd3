"""Present value, modified Dietz and day counts, against published figures and their defining rules."""

import datetime as dt
import math
from collections.abc import Iterator

import psycopg
import pytest

from tests.conftest import Cluster
from tests.integration.finance_connection import Finance, Flow, dated, finance_database

EXCEL_FLOWS = dated(
    (-10000, "2008-01-01"),
    (2750, "2008-03-01"),
    (4250, "2008-10-30"),
    (3250, "2009-02-15"),
    (2750, "2009-04-01"),
)


@pytest.fixture(scope="module")
def finance(cluster: Cluster) -> Iterator[Finance]:
    with finance_database(cluster) as database:
        yield Finance.of(database)


def xnpv(finance: Finance, rate: float | None, flows: list[Flow]) -> float | None:
    return finance.one(
        "select finance.xnpv(%s, f.amount, f.on_date) as npv"
        " from unnest(%s::numeric[], %s::date[]) f (amount, on_date)",
        (rate, [a for a, _ in flows], [d for _, d in flows]),
    )["npv"]


def test_xnpv_meets_the_spreadsheets_documentation_in_any_order(finance: Finance) -> None:
    """xnpv-excel-doc: 2,086.65 at 9 %."""
    assert xnpv(finance, 0.09, EXCEL_FLOWS) == pytest.approx(2086.64760203, abs=1e-8)
    assert xnpv(finance, 0.09, EXCEL_FLOWS[::-1]) == pytest.approx(2086.64760203, abs=1e-8)


def test_xnpv_is_zero_at_the_irr_and_the_sum_at_rate_zero(finance: Finance) -> None:
    assert xnpv(finance, finance.irr(EXCEL_FLOWS)["irr"], EXCEL_FLOWS) == pytest.approx(0, abs=1e-9)
    assert xnpv(finance, 0, EXCEL_FLOWS) == 3000
    assert xnpv(finance, -0.5, dated((-100, "2021-01-01"), (50, "2022-01-01"))) == pytest.approx(0)


def test_xnpv_is_unknown_when_anything_is_and_refuses_rates_it_cannot_discount_at(finance: Finance) -> None:
    assert xnpv(finance, None, EXCEL_FLOWS) is None
    assert xnpv(finance, 0.1, []) is None
    assert xnpv(finance, 0.1, [*EXCEL_FLOWS, (None, dt.date(2010, 1, 1))]) is None  # type: ignore[list-item]
    with pytest.raises(psycopg.errors.NumericValueOutOfRange, match="cannot discount at the rate -1"):
        xnpv(finance, -1, EXCEL_FLOWS)
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="two rates in one group"):
        finance.one("select finance.xnpv(r / 10.0, 1, '2020-01-01') from generate_series(1, 2) r")


def dietz(
    finance: Finance, opening: str | None, closing: str | None, start: str, end: str, flows: list[Flow]
) -> float | None:
    return finance.one(
        "select finance.modified_dietz(f.amount, f.on_date, %s::numeric, %s::numeric, %s, %s) as r "
        "from unnest(%s::numeric[], %s::date[]) f (amount, on_date)",
        (opening, closing, start, end, [a for a, _ in flows], [d for _, d in flows]),
    )["r"]


def test_modified_dietz_meets_the_published_composite(finance: Finance) -> None:
    """dietz-bloomberg: 2.45 %; the source's flows are the portfolio's, ours are the investor's."""
    flows = dated(
        ("15.05", "2019-10-05"), ("-19.82", "2019-10-09"), ("-16.42", "2019-10-15"), ("18.96", "2019-10-24")
    )
    assert dietz(finance, "585.6", "602.34", "2019-09-30", "2019-10-31", flows) == pytest.approx(
        0.0245417751962
    )


def test_modified_dietz_weights_a_flow_by_the_days_left(finance: Finance) -> None:
    """dietz-wiki-120: 100 grows to 300 with 50 added half way: 120 %."""
    half_way = dated((-50, "2022-01-01"))
    assert dietz(finance, "100", "300", "2021-01-01", "2023-01-01", half_way) == pytest.approx(1.2)


def test_modified_dietz_refuses_capital_that_is_not_positive(finance: Finance) -> None:
    """dietz-wiki-negcap: a gain of 450 would show as -900 %."""
    assert dietz(finance, "1000", "250", "2021-01-01", "2021-01-09", dated((1200, "2021-01-02"))) is None


def test_modified_dietz_says_what_it_is_made_of_and_why_there_is_none(finance: Finance) -> None:
    """dietz-bloomberg prints its denominator, 591.237; dietz-wiki-negcap has an average capital of -50."""

    def detail(opening: int | str, closing: int | str, start: str, end: str, flows: list[Flow]) -> dict:
        return finance.one(
            "select (finance.modified_dietz_detail(f.amount, f.on_date, %s::numeric, %s::numeric, %s, %s)).* "
            "from unnest(%s::numeric[], %s::date[]) f (amount, on_date)",
            (opening, closing, start, end, [a for a, _ in flows], [d for _, d in flows]),
        )

    composite = dated(
        ("15.05", "2019-10-05"), ("-19.82", "2019-10-09"), ("-16.42", "2019-10-15"), ("18.96", "2019-10-24")
    )
    found = detail("585.6", "602.34", "2019-09-30", "2019-10-31", composite)
    assert round(float(found["average_capital"]), 3) == 591.237
    assert (found["dietz_status"], found["first_on"]) == ("ok", dt.date(2019, 9, 30))
    negative = detail(1000, 250, "2021-01-01", "2021-01-09", dated((1200, "2021-01-02")))
    assert (negative["dietz_status"], negative["average_capital"]) == ("no_capital", -50)
    assert (negative["gain_amount"], negative["modified_dietz"]) == (450, None)
    nothing = detail(100, 110, "2021-01-01", "2021-01-01", dated((5, "2021-01-01")))
    assert (nothing["dietz_status"], nothing["modified_dietz"]) == ("no_period", None)


def test_modified_dietz_of_a_period_that_starts_with_nothing_runs_from_its_first_flow(
    finance: Finance,
) -> None:
    """100 paid in half way through the year and worth 110 at its end: 10 %, not 20 %."""
    half_way = dated((-100, "2021-07-02"))
    assert dietz(finance, "0", "110", "2021-01-01", "2022-01-01", half_way) == pytest.approx(0.1)
    on_the_last_day = dated((-100, "2022-01-01"))
    assert dietz(finance, "0", "110", "2021-01-01", "2022-01-01", on_the_last_day) is None
    two = dated((-100, "2021-07-02"), (-100, "2021-10-01"))
    expected = 20 / (100 + 100 * 92 / 183)
    assert dietz(finance, "0", "220", "2021-01-01", "2022-01-01", two) == pytest.approx(expected)


def test_modified_dietz_takes_only_flows_after_the_opening_day_up_to_the_closing_day(
    finance: Finance,
) -> None:
    outside = dated((-500, "2021-01-01"), (-500, "2022-01-02"))
    assert dietz(finance, "100", "110", "2021-01-01", "2022-01-01", outside) == pytest.approx(0.1)
    on_the_last_day = dated((-10, "2022-01-01"))
    assert dietz(finance, "100", "120", "2021-01-01", "2022-01-01", on_the_last_day) == pytest.approx(0.1)


def test_modified_dietz_without_a_value_is_unknown(finance: Finance) -> None:
    assert dietz(finance, None, "110", "2021-01-01", "2022-01-01", dated((-5, "2021-06-01"))) is None
    assert dietz(finance, "100", None, "2021-01-01", "2022-01-01", dated((-5, "2021-06-01"))) is None


YEARS = [
    # between, ACT/365F, ACT/360, 30/360, 30E/360, ACT/ACT ISDA (cases of ISDA's memorandum and METRICS 2.1)
    ("2019-07-01", "2020-07-01", 366 / 365, 366 / 360, 1.0, 1.0, 184 / 365 + 182 / 366),
    ("2003-11-01", "2004-05-01", 182 / 365, 182 / 360, 0.5, 0.5, 61 / 365 + 121 / 366),
    ("1999-02-01", "1999-07-01", 150 / 365, 150 / 360, 150 / 360, 150 / 360, 150 / 365),
    ("2007-01-15", "2007-01-31", 16 / 365, 16 / 360, 16 / 360, 15 / 360, 16 / 365),
    ("2007-01-31", "2007-03-31", 59 / 365, 59 / 360, 60 / 360, 60 / 360, 59 / 365),
    ("2008-02-29", "2008-02-29", 0, 0, 0, 0, 0),
]


@pytest.mark.parametrize("case", YEARS, ids=[f"{c[0]} to {c[1]}" for c in YEARS])
def test_day_counts_follow_their_definitions(finance: Finance, case: tuple) -> None:
    names = ("act_365f", "act_360", "30_360", "30e_360", "act_act_isda")
    row = finance.one(
        "select " + ", ".join(f"finance.years_{n}(%s::date, %s::date) as y_{n}" for n in names),
        case[:2] * len(names),
    )
    assert list(row.values()) == pytest.approx(list(case[2:]), abs=1e-15)


@pytest.mark.parametrize(
    ("day_count", "rate"),
    [
        ("act_365f", 0.100643783427),
        ("30e_360", 0.100675477283),
    ],
)
def test_the_day_count_alone_moves_the_rate(finance: Finance, day_count: str, rate: float) -> None:
    """xirr-mathworks-*: one set of flows has present value zero at each day count's own rate."""
    flows = dated(
        (-10000, "2007-01-12"),
        (2500, "2008-02-14"),
        (2000, "2008-03-03"),
        (3000, "2008-06-14"),
        (4000, "2008-12-01"),
    )
    found = finance.one(
        f"select array_agg(finance.years_{day_count}('2007-01-12', d)) as years from unnest(%s::date[]) d",
        ([day for _, day in flows],),
    )["years"]

    def npv(r: float) -> float:
        return math.fsum(float(a) * (1 + r) ** -t for (a, _), t in zip(flows, found, strict=True))

    low, high = 0.05, 0.2
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if npv(middle) > 0 else (low, middle)
    assert low == pytest.approx(rate, abs=1e-11)


def test_a_leap_year_is_longer_than_a_year_on_act_365(finance: Finance) -> None:
    """xirr-leap-365F and -isda: 21 % in one calendar year."""
    assert finance.irr(dated((-100, "2019-07-01"), (121, "2020-07-01")))["irr"] == pytest.approx(
        0.20936997108812785
    )
    isda = finance.one("select finance.years_act_act_isda('2019-07-01', '2020-07-01') as years")["years"]
    assert 1.21 ** (1 / isda) - 1 == pytest.approx(0.20968279221878586)
