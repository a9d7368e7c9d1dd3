"""EXPLAIN: the planner's estimates tell a reader nothing of values that only others have. Acceptance test
A18.
"""

import psycopg
import pytest

from tests.security.world import World


def estimate(connection: psycopg.Connection, column: str, value: object) -> int:
    row = connection.execute(
        f"explain (format json) select * from fct_cash_flows where {column} = %s", (value,)
    ).fetchone()
    return row[0][0]["Plan"]["Plan Rows"]


@pytest.fixture
def crowded(scratch: World) -> World:
    """A tenant whose values are so frequent that the planner would know them by heart."""
    beta = scratch.tenant("beta").tenant_id
    with scratch.builder() as builder:
        builder.execute(
            "insert into marts.fct_cash_flows select %s, 'SecretVehicle', 'SecretLP', 'x' || n, date "
            "'2020-01-01', 1, "
            "123456.75, true, '2021-01-01 00:00+00', 'SecretCo' from generate_series(1, 20000) n",
            (beta,),
        )
    with scratch.admin() as admin:
        admin.execute("analyze marts.fct_cash_flows")
    return scratch


FOREIGN = {
    "vehicle_id": ("SecretVehicle", "NoVehicle"),
    "investor_id": ("SecretLP", "NoLP"),
    "transaction_id": ("x77", "nothing"),
    "description": ("SecretCo", "NoCo"),
    "value": (123456.75, 99.125),
    "amount": (1, 999999),
    "recorded_at": ("2021-01-01 00:00+00", "1999-01-01 00:00+00"),
}


@pytest.mark.parametrize("who", ["gp", "lp1"])
def test_the_estimate_of_anothers_value_equals_that_of_an_absent_one(crowded: World, who: str) -> None:
    with crowded.attacker(crowded.viewer(who, "alpha")) as attacker:
        for column, (foreign, absent) in FOREIGN.items():
            assert estimate(attacker, column, foreign) == estimate(attacker, column, absent), column
            lower = f"lower({column}::text)"
            assert estimate(attacker, lower, str(foreign).lower()) == estimate(attacker, lower, "absent"), (
                column
            )


def test_with_ordinary_statistics_the_estimate_gives_it_away(crowded: World) -> None:
    with crowded.admin() as admin:
        admin.execute("alter event trigger guard_ddl disable")
        admin.execute("alter table marts.fct_cash_flows alter column description set statistics 100")
        admin.execute("analyze marts.fct_cash_flows")
    with crowded.attacker(crowded.viewer("gp", "alpha")) as attacker:
        assert estimate(attacker, "description", "SecretCo") > 50 * estimate(attacker, "description", "NoCo")


def test_an_index_on_an_expression_keeps_no_statistics_either(crowded: World) -> None:
    with crowded.builder() as builder:
        builder.execute("create index on marts.fct_cash_flows (tenant_id, lower(description))")
        builder.execute("analyze marts.fct_cash_flows")
    with crowded.attacker(crowded.viewer("gp", "alpha")) as attacker:
        assert estimate(attacker, "lower(description)", "secretco") == estimate(
            attacker, "lower(description)", "noco"
        )


def test_the_policies_still_use_the_index_that_starts_with_the_tenant(crowded: World) -> None:
    """Statistics are kept where plans need them: on tenant_id."""
    lp = crowded.viewer("lp1", "alpha")
    with crowded.attacker(lp) as attacker:
        plan = attacker.execute(
            f"explain select * from fct_cash_flows where tenant_id = {lp.tenant_id} and investor_id = 'I1'"
        ).fetchall()
    assert any("fct_cash_flows_tenant_id_investor_id_effective_on_idx" in line for (line,) in plan), plan
    assert any("tenant_id" in line and "Index Cond" in line for (line,) in plan), plan
