"""Waterfalls against published answers, terms that are refused, and how the functions fit into queries."""

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from tests.conftest import Cluster
from tests.integration.finance_connection import Finance, dated, finance_database

EXAMPLES = json.loads(
    (Path(__file__).parents[1] / "data" / "finance" / "waterfall_examples.json").read_text(encoding="utf-8")
)
BY_ID = {e["id"]: e for e in EXAMPLES}
WATERFALLS = [e for e in EXAMPLES if e["function"] == "waterfall"]
FUNDS = [e for e in EXAMPLES if e["function"] == "fund_economics"]
ONE_YEAR = dated((-1000000, "2021-01-01"), (1500000, "2022-01-01"))


@pytest.fixture(scope="module")
def finance(cluster: Cluster) -> Iterator[Finance]:
    with finance_database(cluster) as database:
        yield Finance.of(database)


def rows(finance: Finance, sql: str, params: tuple[Any, ...] = ()) -> list[dict[str, Any]]:
    with finance.connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(sql, params).fetchall()


def waterfall(
    finance: Finance, flows: Sequence[tuple[Decimal | None, dt.date | None]], terms: dict[str, Any] | None
) -> dict[str, Any]:
    return finance.one(
        "select (finance.waterfall(f.amount, f.on_date, %s::jsonb)).* "
        "from unnest(%s::numeric[], %s::date[]) as f (amount, on_date)",
        (json.dumps(terms) if terms is not None else None, [a for a, _ in flows], [d for _, d in flows]),
    )


@pytest.mark.parametrize("example", WATERFALLS, ids=[e["id"] for e in WATERFALLS])
def test_each_worked_waterfall_gives_its_recomputed_answer(finance: Finance, example: dict[str, Any]) -> None:
    flows = dated(*((amount, day) for day, amount in example["flows"]))
    found = waterfall(finance, flows, example["terms"])
    assert {k: found[k] for k in example["expected"]} == {
        k: Decimal(v) for k, v in example["expected"].items()
    }


def test_published_waterfalls_that_are_wrong_are_not_reproduced(finance: Finance) -> None:
    """A 50 % catch-up of 20,000 and an uncapped one of 720,000 would be 16.7 % and 36 % of profit."""
    wrong = {e["id"]: e["published"] for e in WATERFALLS if e["agrees"] is False}
    assert set(wrong) == {"wf-usvc-50pct", "wf-atlas-uncapped", "wf-pref-30360"}
    for name, figure in (("wf-usvc-50pct", "catchup_gp"), ("wf-atlas-uncapped", "GP")):
        example = BY_ID[name]
        flows = dated(*((a, d) for d, a in example["flows"]))
        found = waterfall(finance, flows, example["terms"])
        assert found["gp_profit_share"] == pytest.approx(Decimal("0.2"), abs=Decimal("1e-7"))
        assert Decimal(wrong[name][figure]) not in (found["catch_up_gp_amount"], found["gp_amount"])


def test_the_words_of_a_clause_decide_how_large_a_full_catch_up_is(finance: Finance) -> None:
    """wf-kpmg-vs-full: 20 % of the preferred return is 8, 20 % of the profit is 10."""
    example = BY_ID["wf-kpmg-vs-full"]
    for wording, expected in example["expected"].items():
        found = finance.one(
            "select finance.full_catch_up(%s::numeric, %s::jsonb) as gp",
            (example["preferred_return"], json.dumps({**example["terms"], "catch_up_to": wording})),
        )
        assert found["gp"] == Decimal(expected)


def test_a_catch_up_rate_at_or_below_carry_never_completes(finance: Finance) -> None:
    for rate in ("0.2", "0.1"):
        terms = {"carry_rate": "0.2", "hurdle_rate": "0.08", "catch_up_rate": rate}
        found = finance.one("select finance.full_catch_up(40, %s::jsonb) as gp", (json.dumps(terms),))
        assert found["gp"] is None
        result = waterfall(finance, ONE_YEAR, terms)
        assert result["split_amount"] == 0
        assert result["gp_amount"] == Decimal(rate) * (result["catch_up_amount"])


def test_a_subscription_line_raises_the_rate_and_lowers_the_multiple(finance: Finance) -> None:
    """wf-derived-subline."""
    example = BY_ID["wf-derived-subline"]
    for case in ("without", "with"):
        flows = dated(*((a, d) for d, a in example[f"flows_{case}"]))
        assert finance.irr(flows)["irr"] == pytest.approx(example["expected"][f"irr_{case}"], abs=1e-11)
        multiple = -flows[1][0] / flows[0][0]
        assert float(multiple) == pytest.approx(example["expected"][f"tvpi_{case}"], abs=1e-9)


@pytest.mark.parametrize("example", FUNDS, ids=[e["id"] for e in FUNDS])
def test_the_first_total_return_method_gives_the_published_table(
    finance: Finance, example: dict[str, Any]
) -> None:
    found = rows(
        finance,
        "select * from finance.fund_economics(%s::numeric[], %s::numeric[], %s::numeric[], %s::numeric,"
        " %s::numeric, %s::numeric)",
        tuple(
            example[k]
            for k in ("called", "operating_results", "distributions", "committed", "fee_rate", "carry_rate")
        ),
    )
    for column, printed in example["expected"].items():
        assert [float(row[column]) for row in found] == pytest.approx(printed, abs=0.05)
    last = found[-1]
    assert last["tvpi"] == pytest.approx(last["dpi"] + last["rvpi"])


def test_tiers_are_rows_in_their_order_of_payment_with_balances_after_each(finance: Finance) -> None:
    terms = json.dumps({"carry_rate": 0.2, "hurdle_rate": 0.08, "compounding": "simple"})
    question = (
        "select distribution_number as n, tier, amount, lp_amount, gp_amount,"
        " unreturned_capital_amount as capital, unpaid_preferred_return_amount as pref"
        " from finance.waterfall_tiers(array[-1000000, 400000, 900000],"
        " array['2021-01-01', '2022-01-01', '2023-01-01']::date[], %s::jsonb)"
    )
    found = [tuple(row.values()) for row in rows(finance, question, (terms,))]
    assert found == [
        (1, "return_of_capital", 400000, 400000, 0, 600000, 80000),
        (1, "preferred_return", 0, 0, 0, 600000, 80000),
        (1, "catch_up", 0, 0, 0, 600000, 80000),
        (1, "split", 0, 0, 0, 600000, 80000),
        (2, "return_of_capital", 600000, 600000, 0, 0, 128000),
        (2, "preferred_return", 128000, 128000, 0, 0, 0),
        (2, "catch_up", 32000, 0, 32000, 0, 0),
        (2, "split", 140000, 112000, 28000, 0, 0),
    ]


def test_paying_the_preferred_return_first_leaves_more_capital_to_earn(finance: Finance) -> None:
    flows = dated((-1000000, "2021-01-01"), (400000, "2022-01-01"), (900000, "2023-01-01"))
    terms: dict[str, Any] = {"carry_rate": 0.2, "hurdle_rate": 0.08, "compounding": "simple"}
    assert waterfall(finance, flows, terms)["preferred_return_amount"] == 128000
    terms["tier_order"] = "preferred_return_first"
    assert waterfall(finance, flows, terms)["preferred_return_amount"] == Decimal("134400")


def test_compounding_by_exponent_and_at_anniversaries_differ_by_dollars(finance: Finance) -> None:
    """A million at 8 % for a year and a half: less simple, most with a simple stub after the first year."""
    flows = dated((-1000000, "2021-01-01"), ("2000000", "2022-07-02"))
    years = Decimal(547) / 365
    growth = Decimal("1.08") ** years - 1
    stub = Decimal("1.08") * (1 + Decimal("0.08") * Decimal(182) / 365) - 1
    for compounding, expected in (
        ("simple", Decimal("0.08") * years),
        ("exponential", growth),
        ("annual", stub),
    ):
        terms = {"carry_rate": 0.2, "hurdle_rate": 0.08, "compounding": compounding}
        found = waterfall(finance, flows, terms)["preferred_return_amount"]
        assert found == (expected * 1000000).quantize(Decimal("0.01"))


def test_anniversaries_of_a_leap_day_pass_in_every_year(finance: Finance) -> None:
    flows = dated((-1000, "2020-02-29"), (2000, "2024-02-29"))
    terms = {"carry_rate": 0.2, "hurdle_rate": 0.1, "compounding": "annual", "day_count": "30E/360"}
    found = waterfall(finance, flows, terms)["preferred_return_amount"]
    # 359, 360, 360 and 361 days of 360
    expected = (
        1000
        * (Decimal(1) + Decimal("0.1") * 359 / 360)
        * Decimal("1.21")
        * (Decimal(1) + Decimal("0.1") * 361 / 360)
        - 1000
    )
    assert found == expected.quantize(Decimal("0.01"))


def test_a_hurdle_of_the_whole_irr_is_met_when_lps_have_earned_it(finance: Finance) -> None:
    """Compounding `exponential` is an IRR hurdle: LPs' flows up to their preferred return have that IRR."""
    paid = dated((-600, "2020-03-05"), (-400, "2021-07-09"), (300, "2022-01-31"))
    terms = {"carry_rate": 0.2, "hurdle_rate": 0.09, "decimals": 12}
    owed = rows(
        finance,
        "select unreturned_capital_amount + unpaid_preferred_return_amount as owed"
        " from finance.waterfall_tiers("
        "%s::numeric[], %s::date[], %s::jsonb) where tier_number = 1 and distribution_number = 2",
        (
            [a for a, _ in paid] + [Decimal("0.000001")],
            [d for _, d in paid] + [dt.date(2024, 5, 17)],
            json.dumps(terms),
        ),
    )[0]["owed"]
    lp_flows = [*paid, (owed + Decimal("0.000001"), dt.date(2024, 5, 17))]
    assert finance.irr(lp_flows)["irr"] == pytest.approx(0.09, abs=1e-12)


@pytest.mark.parametrize(
    ("decimals", "lp", "gp"), [(0, 801, 200), (2, "800.8", "200.2"), (1, "800.8", "200.2")]
)
def test_cents_are_those_of_the_currency(finance: Finance, decimals: int, lp: Any, gp: Any) -> None:
    flows = dated((-1000, "2021-01-01"), (2001, "2022-01-01"))
    found = waterfall(finance, flows, {"carry_rate": 0.2, "decimals": decimals})
    assert (found["lp_amount"] - 1000, found["gp_amount"]) == (Decimal(lp), Decimal(gp))


def test_what_an_amount_has_below_a_cent_is_not_lost(finance: Finance) -> None:
    found = waterfall(finance, dated((-1000, "2021-01-01"), ("1001.0075", "2022-01-01")), {"carry_rate": 0.2})
    assert (found["lp_amount"], found["gp_amount"]) == (Decimal("1000.8075"), Decimal("0.20"))


def test_terms_and_rounds_run_in_parallel_workers(finance: Finance) -> None:
    """Before Postgres 17 a worker may not catch errors: a function that does fails there and only there."""
    finance.connection.execute(
        "create table public.waterfall_rows with (parallel_workers = 2)"
        " as select k from generate_series(1, 400) k;"
        " analyze public.waterfall_rows;"
        " create function public.catching(k integer) returns integer language plpgsql parallel safe as"
        " $$ begin return k; exception when division_by_zero then return 0; end $$"
    )

    def in_workers(condition: str) -> int:
        with finance.connection.transaction():
            finance.connection.execute(
                "set local parallel_setup_cost = 0; set local parallel_tuple_cost = 0;"
                " set local min_parallel_table_scan_size = 0; set local parallel_leader_participation = off"
            )
            query = f"select count(*) as n from public.waterfall_rows where {condition}"
            assert "Gather" in str(finance.connection.execute("explain " + query).fetchall())
            return int(finance.one(query)["n"])

    if finance.connection.info.server_version < 170000:
        with pytest.raises(psycopg.errors.InvalidTransactionState, match="parallel"):
            in_workers("public.catching(k) > 0")
    assert in_workers("finance.full_catch_up(k, jsonb_build_object('carry_rate', k / 1000.0)) >= 0") == 400
    holdings = "jsonb_build_array(jsonb_build_object('holder', 'F', 'shares', k))"
    assert in_workers(f"(finance.priced_round({holdings}, null, '{{\"pre_money\": 1000}}')).price > 4") == 249


def test_a_waterfall_groups_and_takes_rows_in_any_order(finance: Finance) -> None:
    found = rows(
        finance,
        "select fund, (finance.waterfall(amount, on_date, terms order by amount * sign)).gp_amount as gp"
        " from (values ('a', -1000000, date '2021-01-01', 0.2), ('a', 1500000, '2022-01-01', 0.2),"
        " ('b', -6000000, '2021-01-01', 0.3), ('b', 10000000, '2021-01-02', 0.3),"
        " ('b', null, null, 0.3)) as f (fund, amount, on_date, carry),"
        " lateral (select jsonb_build_object('carry_rate', carry, 'hurdle_rate', 0) as terms) t,"
        " (values (1), (-1)) as s (sign) group by fund, sign order by fund",
    )
    assert [r["gp"] for r in found] == [100000, 100000, 1200000, 1200000]


def test_half_a_flow_or_missing_terms_make_the_result_unknown(finance: Finance) -> None:
    terms = {"carry_rate": 0.2}
    assert waterfall(finance, [*ONE_YEAR, (None, dt.date(2022, 1, 1))], terms)["gp_amount"] is None
    assert waterfall(finance, [*ONE_YEAR, (Decimal(1), None)], terms)["gp_amount"] is None
    assert waterfall(finance, ONE_YEAR, None)["gp_amount"] is None
    assert waterfall(finance, [], terms)["gp_amount"] is None
    assert waterfall(finance, [(None, None)], terms)["gp_amount"] == 0


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({"carry_rate": 0.2, "hurdel_rate": 0.08}, "has no key 'hurdel_rate'"),
        ({"hurdle_rate": 0.08}, "carry_rate is missing"),
        ({"carry_rate": 20}, "carry_rate is 20"),
        ({"carry_rate": "a fifth"}, "which is no number"),
        ({"carry_rate": 0.2, "catch_up_rate": 1.5}, "catch_up_rate is 1.5"),
        ({"carry_rate": 0.2, "compounding": "daily"}, "compounding is 'daily'"),
        ({"carry_rate": 0.2, "includes_last_day": "yes"}, 'includes_last_day is "yes"'),
        ({"carry_rate": 0.2, "basis": "american"}, "basis american needs the deals"),
        ([0.2], "must be a JSON object, not array"),
    ],
)
def test_terms_that_say_nothing_or_nonsense_are_refused(finance: Finance, terms: Any, message: str) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue, match=message):
        waterfall(finance, ONE_YEAR, terms)


def test_two_agreements_in_one_group_are_refused(finance: Finance) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="two different terms"):
        finance.one(
            "select finance.waterfall(1, '2021-01-01', jsonb_build_object('carry_rate', c))"
            " from (values (0.2), (0.3)) as v (c)"
        )
