"""What a reader's own login can do with a valid token and any SQL, outside the pool and outside read-only
mode.
"""

import psycopg
import pytest

from tests.security.world import GP_RELATIONS, LP_RELATIONS, World, everything_said, foreign_canaries
from warehouse import roles
from warehouse.errors import WarehouseError
from warehouse.sessions import Sessions

NOT_ALLOWED = "42501"
REFUSED = [
    ("keys", "select * from authn.signing_key"),
    ("sign a token", "select authn.mint(2, '1', null, 'gp_reader', interval '1 min', 0)"),
    ("issue a token", "select authn.issue(1, 2)"),
    ("issue a loader's token", "select authn.issue_loader(2, 1)"),
    ("verify", "select authn.verify('x')"),
    ("rotate keys", "select authn.rotate_key()"),
    ("become the builder", "set role dbt_builder"),
    ("become the other reader", "set role lp_reader"),
    ("become the admin", "set session authorization postgres"),
    ("switch triggers off", "set session_replication_role = replica"),
    ("disable row security", "alter table marts.fct_cash_flows disable row level security"),
    ("write a policy", "create policy x on marts.fct_cash_flows using (true)"),
    ("temporary table", "create temp table z (a int)"),
    ("table in public", "create table public.z (a int)"),
    ("table in marts", "create table marts.z (tenant_id int)"),
    ("schema", "create schema z"),
    ("program", "copy (select 1) to program 'id'"),
    ("server file", "select pg_read_file('/etc/passwd')"),
    ("list files", "select pg_ls_dir('.')"),
    ("large object", "select lo_create(0)"),
    ("import a file", "select lo_import('/etc/passwd')"),
    ("anonymous code", "do $$ begin end $$"),
    ("notify", "select pg_notify('a', 'b')"),
    ("advisory lock", "select pg_advisory_lock(1)"),
    ("try an advisory lock", "select pg_try_advisory_xact_lock(1)"),
    ("activity", "select * from pg_stat_activity"),
    ("activity by function", "select pg_stat_get_activity(null)"),
    ("statement of a backend", "select pg_stat_get_backend_activity(1)"),
    ("locks", "select * from pg_locks"),
    ("terminate", "select pg_terminate_backend(1)"),
    ("cancel", "select pg_cancel_backend(1)"),
    ("sleep", "select pg_sleep(0)"),
    ("table size", "select pg_relation_size('marts.fct_cash_flows')"),
    ("database size", "select pg_database_size(current_database())"),
    ("row counts", "select * from pg_stat_user_tables"),
    ("statistics", "select * from pg_stats"),
    ("statistics table", "select * from pg_statistic"),
    ("passwords", "select * from pg_authid"),
    ("query as XML", "select query_to_xml('select 1', true, true, '')"),
    ("whole database as XML", "select database_to_xml(true, true, '')"),
    ("insert", "insert into marts.dim_vehicle values (1, 'x')"),
    ("update", "update marts.fct_cash_flows set amount = 0"),
    ("delete", "delete from marts.fct_cash_flows"),
    ("truncate", "truncate marts.fct_cash_flows"),
    ("lock rows", "select * from marts.fct_cash_flows for update"),
    ("drop", "drop table marts.fct_cash_flows"),
    ("raw", "select * from raw.capstan__investors"),
    ("tenants", "select * from control.tenant"),
    ("people", "select * from control.app_user"),
    ("audit log", "select * from audit.event"),
    ("audit verification", "select * from audit.verify_chain(1)"),
    ("guard", "select * from guard.violation"),
    ("apply the guard", "select guard.apply('marts.fct_cash_flows'::regclass)"),
    ("own schemas", "select * from authn.served_schema"),
    ("grant", "grant select on marts.dim_vehicle to lp_reader"),
    ("event trigger", "alter event trigger guard_ddl disable"),
    ("function", "create function public.f() returns int language sql as 'select 1'"),
]


@pytest.mark.parametrize("statement", [s for _, s in REFUSED], ids=[n for n, _ in REFUSED])
def test_a_reader_is_refused(world: World, statement: str) -> None:
    viewer = world.viewer("gp", "alpha")
    with world.attacker(viewer) as attacker:
        assert attacker.execute("select count(*) from fct_cash_flows").fetchone()[0] > 0
        with pytest.raises(psycopg.Error) as refused:
            attacker.execute(statement)
        assert refused.value.sqlstate == NOT_ALLOWED, str(refused.value)
        assert foreign_canaries(everything_said(refused.value), viewer) == set()


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
