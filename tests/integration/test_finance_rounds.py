"""SAFEs, notes and priced rounds against published answers, and what is refused."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from tests.conftest import Cluster
from tests.integration.finance_connection import Finance, finance_database

EXAMPLES = json.loads(
    (Path(__file__).parents[1] / "data" / "finance" / "round_examples.json").read_text(encoding="utf-8")
)
BY_ID = {e["id"]: e for e in EXAMPLES}
CAP_TABLES = [e for e in EXAMPLES if e["function"] == "cap_table"]
ROUNDED = [e for e in CAP_TABLES if "rounded" in e]
NOTES = [e for e in EXAMPLES if e["function"] == "note_balance"]
FOUNDERS = [{"holder": "Founders", "shares": 9_000_000}]
ROUND = {"pre_money": 15_000_000, "new_money": 5_000_000}


@pytest.fixture(scope="module")
def finance(cluster: Cluster) -> Iterator[Finance]:
    with finance_database(cluster) as database:
        yield Finance.of(database)


def cap_table(finance: Finance, holdings: Any, instruments: Any, terms: Any) -> list[dict[str, Any]]:
    with finance.connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "select * from finance.cap_table(%s::jsonb, %s::jsonb, %s::jsonb)",
            tuple(json.dumps(x) for x in (holdings, instruments, terms)),
        ).fetchall()


def named_figures(found: dict[str, Any], rows: list[dict[str, Any]]) -> dict[str, Any]:
    """A round and its cap table under the names that the examples use: shares by name of instrument."""
    named = {
        "price": found["price"],
        "company_capitalization": found["company_capitalization"],
        "new": found["new_shares"],
        "total": found["total_shares"],
        "pool_increase": found["pool_increase_shares"],
        "effective_pre": found["effective_pre_money_amount"],
    }
    for row in rows:
        name = row["instrument"] or row["class"]
        named |= {
            f"price:{name}": row["price"],
            f"value:{name}": row["value_amount"],
            f"ownership:{name}": row["ownership"],
            f"ownership_before:{name}": row["ownership_before"],
        }
        if row["instrument"]:
            named[name] = row["shares"]
    return named


def figures(finance: Finance, holdings: Any, instruments: Any, terms: Any) -> dict[str, Any]:
    found = finance.one(
        "select * from finance.priced_round(%s::jsonb, %s::jsonb, %s::jsonb)",
        tuple(json.dumps(x) for x in (holdings, instruments, terms)),
    )
    return named_figures(found, cap_table(finance, holdings, instruments, terms))


@pytest.mark.parametrize("example", CAP_TABLES, ids=[e["id"] for e in CAP_TABLES])
def test_each_worked_round_gives_its_exact_answer(finance: Finance, example: dict[str, Any]) -> None:
    found = figures(finance, example["holdings"], example["instruments"], example["terms"])
    for name, expected in example["expected"].items():
        # the recomputed answers are given to 12 digits
        assert float(found[name]) == pytest.approx(expected, rel=5e-12), name


@pytest.mark.parametrize("example", ROUNDED, ids=[e["id"] for e in ROUNDED])
def test_rounding_of_prices_and_shares_gives_the_printed_answer(
    finance: Finance, example: dict[str, Any]
) -> None:
    """Among them 4,486,719 new shares, which are what $5M buys at a price rounded to $1.1144."""
    rounded = example["rounded"]
    found = figures(finance, example["holdings"], rounded["instruments"], rounded["terms"])
    assert {k: float(found[k]) for k in rounded["expected"]} == rounded["expected"]


def test_a_rounded_price_is_an_explicit_choice(finance: Finance) -> None:
    """safe-yc-ex1-q2-new: published 4,486,719; without asking for a rounded price it is 4,486,568.63."""
    example = BY_ID["safe-yc-ex1-q2-new"]
    found = figures(finance, example["holdings"], example["instruments"], example["terms"])
    assert example["agrees"] is False
    assert abs(found["new"] - example["published"]["new"]) > 150


def test_a_most_favoured_nation_clause_is_chosen_not_automatic(finance: Finance) -> None:
    example = BY_ID["safe-1984-sheet-mfn"]
    without = example["without_mfn"]
    found = figures(finance, example["holdings"], without["instruments"], example["terms"])
    assert float(found["total"]) == pytest.approx(without["total"], abs=0.001)
    taken = cap_table(finance, example["holdings"], example["instruments"], example["terms"])
    prices = {row["instrument"]: row["price"] for row in taken if row["class"] == "safe"}
    assert prices["MFN"] == prices["S3"]


def test_the_pool_comes_out_of_the_pre_money(finance: Finance) -> None:
    example = BY_ID["pool-shuffle"]
    found = figures(finance, example["holdings"], [], example["naive"]["terms"])
    assert float(found["price"]) == pytest.approx(example["naive"]["price"], rel=1e-11)


def test_a_pool_that_already_reaches_the_target_is_left_alone(finance: Finance) -> None:
    holdings = [*FOUNDERS, {"holder": "Pool", "class": "pool", "shares": 1_000_000}]
    small = figures(finance, holdings, [], {**ROUND, "pool_target": 0.05})
    assert small["pool_increase"] == 0
    large = figures(finance, holdings, [], {**ROUND, "pool_target": 0.1})
    assert abs(large["pool_increase"] + 1_000_000 - large["total"] / 10) < Decimal("1e-11")


def test_ownership_of_a_post_money_safe_is_its_amount_over_the_cap(finance: Finance) -> None:
    example = BY_ID["safe-yc-quickstart"]
    for (amount, cap), expected in zip(example["cases"], example["expected"], strict=True):
        rows = cap_table(finance, FOUNDERS, [{"name": "s", "amount": amount, "cap": cap}], {})
        assert float(rows[1]["ownership_before"]) == pytest.approx(expected, rel=1e-11)
        assert rows[1]["price_basis"] == "cap"
        assert rows[0]["value_amount"] is None


@pytest.mark.parametrize("example", NOTES, ids=[e["id"] for e in NOTES])
def test_notes_accrue_as_published(finance: Finance, example: dict[str, Any]) -> None:
    arguments = example["arguments"]
    call = ", ".join(f"{name} => %s" for name in arguments)
    found = finance.one(
        f"select finance.note_balance({call}) as balance",
        tuple(Decimal(v) if k in ("principal", "annual_rate") else v for k, v in arguments.items()),
    )
    assert float(found["balance"]) == pytest.approx(example["expected"], abs=1e-9)


def test_interest_stops_at_maturity_and_the_day_count_changes_it(finance: Finance) -> None:
    balance = "select finance.note_balance(1000000, 0.08, '2021-01-01', '2024-01-01', {}) as b"
    assert finance.one(balance.format("'2023-01-01'"))["b"] == 1_160_000
    assert finance.one(balance.format("null, 'simple', 'ACT/360', 2"))["b"] == Decimal("1243333.33")
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="does not know the compounding 'daily'"):
        finance.one(balance.format("null, 'daily'"))
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="from 2021-01-02 to 2021-01-01"):
        finance.one("select finance.note_balance(1, 0.08, '2021-01-02', '2021-01-01')")


def test_one_conversion_price_is_the_best_of_cap_discount_and_round(finance: Finance) -> None:
    """note-fundersclub-*: 2.50 by the cap, 4.00 by the discount when the cap would give 4.1667."""
    price = "select finance.conversion_price({}) as p"
    assert finance.one(price.format("5, 5000000, 2000000, 0.2"))["p"] == Decimal("2.5")
    assert finance.one(price.format("5, 5000000, 1200000, 0.2"))["p"] == 4
    assert finance.one(price.format("5"))["p"] == 5
    assert finance.one(price.format("null, 5000000, 1200000"))["p"] is None
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="a cap comes with its shares"):
        finance.one(price.format("5, 5000000"))


def test_a_note_converts_principal_and_interest_to_the_closing(finance: Finance) -> None:
    note = {
        "name": "note",
        "kind": "note",
        "amount": 500000,
        "rate": 0.05,
        "issued_on": "2021-01-01",
        "discount": 0.2,
    }
    rows = cap_table(finance, FOUNDERS, [note], {**ROUND, "closing_on": "2022-01-01"})
    converted = rows[1]
    assert (converted["invested_amount"], converted["converted_amount"]) == (500_000, 525_000)
    assert converted["preference_amount"] == 525_000
    assert float(converted["price"] / rows[2]["price"]) == pytest.approx(0.8)
    assert float(converted["value_amount"]) == pytest.approx(525_000 / 0.8)
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="bears interest from 2021-01-01"):
        cap_table(finance, FOUNDERS, [note], ROUND)


def test_a_cap_table_ties(finance: Finance) -> None:
    example = BY_ID["safe-1984-sheet-mfn"]
    rows = cap_table(finance, example["holdings"], example["instruments"], example["terms"])
    found = finance.one(
        "select * from finance.priced_round(%s::jsonb, %s::jsonb, %s::jsonb)",
        tuple(json.dumps(example[k]) for k in ("holdings", "instruments", "terms")),
    )
    assert sum(r["ownership"] for r in rows) == 1
    assert sum(r["ownership_before"] for r in rows) == 1
    assert sum(r["shares"] for r in rows) == found["total_shares"]
    assert abs(sum(r["value_amount"] for r in rows) - found["post_money_amount"]) < Decimal("1e-6")
    assert float(found["post_money_amount"]) == pytest.approx(20_700_000, abs=1e-6)
    assert [r["row_number"] for r in rows] == list(range(1, len(rows) + 1))
    assert [r["holder"] for r in rows if r["class"] == "new"] == ["Lead", "Other"]


def test_the_same_round_by_pre_money_post_money_and_ownership(finance: Finance) -> None:
    sheets: list[dict[str, Any]] = [
        ROUND,
        {"post_money": 20_000_000, "new_money": 5_000_000},
        {"ownership": 0.25, "new_money": 5_000_000},
    ]
    safe = [{"name": "s", "amount": 500_000, "cap": 8_000_000}]
    tables = [cap_table(finance, FOUNDERS, safe, {**sheet, "pool_target": 0.1}) for sheet in sheets]
    assert tables[0] == tables[1] == tables[2]


def test_rounds_are_computed_from_rows_in_any_group_by(finance: Finance) -> None:
    with finance.connection.cursor() as cursor:
        found = cursor.execute(
            "select h.company, (finance.priced_round("
            " jsonb_agg(jsonb_build_object('holder', h.holder, 'shares', h.shares)), null,"
            " jsonb_build_object('pre_money', 8000000, 'new_money', 2000000))).price"
            " from (values ('a', 'Ann', 500000), ('a', 'Bo', 500000), ('b', 'Cy', 4000000))"
            " as h (company, holder, shares) group by h.company order by h.company"
        ).fetchall()
    assert found == [("a", 8), ("b", 2)]


def test_nothing_given_is_nothing_known(finance: Finance) -> None:
    assert finance.one("select finance.priced_round(null, null, '{}') as r")["r"] is None
    with finance.connection.cursor() as cursor:
        assert cursor.execute("select * from finance.cap_table(null, null, '{}')").fetchall() == []


@pytest.mark.parametrize(
    ("instruments", "terms", "message"),
    [
        ([], {**ROUND, "pre-money": 1}, "has no key 'pre-money'"),
        ([], {**ROUND, "post_money": 20_000_000}, "give no one price"),
        ([], {"new_money": 5_000_000}, "give no one price"),
        ([], {**ROUND, "investors": []}, "give new_money and investors"),
        ([], {**ROUND, "pool_target": 0.1, "pool_increase": 1}, "give pool_increase and pool_target"),
        ([], {"post_money": 5_000_000, "new_money": 5_000_000}, "leave a pre-money of 0"),
        ([{"name": "s", "amount": 1, "cup": 2}], ROUND, "the instrument s has no key 'cup'"),
        ([{"name": "s"}], ROUND, "the instrument s: amount is missing"),
        ([{"name": "s", "amount": 1, "discount": 20}], ROUND, "discount is 20"),
        ([{"name": "s", "amount": 1, "mfn_of": "t"}], ROUND, "takes the terms of 't', which names 0"),
        ([{"name": "s", "amount": 1}], {}, "s has no cap"),
        ({"name": "s"}, ROUND, "instruments must be a JSON array, not object"),
        ([{"name": "s", "amount": 16_000_000}], ROUND, "no price satisfies this round"),
        ([{"name": "s", "amount": 9, "cap": 9}], ROUND, "no price satisfies this round"),
    ],
)
def test_a_round_that_cannot_be_priced_says_why(
    finance: Finance, instruments: Any, terms: Any, message: str
) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue, match=message):
        cap_table(finance, FOUNDERS, instruments, terms)


def test_a_pool_alone_is_no_company(finance: Finance) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="0 shares outside of the pool"):
        cap_table(finance, [{"holder": "P", "class": "pool", "shares": 1}], [], ROUND)


@pytest.mark.parametrize("day", ["2022-02-29", "2022-13-01", "01.02.2022", "0000-01-01", 20220101])
def test_dates_are_days(finance: Finance, day: Any) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue, match=r"closing_on is .*, which is no day"):
        cap_table(finance, FOUNDERS, [], {**ROUND, "closing_on": day})
