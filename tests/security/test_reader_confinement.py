"""What a reader's own login can do with a valid token and any SQL, outside the pool and outside read-only
mode.
"""

import psycopg
import pytest

from tests.security.reader_attacks import READER, READER_ATTACKS, Attack
from tests.security.world import GP_RELATIONS, LP_RELATIONS, World, everything_said, foreign_canaries
from warehouse import roles
from warehouse.errors import WarehouseError
from warehouse.sessions import Sessions

NOT_ALLOWED = "42501"

ATTACKS = pytest.mark.parametrize("attack", READER_ATTACKS, ids=[attack.name for attack in READER_ATTACKS])
UNGUARDED = "alter event trigger guard_ddl disable; alter event trigger guard_drop disable"


@ATTACKS
def test_a_reader_is_refused(world: World, attack: Attack) -> None:
    """First the same statement in the same session with its guard taken away, where it succeeds."""
    viewer = world.viewer("gp", "alpha")
    with world.admin() as admin, admin.transaction(force_rollback=True):
        admin.execute(UNGUARDED)
        admin.execute(attack.opened_by)
        admin.execute(f"set local session authorization {READER}")
        admin.execute("select set_config('app.token', %s, true)", (world.token(viewer),))
        try:
            admin.execute(attack.statement)
        except psycopg.errors.FeatureNotSupported as error:
            assert "libxml" in str(error)  # allowed, but this server was built without XML
    with world.attacker(viewer) as attacker:
        assert attacker.execute("select count(*) from fct_cash_flows").fetchone()[0] > 0
        with pytest.raises(psycopg.Error) as refused:
            attacker.execute(attack.statement)
        assert refused.value.sqlstate == NOT_ALLOWED, str(refused.value)
        assert foreign_canaries(everything_said(refused.value), viewer) == set()


@pytest.mark.parametrize("who", ["gp", "lp1"])
def test_sessions_of_a_schema_of_ones_own_refuse_every_attack_too(world: World, who: str) -> None:
    """Pages, the API and `capstan query` read through Sessions; test_attacks_through_query.py asks the shared
    schema.
    """
    viewer = world.viewer(who, "gamma")
    login = world.login(viewer)
    with Sessions(world.database) as sessions:
        for attack in READER_ATTACKS:
            if attack.statement == f"set role {login.role}":
                continue  # what it is already
            with pytest.raises(WarehouseError) as refused, sessions.read(viewer) as reader:
                assert reader.rows("select * from dim_investor")
                reader.rows(attack.statement.replace("marts.", f"{login.schema_name}."))
            assert foreign_canaries(str(refused.value), viewer) == set(), attack.name


@pytest.mark.parametrize("who", ["gp", "lp1", "lp2"])
@pytest.mark.parametrize("tenant", ["alpha", "beta", "gamma"])
def test_each_viewer_sees_all_of_its_rows_and_no_other(world: World, who: str, tenant: str) -> None:
    """Acceptance test A2, for managers, LPs and a tenant with a schema of its own."""
    viewer = world.viewer(who, tenant)
    relations = LP_RELATIONS if who.startswith("lp") else GP_RELATIONS
    with Sessions(world.database) as sessions, sessions.read(viewer) as reader:
        for relation in relations:
            rows = reader.rows(f"select * from {relation}")
            assert rows, relation
            assert {row["tenant_id"] for row in rows} == {viewer.tenant_id}
            assert foreign_canaries(repr(rows), viewer) == set()
            if who.startswith("lp"):
                assert {row["investor_id"] for row in rows} == set(viewer.investor_ids)
        if who.startswith("lp"):
            with pytest.raises(WarehouseError, match="permission denied"):
                reader.rows("select * from dim_vehicle")


@pytest.mark.parametrize("relation", GP_RELATIONS)
def test_a_token_swapped_within_a_statement_changes_nothing(world: World, relation: str) -> None:
    """Acceptance test A5: two valid tokens of two tenants in one statement still read one tenant.

    First the same attack against an ordinary policy on a setting, which falls to it.
    """
    alpha, beta = world.tenant("alpha").tenant_id, world.tenant("beta").tenant_id
    swap = (
        "select distinct tenant_id from (select set_config('{setting}', case when i %% 2 = 0 then %s "
        "else %s end, false), "
        "t.tenant_id from generate_series(1, 4) i, lateral (select tenant_id from {relation} where i "
        "> 0 limit 1) t) s"
    )
    with world.attacker(world.viewer("gp", "alpha")) as attacker:
        tokens = [world.token(world.viewer("gp", "alpha")), world.token(world.viewer("gp", "beta"))]
        found = attacker.execute(swap.format(setting="app.token", relation=relation), tokens).fetchall()
        assert len(found) == 1
        for order in (tokens, tokens[::-1]):
            attacker.execute("select set_config('app.token', %s, false)", (order[0],))
            found = attacker.execute(swap.format(setting="app.token", relation=relation), order).fetchall()
            assert len(found) == 1
    with world.admin() as admin, admin.transaction(force_rollback=True):
        admin.execute("alter event trigger guard_ddl disable")  # it refuses grants on what has no policies
        admin.execute("create table public.naive as select * from marts.fct_cash_flows")
        admin.execute("alter table public.naive enable row level security")
        admin.execute(
            "create policy p on public.naive using (tenant_id = current_setting('app.tenant')::int)"
        )
        admin.execute("grant usage on schema public to gp_reader; grant select on public.naive to gp_reader")
        admin.execute("set local role gp_reader")
        admin.execute("select set_config('app.tenant', %s, true)", (str(alpha),))
        leaked = admin.execute(
            swap.format(setting="app.tenant", relation="public.naive"), (str(alpha), str(beta))
        ).fetchall()
        assert len(leaked) == 2


def test_settings_that_a_reader_may_change_give_it_nothing(world: World) -> None:
    viewer = world.viewer("lp1", "alpha")
    with world.attacker(viewer) as attacker:
        before = attacker.execute("select * from fct_cash_flows order by transaction_id").fetchall()
        for setting in (
            "set search_path = pg_temp, raw, control, marts", "set role none", "reset session authorization",
            "set app.tenant = '2'", "set app.tenant_id = '2'", "set guard.installing = 'on'",
            "set row_security = on", "set transform_null_equals = on", "set enable_seqscan = off",
            "set plan_cache_mode = force_generic_plan", "set max_parallel_workers_per_gather = 4",
            "set parallel_setup_cost = 0", "set debug_print_plan = on", "set client_min_messages = debug5",
        ):  # fmt: skip
            attacker.execute(setting)
            after = attacker.execute("select * from marts.fct_cash_flows order by transaction_id").fetchall()
            assert after == before, setting
        attacker.execute("set row_security = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            attacker.execute("select * from marts.fct_cash_flows")


def test_a_reader_cannot_lock_builds_out(world: World) -> None:
    with world.attacker(world.viewer("gp", "alpha")) as attacker:
        for mode in ("share", "exclusive", "access exclusive"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), attacker.transaction():
                attacker.execute(f"lock table marts.fct_cash_flows in {mode} mode")


def test_discard_all_ends_the_token(world: World) -> None:
    with world.attacker(world.viewer("gp", "alpha")) as attacker:
        attacker.execute("discard all")
        with pytest.raises(psycopg.errors.InvalidAuthorizationSpecification):
            attacker.execute("select * from marts.fct_cash_flows")


def test_a_reader_of_a_shared_schema_cannot_reach_a_tenants_own_schema(world: World) -> None:
    own = world.login(world.viewer("gp", "gamma")).schema_name
    for role, who in ((roles.GP_READER, "gp"), (roles.LP_READER, "lp1")):
        with world.attacker(world.viewer(who, "alpha")) as attacker:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                attacker.execute(f"select * from {own}.fct_cash_flows")
            assert attacker.execute("select session_user").fetchone() == (role,)
    with world.attacker(world.viewer("gp", "gamma")) as attacker:
        assert attacker.execute("select count(*) from fct_cash_flows").fetchone()[0] > 0
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            attacker.execute("select * from marts.fct_cash_flows")


def test_even_if_a_foreign_schema_were_opened_its_policies_stay_shut(scratch: World) -> None:
    """The second line: the role is not named in that schema's policies, so nothing is visible."""
    own = scratch.login(scratch.viewer("gp", "gamma")).schema_name
    with scratch.admin() as admin:
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="reader of another schema"):
            admin.execute(f"grant select on {own}.fct_cash_flows to gp_reader")
        admin.execute("alter event trigger guard_ddl disable")
        admin.execute(f"grant usage on schema {own} to gp_reader")
        admin.execute(f"grant select on all tables in schema {own} to gp_reader")
    with scratch.attacker(scratch.viewer("gp", "alpha")) as attacker:
        assert attacker.execute(f"select count(*) from {own}.fct_cash_flows").fetchone() == (0,)
