"""LN-PME, PME+ and modified PME: published answers, what makes them unknown, and that rows come in any order.

Their identities over arbitrary flows are in test_finance_index_account_properties.
"""

import datetime as dt
import json
import random
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pyxirr import InvalidPaymentsError, pe

from tests.conftest import Cluster
from tests.integration.finance_connection import Finance, finance_database
from tests.integration.valued_flows import Row, compared, periodic

EXAMPLES = {
    example["id"]: example
    for example in json.loads(
        (Path(__file__).parents[1] / "data" / "finance" / "pme_examples.json").read_text(encoding="utf-8")
    )
}
DAY = dt.date(2001, 1, 1)
LATER = dt.date(2004, 1, 1)


@pytest.fixture(scope="module")
def finance(cluster: Cluster) -> Iterator[Finance]:
    with finance_database(cluster) as database:
        yield Finance.of(database)


def rows_of(name: str) -> list[Row]:
    """The flows of a worked example with fund values at the end, or at each date where it gives them."""
    given = EXAMPLES[name]["inputs"]
    navs = given.get("fund_nav") or [None] * (len(given["index"]) - 1) + [given.get("nav")]
    return periodic(given["contributions"], given["distributions"], given["index"], navs)


def ggs() -> list[Row]:
    given = EXAMPLES["pme-ggs-2014"]["inputs"]
    days = [dt.date.fromisoformat(day) for day in given["dates"]]
    navs = [None] * 9 + [given["nav"]]
    return periodic(given["contributions"], given["distributions"], given["index"], navs, days)


def priced(name: str) -> list[Row]:
    """pypme's inputs: flows of its investor, and a price a date from which the fund's value follows."""
    given = EXAMPLES[name]["inputs"]
    prices, index = given["asset_prices"], given["index_prices"]
    flows = [*given["cashflows"], 0]
    days = [dt.date.fromisoformat(day) for day in given["dates"]] if "dates" in given else None
    value, navs = 0.0, []
    for k, flow in enumerate(flows):
        value = value * (prices[k] / prices[k - 1] if k else 1) - flow
        navs.append(round(value, 9))
    return periodic([max(-f, 0) for f in flows], [max(f, 0) for f in flows], index, navs, days)


def met(found: float, published: float, printed_digits: int) -> bool:
    """Whether a figure rounds to what was printed."""
    return round(found, printed_digits) == pytest.approx(published, abs=1e-12)


def test_the_index_comparison_method_meets_its_published_answers(finance: Finance) -> None:
    wiki = compared(finance, rows_of("pme-wiki-ln-irr"))["ln"]
    assert wiki["ln_pme_status"] == "ok"
    assert met(wiki["ln_pme"], 0.053, 4)
    assert met(wiki["irr"], 0.0643, 4)
    assert wiki["ln_pme"] == pytest.approx(0.05302365655, abs=1e-11)
    assert wiki["ln_pme_spread"] == pytest.approx(0.0643386061899 - 0.05302365655, abs=1e-11)

    insead = compared(finance, rows_of("pme-insead-ln"))["ln"]
    assert (round(insead["index_value"], 1), round(insead["ln_pme"], 3)) == (15.5, 0.144)
    assert insead["index_value"] == pytest.approx(15.5434782609)
    # the source gives no value for the fund: the index's rate stands, the comparison does not
    assert (insead["irr_status"], insead["ln_pme_spread"]) == ("missing_nav", None)


def by_pyxirr(paid: list[int], received: list[int], index: list[float], navs: list[int]) -> dict[str, Any]:
    """Its periodic measures, in which the value replaces the last flow; None where it has none."""
    asked = {
        "ks": lambda: pe.ks_pme_2(paid, received, index, navs[-1]),
        "direct_alpha_rate": lambda: pe.direct_alpha_2(paid, received, index, navs[-1]),
        "ln_pme": lambda: pe.ln_pme_2(paid, received, index),
        "pme_plus": lambda: pe.pme_plus_2(paid, received, index, navs[-1]),
        "mpme": lambda: pe.m_pme_2(paid, received, index, navs),
    }
    found = {}
    for name, ask in asked.items():
        try:
            found[name] = ask()
        except InvalidPaymentsError:
            found[name] = None
    return found


def test_each_comparison_of_yearly_flows_is_that_of_a_second_library(finance: Finance) -> None:
    chance = random.Random(3)
    met_by = dict.fromkeys(("ks", "direct_alpha_rate", "ln_pme", "pme_plus", "mpme"), 0)
    for _ in range(40):
        n = chance.randint(3, 10)
        # the first day is paid in, and nothing flows on the last, where the value is
        paid = [chance.randint(50, 200), *chance.choices([0, *range(1, 101, 3)], k=n - 2), 0]
        received = [0, *chance.choices([0, 0, 0, *range(1, 121, 7)], k=n - 2), 0]
        navs = chance.choices(range(1, 300), k=n)
        index = [100.0]
        while len(index) < n:
            index.append(round(index[-1] * chance.uniform(0.8, 1.35), 4))
        rows = periodic(paid, received, index, navs)
        value = (navs[-1], rows[-1][1], index[-1])
        flows = [(row[0], row[1], row[2]) for row in rows if row[0] is not None]
        found = compared(finance, rows)["plain"] | finance.pme([*flows, value])  # type: ignore[list-item]
        for name, theirs in by_pyxirr(paid, received, index, navs).items():
            if found[name] is not None and theirs is not None:
                assert found[name] == pytest.approx(theirs, rel=1e-7, abs=1e-9), (name, rows)
                met_by[name] += 1
    assert min(met_by.values()) > 15, met_by


def test_an_index_account_that_ends_short_has_a_status_and_both_its_roots(finance: Finance) -> None:
    """pme-ggs-icm prints 6.0 %; -27.3 % solves it as well, and the account is short from 2007 on."""
    found = compared(finance, ggs())["ln"]
    assert found["index_value"] == pytest.approx(-137.03, abs=0.01)
    assert (found["ln_pme"], found["ln_pme_status"], found["ln_pme_spread"]) == (None, "short_index", None)
    assert found["ln_pme_roots"] == pytest.approx([-0.272550886699, 0.0596701431386], abs=1e-11)
    assert found["short_on"] == dt.date(2007, 12, 31)
    assert found["irr"] == pytest.approx(0.175201298324, abs=1e-11)

    short = compared(finance, rows_of("pme-ovf-f9"))["ln"]
    assert short["index_value"] == pytest.approx(-44)
    assert (short["ln_pme_status"], short["ln_pme"]) == ("short_index", None)
    assert short["ln_pme_roots"] == pytest.approx([-0.6, 0.1], abs=1e-12)
    assert short["irr"] == pytest.approx(0.5639410298049853, abs=1e-12)


@pytest.mark.parametrize(
    ("name", "scale_digits", "rate_digits"),
    [("pme-wiki-plus", 2, 4), ("pme-insead-plus", 1, 3), ("pme-pyxirr-plus-typo", None, None)],
)
def test_pme_plus_meets_its_published_answers_and_corrects_the_misquoted_one(
    finance: Finance, name: str, scale_digits: int | None, rate_digits: int | None
) -> None:
    example = EXAMPLES[name]
    recomputed, published = example["recomputed"], example["published"]
    rate = "pme_plus_irr" if "pme_plus_irr" in recomputed else "irr"
    found = compared(finance, rows_of(name))["plus"]
    assert found["pme_plus_status"] == "ok"
    assert found["scale"] == pytest.approx(recomputed["lambda"], abs=1e-11)
    assert found["pme_plus"] == pytest.approx(recomputed[rate], abs=1e-11)
    if scale_digits is None:
        assert not example["agrees"]
        assert not met(found["pme_plus"], published[rate], 4)
    else:
        assert met(found["scale"], published["lambda"], scale_digits)
        assert rate_digits is not None
        assert met(found["pme_plus"], published[rate], rate_digits)


def test_modified_pme_meets_its_published_answers(finance: Finance) -> None:
    wiki = compared(finance, rows_of("pme-wiki-mpme"))["modified"]
    assert wiki["mpme_status"] == "ok"
    assert (round(wiki["mpme"], 4), round(wiki["irr"], 4)) == (0.0202, 0.0777)
    assert wiki["mpme"] == pytest.approx(0.0201516589441, abs=1e-11)

    ordered = compared(finance, rows_of("pme-ovf-f13"))["modified"]
    assert ordered["path_values"] == pytest.approx([100, 80, 75, 30], abs=1e-12)
    assert ordered["mpme"] == pytest.approx(0.2151953740642772, abs=1e-12)
    assert ordered["irr"] == pytest.approx(0.5146759923822106, abs=1e-12)


@pytest.mark.parametrize("name", ["mpme-pypme-wiki", "xmpme-pypme-11y", "xmpme-pypme-3y"])
def test_modified_pme_from_prices_meets_its_published_answers(finance: Finance, name: str) -> None:
    found = compared(finance, priced(name))["modified"]
    published, recomputed = EXAMPLES[name]["published"], EXAMPLES[name]["recomputed"]
    assert met(found["mpme"] * 100, published["pme"], 2)
    assert met(found["irr"] * 100, published["asset"], 2)
    # pypme's prices have eight decimals
    assert found["mpme"] * 100 == pytest.approx(recomputed["pme"], abs=1e-6)


def test_a_call_and_a_distribution_of_one_day_may_not_be_netted_for_modified_pme(finance: Finance) -> None:
    """160 sells 80 / 180 of itself on gross flows, 120 sells 40 / 140 on netted ones."""
    index, navs = [100, 120, 150], [None, 100, 90]
    gross = compared(finance, periodic([100, 40, 0], [0, 80, 0], index, navs))["modified"]
    netted = compared(finance, periodic([100, 0, 0], [0, 40, 0], index, navs))["modified"]
    assert gross["path_values"] == pytest.approx([100, 160 * 100 / 180, 160 * 100 / 180 * 1.25])
    assert netted["path_values"] == pytest.approx([100, 120 * 100 / 140, 120 * 100 / 140 * 1.25])


def test_a_fund_that_tracks_the_index_equals_it_in_every_measure(finance: Finance) -> None:
    """pme-ovf-f7: scale 1, index account 60.5, spreads 0, rate 10 %."""
    given = EXAMPLES["pme-ovf-f7"]["inputs"]
    found = compared(
        finance,
        periodic(given["contributions"], given["distributions"], given["index"], [None, 55, given["nav"]]),
    )
    assert found["ln"]["index_value"] == pytest.approx(60.5)
    assert found["plus"]["scale"] == pytest.approx(1, abs=1e-14)
    rates = [found["ln"]["ln_pme"], found["plus"]["pme_plus"], found["modified"]["mpme"], found["ln"]["irr"]]
    assert rates == pytest.approx([0.1] * 4, abs=1e-13)


def test_the_plain_aggregates_give_the_rates_of_the_detailed_ones(finance: Finance) -> None:
    found = compared(finance, periodic([25, 0, 0], [0, 15, 0], [100, 115, 130], [None, 14, 20]))
    plain = (found["plain"]["ln_pme"], found["plain"]["pme_plus"], found["plain"]["mpme"])
    assert plain == (found["ln"]["ln_pme"], found["plus"]["pme_plus"], found["modified"]["mpme"])
    assert None not in plain


@pytest.mark.parametrize("rows", [rows_of("pme-wiki-mpme"), ggs(), []], ids=["wiki", "short", "nothing"])
def test_the_aggregate_of_all_three_gives_what_each_gives_alone(finance: Finance, rows: list[Row]) -> None:
    together = finance.one(
        """
        select
            ((s.together).ln_pme)::text = s.ln::text as ln,
            ((s.together).pme_plus)::text = s.plus::text as plus,
            ((s.together).mpme)::text = s.modified::text as modified
        from (
            select
                finance.index_accounts(f.amount, f.on_date, f.level, f.nav) as together,
                finance.ln_pme_detail(f.amount, f.on_date, f.level, f.nav) as ln,
                finance.pme_plus_detail(f.amount, f.on_date, f.level, f.nav) as plus,
                finance.mpme_detail(f.amount, f.on_date, f.level, f.nav) as modified
            from unnest(%s::numeric[], %s::date[], %s::float8[], %s::numeric[])
                as f (amount, on_date, level, nav)
        ) s
        """,
        tuple([row[k] for row in rows] for k in range(4)),
    )
    assert together == {"ln": True, "plus": True, "modified": True}


STATUSES: dict[str, tuple[list[Row], tuple[str, str, str]]] = {
    "nothing at all": ([], ("no_flows", "no_flows", "no_flows")),
    "a value without flows": ([(None, DAY, 1, 5)], ("no_flows", "no_flows", "no_flows")),
    "nothing paid in": (
        [(10, DAY, 1, None), (5, LATER, 1, 0)],
        ("no_contributions", "no_contributions", "no_contributions"),
    ),
    "a flow without level": (
        [(-10, DAY, None, None), (5, LATER, 1, 6)],
        ("missing_level", "missing_level", "missing_level"),
    ),
    "a level of zero": ([(-10, DAY, 0, None), (5, LATER, 1, 6)], ("missing_level",) * 3),
    "an end without level": ([(-10, DAY, 1, None), (None, LATER, None, 6)], ("missing_level",) * 3),
    "two levels on one day": (
        [(-10, DAY, 1, None), (5, LATER, 1, 6), (0, LATER, 2, None)],
        ("mixed_levels", "mixed_levels", "mixed_levels"),
    ),
    "no value at the end": (
        [(-10, DAY, 1, 10), (5, LATER, 1, None)],
        ("ok", "missing_nav", "missing_nav"),
    ),
    "no value on the day of a receipt": (
        [(-10, DAY, 1, 10), (5, dt.date(2002, 1, 1), 1, None), (5, LATER, 1, 4)],
        ("ok", "ok", "missing_nav"),
    ),
    "nothing received": ([(-10, DAY, 1, None), (None, LATER, 1.1, 12)], ("ok", "no_distributions", "ok")),
    "a value that the index could not reach": (
        [(-10, DAY, 1, None), (5, LATER, 1.1, 12)],
        ("ok", "negative_scale", "ok"),
    ),
    "a value below zero": ([(-10, DAY, 1, None), (5, LATER, 1, -1)], ("ok", "ok", "negative_nav")),
    "all on one day": (
        [(-10, DAY, 1, None), (5, DAY, 1, 6)],
        ("same_day_only", "same_day_only", "same_day_only"),
    ),
}


@pytest.mark.parametrize("case", STATUSES)
def test_what_cannot_be_compared_says_why(finance: Finance, case: str) -> None:
    rows, expected = STATUSES[case]
    found = compared(finance, rows)
    statuses = (
        found["ln"]["ln_pme_status"],
        found["plus"]["pme_plus_status"],
        found["modified"]["mpme_status"],
    )
    assert statuses == expected
    values = (found["ln"]["ln_pme"], found["plus"]["pme_plus"], found["modified"]["mpme"])
    assert [value is not None for value in values] == [status == "ok" for status in statuses]


def test_the_day_that_lacks_something_is_named(finance: Finance) -> None:
    rows, _ = STATUSES["no value on the day of a receipt"]
    assert compared(finance, rows)["modified"]["missing_on"] == dt.date(2002, 1, 1)
    rows, _ = STATUSES["an end without level"]
    assert compared(finance, rows)["ln"]["missing_on"] == LATER
    rows, _ = STATUSES["no value at the end"]
    assert compared(finance, rows)["plus"]["missing_on"] == LATER


@pytest.mark.parametrize("half", [(-5, None, 1, None), (None, DAY, 1, None), (None, None, 1, 7)])
def test_half_a_row_makes_the_answer_unknown_and_an_empty_one_changes_nothing(
    finance: Finance, half: Row
) -> None:
    rows = rows_of("pme-wiki-mpme")
    whole = compared(finance, rows)
    unknown = compared(finance, [*rows, half])
    assert unknown["ln"]["ln_pme_status"] is None
    assert (unknown["plain"]["ln_pme"], unknown["plain"]["pme_plus"], unknown["plain"]["mpme"]) == (None,) * 3
    assert compared(finance, [*rows, (None, None, 3, None)]) == whole


def test_input_order_and_the_split_of_values_among_holders_change_no_bit(finance: Finance) -> None:
    rows = [*ggs(), *[(None, row[1], row[2], 100) for row in ggs()[:-1]]]
    whole = compared(finance, rows)
    rng = random.Random(3)
    for _ in range(5):
        shuffled = rows[:]
        rng.shuffle(shuffled)
        assert compared(finance, shuffled) == whole
    halves: list[Row] = [
        (amount and Decimal(amount) / 2, day, level, nav and Decimal(nav) / 2)
        for amount, day, level, nav in rows * 2
    ]
    assert compared(finance, halves) == whole


def test_a_long_group_is_summed_by_day_as_it_grows(finance: Finance) -> None:
    rows = (
        "from (select case when mod(k, 1500) < 450 then -1 else 1 end * (100 + mod(k, 77)) + 0.01 as amount,"
        " date '2010-01-01' + mod(k, 1500) as on_date, 100 + mod(k, 1500) / 10.0 as level,"
        " case when mod(k, 1500) > 449 then 5 end as nav from generate_series(1, 20000) k) f"
    )
    asked = (
        "(finance.mpme_detail(amount, on_date, level, nav)).*, finance.ln_pme(amount, on_date, level, nav)"
    )
    long = finance.one(f"select {asked} {rows}")
    summed = finance.one(
        f"select {asked} from (select sum(amount) as amount, on_date, level, sum(nav) as nav {rows}"
        " group by on_date, level, amount > 0) f"
    )
    assert long["mpme_status"] == "ok"
    assert long == summed


def test_each_measure_works_by_group_and_over_windows_in_parallel_plans(finance: Finance) -> None:
    finance.connection.execute(
        """
        create table public.valued as
        select
            t as tenant_id, s as series, date '2012-01-01' + k * 97 as on_date,
            100 + 3 * k + (k * s) % 5 as level,
            (case when k < 9 then -1 else 1.3 end * (1000 + (s * 37 + k * 101 * t) % 900))::numeric as amount,
            case when k >= 9 then 9000 - 300 * k end::numeric as nav
        from generate_series(1, 2) t, generate_series(1, 60) s, generate_series(0, 29) k
        """
    )
    query = (
        "select tenant_id, series, finance.ln_pme(amount, on_date, level, nav),"
        " finance.pme_plus(amount, on_date, level, nav), finance.mpme(amount, on_date, level, nav)"
        " from public.valued group by 1, 2"
    )
    serial = sorted(finance.connection.execute(query).fetchall())
    with finance.connection.transaction():
        finance.connection.execute(
            "set local parallel_setup_cost = 0; set local parallel_tuple_cost = 0;"
            " set local min_parallel_table_scan_size = 0; set local enable_sort = off"
        )
        plan = str(finance.connection.execute("explain " + query).fetchall())
        parallel = sorted(finance.connection.execute(query).fetchall())
    assert "Partial" in plan
    assert parallel == serial
    assert len({row[2:] for row in serial}) == 120
    over: dict[str, Any] = finance.one(
        "select count(*) filter (where (d).mpme_status = 'ok') as solved, count(*) as asked from ("
        "select finance.mpme_detail(amount, on_date, level, nav) over (partition by series order by on_date)"
        " as d"
        " from public.valued where tenant_id = 1 and series < 3) s"
    )
    assert over["asked"] == 60
    assert over["solved"] > 30
