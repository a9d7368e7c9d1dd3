# ruff: noqa: E501 - rows read as lines
"""ILPA's machine checks hold for the published sample, and each of them fails once its rule is broken."""

from collections import Counter

import pytest
from psycopg import sql

from orchestration.lib import dbt_runner
from tests.integration.ilpa_world import PERIOD_END, IlpaWorld, ilpa_world
from warehouse import roles

__all__ = ["ilpa_world"]

NAV, COMMITMENT, RECEIVED = "fct_ilpa_nav_reconciliation", "fct_ilpa_commitment", "fct_ilpa_source_allocation"
ROLL, SPANS, INCEPTION, PERIODS = (
    "ilpa_01_nav_roll_foots",
    "assert_ilpa_02_spans_end_on_one_nav",
    "assert_ilpa_03_inception_begins_with_nothing",
    "assert_ilpa_04_periods_follow_one_another",
)
TOTAL, FEE, OFFSETS, APPLIED, GROSS, CARRY = (
    "assert_ilpa_05_total_is_lps_and_gp",
    "ilpa_06_management_fee_nets",
    "ilpa_07_offsets_roll",
    "ilpa_07_offsets_applied_are_the_rows_less_offsets",
    "ilpa_08_nav_gross_of_carry",
    "ilpa_09_carry_rolls",
)
UNFUNDED, ONE_SIDED, FOOTNOTE, TIE = (
    "ilpa_10_unfunded_rolls",
    "assert_ilpa_11_carried_interest_is_the_funds_own_affair",
    "assert_ilpa_12_other_has_a_footnote",
    "assert_ilpa_13_values_tie_to_the_capital_account",
)
RECEIVED_SUM, EXPENSES, REDUCTIONS, DESCRIBED = (
    "ilpa_fees_received_add_up",
    "ilpa_total_net_expenses_add_up",
    "ilpa_reductions_are_gross_less_net",
    "assert_ilpa_others_are_described",
)
# What is moved by one in the row of LP #5 (vehicle, mart, line, column), and every check that must see it.
ROUNDS = {
    "sums": [
        ("v2", NAV, "total_flows", "investor_qtd", [ROLL, TOTAL]),
        ("v2", NAV, "management_fee_waivers", "investor_ytd", [FEE, TOTAL]),
        ("v2", NAV, "carry_paid", "investor_qtd", [CARRY, TOTAL]),
        ("v2", NAV, "internal_net", "total_ytd", [EXPENSES, TOTAL]),
        ("v2", NAV, "total_costs_gross", "investor_itd", [REDUCTIONS, TOTAL]),
        ("v2", RECEIVED, "received_fees", "affiliates_itd", [RECEIVED_SUM]),
        ("v2", COMMITMENT, "commitment_recallable", "investor_itd", [UNFUNDED, TIE, TOTAL]),
    ],
    "ends": [
        ("v2", NAV, "ending_nav_gross", "gp_qtd", [GROSS, SPANS]),
        ("v2", NAV, "beginning_nav", "gp_itd", [INCEPTION, ROLL]),
        ("v2", NAV, "contributions", "investor_qtd", [TIE, TOTAL]),
        ("v2", NAV, "unapplied_offsets_end", "investor_itd", [OFFSETS, SPANS, TOTAL]),
        ("v2", NAV, "internal_other", "investor_qtd", [FOOTNOTE, TOTAL]),
        ("v2", COMMITMENT, "unfunded_end", "gp_itd", [UNFUNDED, SPANS]),
    ],
    "beginnings": [
        ("v2", NAV, "beginning_nav", "investor_qtd", [ROLL, PERIODS, TOTAL]),
        ("v2", NAV, "management_fee_offsets", "investor_qtd", [APPLIED, FEE, TOTAL]),
        ("v2", COMMITMENT, "unfunded_start", "investor_itd", [INCEPTION, UNFUNDED, TOTAL]),
        ("v2", COMMITMENT, "total_commitment", "gp_itd", [INCEPTION, SPANS]),
        ("kpmg", NAV, "carry_accrued_unrealized", "total_qtd", [ONE_SIDED, CARRY, TOTAL]),
    ],
}


def failures(world: IlpaWorld) -> dict[str, int]:
    """How many rows each of the checks returns for the first tenant."""
    select = [NAV, COMMITMENT, RECEIVED, "path:tests/ilpa"]
    results = dbt_runner.run_tests(world.database, ["alder"], select=select)
    assert not [result.message for result in results if result.status == "error"]
    return {result.name: result.failures for result in results if "ilpa_" in result.name}


@pytest.fixture(scope="module")
def before(ilpa_world: IlpaWorld) -> dict[str, int]:
    """The checks on the sample as it is."""
    return failures(ilpa_world)


def test_the_sample_meets_every_check_but_asks_its_sources_for_words(before: dict[str, int]) -> None:
    """Three amounts on rows Other come without a description: their footnotes say so, and a warning asks for it."""
    assert {name: rows for name, rows in before.items() if rows} == {DESCRIBED: 3}
    assert before.keys() >= {
        check for changes in ROUNDS.values() for *_, checks in changes for check in checks
    }


@pytest.mark.parametrize("name", ROUNDS)
def test_each_check_sees_its_rule_broken(ilpa_world: IlpaWorld, before: dict[str, int], name: str) -> None:
    """Every cell that is off by one is found once by each check that it concerns, and by no other."""
    wanted = Counter(before)
    for *_, checks in ROUNDS[name]:
        wanted.update(checks)
    move(ilpa_world, name, 1)
    try:
        assert failures(ilpa_world) == dict(wanted)
    finally:
        move(ilpa_world, name, -1)


def test_the_legacy_row_is_refused_for_a_fund_that_began_in_2026_and_taken_from_an_older_one(
    ilpa_world: IlpaWorld,
) -> None:
    """Both state an audit as "Other: 2016 value"; only the older fund ever filled the template of 2016."""
    tenant = ilpa_world.tenants["alder"].tenant_id
    moved = (
        "update marts.fct_ilpa_amounts set line = %s where tenant_id = %s and vehicle_id = any(%s) "
        "and investor_id = 'lp5' and line = %s and effective_on >= '2026-01-01'"
    )

    def found() -> int | None:
        check = ["assert_ilpa_legacy_row_is_not_for_new_funds"]
        (result,) = dbt_runner.run_tests(ilpa_world.database, ["alder"], select=check)
        return result.failures

    vehicles = ["v2", "kpmg"]
    lines = ("external_other_2016", "unrealized_gain")
    with ilpa_world.database.connect(roles.DBT_BUILDER) as connection:
        rows = connection.execute(moved, (lines[0], tenant, vehicles, lines[1])).rowcount
    try:
        assert (rows, found()) == (3, 1)
    finally:
        with ilpa_world.database.connect(roles.DBT_BUILDER) as connection:
            connection.execute(moved, (lines[1], tenant, vehicles, lines[0]))
    assert found() == 0


def move(world: IlpaWorld, name: str, by: int) -> None:
    """Adds to the cells of a round, in the marts themselves."""
    tenant = world.tenants["alder"].tenant_id
    with world.database.connect(roles.DBT_BUILDER) as connection:
        for vehicle, mart, line, column, _ in ROUNDS[name]:
            cell = sql.Identifier(f"{column}_amount")
            statement = sql.SQL(
                "update {} set {} = {} + %s where tenant_id = %s and vehicle_id = %s and investor_id = 'lp5' "
                "and line = %s and period_end = %s"
            ).format(sql.Identifier("marts", mart), cell, cell)
            assert connection.execute(statement, (by, tenant, vehicle, line, PERIOD_END)).rowcount == 1
