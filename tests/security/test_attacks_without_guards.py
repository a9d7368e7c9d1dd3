"""Each attack that the database refuses is shown to work where its guard is taken away: the guards are not
decoration.

Every test breaks a database of its own as superuser, or looks at a design that this product does not use.
"""

import psycopg
import pytest

from tests.security.world import World, foreign_canaries
from warehouse import roles

FLOWS = "select * from marts.fct_cash_flows"


def unguarded(admin: psycopg.Connection) -> None:
    admin.execute("alter event trigger guard_ddl disable; alter event trigger guard_drop disable")


def leaked(world: World, who: str, query: str) -> set[str]:
    viewer = world.viewer(who, "alpha")
    with world.attacker(viewer) as attacker:
        return foreign_canaries(repr(attacker.execute(query).fetchall()), viewer)


def test_with_row_security_off_an_lp_reads_everybody(scratch: World) -> None:
    assert leaked(scratch, "lp1", FLOWS) == set()
    with scratch.admin() as admin:
        unguarded(admin)
        admin.execute("alter table marts.fct_cash_flows disable row level security")
    assert {"CANARY-alpha-I2", "CANARY-beta-I1"} <= leaked(scratch, "lp1", FLOWS)


def test_with_the_managers_policy_an_lp_reads_the_other_lps(scratch: World) -> None:
    """Separate roles and policies are what keeps LPs of one tenant apart."""
    with scratch.admin() as admin:
        unguarded(admin)
        admin.execute("drop policy lp on marts.fct_cash_flows")
        admin.execute(
            "create policy lp on marts.fct_cash_flows for select to lp_reader using (tenant_id = "
            "(select authn.lp_tenant_id()))"
        )
    assert leaked(scratch, "lp1", FLOWS) == {"CANARY-alpha-I2", "CANARY-alpha-I3"}


def test_a_mart_without_investors_shows_an_lp_nothing_even_where_it_is_granted(scratch: World) -> None:
    """Two lines: the guard refuses the grant, and without the guard no policy names the LP."""
    with (
        scratch.builder() as builder,
        pytest.raises(psycopg.errors.InsufficientPrivilege, match="investor_id"),
    ):
        builder.execute("grant select on marts.dim_vehicle to lp_reader")
    with scratch.admin() as admin:
        unguarded(admin)
        admin.execute("grant select on marts.dim_vehicle to lp_reader")
        assert leaked(scratch, "lp1", "select * from marts.dim_vehicle") == set()
        with scratch.attacker(scratch.viewer("lp1", "alpha")) as attacker:
            assert attacker.execute("select count(*) from marts.dim_vehicle").fetchone() == (0,)
        admin.execute("create policy lp on marts.dim_vehicle for select to lp_reader using (true)")
    assert leaked(scratch, "lp1", "select * from marts.dim_vehicle") >= {"CANARY-beta-ALL"}


def weakened(admin: psycopg.Connection, function: str, condition: str) -> None:
    """Define a function of authn again without one of its conditions."""
    text = admin.execute("select pg_get_functiondef(%s::regprocedure)", (f"authn.{function}",)).fetchone()[0]
    assert text.count(condition) == 1
    admin.execute(text.replace(condition, ""))


def tenants_read(world: World, role: str, token: str) -> list[tuple]:
    with psycopg.connect(world.database.conninfo(role)) as connection:
        connection.execute("select set_config('app.token', %s, true)", (token,))
        return connection.execute(
            "select distinct tenant_id, investor_id from marts.fct_cash_flows order by 1, 2"
        ).fetchall()


MAC = (
    "\n       and sha256(convert_to(encode(sha256(ko || sha256(ki || convert_to(left(tok, -65), 'UTF8'))), "
    "'hex'), 'UTF8'))\n         = sha256(convert_to(p[9], 'UTF8'))"
)
EXPIRY = "\n         and p[7]::bigint > extract(epoch from statement_timestamp())"
CONNECTION = "\n         and p[8]::int in (0, pg_backend_pid())"


@pytest.mark.parametrize("condition", [MAC, EXPIRY, CONNECTION], ids=["signature", "expiry", "connection"])
def test_without_one_condition_of_the_verifier_a_token_that_is_no_good_is_good(
    scratch: World, condition: str
) -> None:
    alpha, beta = scratch.viewer("gp", "alpha"), scratch.viewer("gp", "beta")
    fields = scratch.token(alpha).split(".")
    bad = {
        MAC: ".".join([*fields[:2], str(beta.tenant_id), *fields[3:]]),
        EXPIRY: scratch.token(beta, ttl="1 microsecond"),
        CONNECTION: scratch.token(beta, pid=1),
    }
    everybody_of_beta = [(beta.tenant_id, investor) for investor in ("I1", "I2", "I3")]
    with pytest.raises(psycopg.errors.InvalidAuthorizationSpecification):
        tenants_read(scratch, roles.GP_READER, bad[condition])
    with scratch.admin() as admin:
        weakened(admin, "verify(text)", condition)
    assert tenants_read(scratch, roles.GP_READER, bad[condition]) == everybody_of_beta


def test_an_lps_token_on_the_managers_login_is_stopped_twice(scratch: World) -> None:
    lp = scratch.viewer("lp1", "alpha")
    token = scratch.token(lp)
    weaker = [
        ("verify(text)", " and p[6] = session_user"),
        (
            "gp_tenant_id()",
            "if c.all_investors is not true then\n    "
            "raise exception using errcode = '28000', message = 'tenant context invalid';\n  end if;",
        ),
    ]
    for function, condition in weaker:
        with pytest.raises(psycopg.errors.InvalidAuthorizationSpecification):
            tenants_read(scratch, roles.GP_READER, token)
        with scratch.admin() as admin:
            weakened(admin, function, condition)
    everybody_of_alpha = [(lp.tenant_id, investor) for investor in ("I1", "I2", "I3")]
    assert tenants_read(scratch, roles.GP_READER, token) == everybody_of_alpha


def test_a_view_with_its_owners_rights_shows_everybody(scratch: World) -> None:
    assert leaked(scratch, "gp", "select * from rpt_latest") == set()
    with scratch.admin() as admin:
        unguarded(admin)
        admin.execute("alter view marts.rpt_latest reset (security_invoker, security_barrier)")
    assert leaked(scratch, "gp", "select * from rpt_latest")


def test_a_grant_in_staging_under_a_view_of_marts_shows_everybody(scratch: World) -> None:
    """USAGE on staging is asked of the view's author only, and what lies there has its owner's rights."""
    viewer = scratch.viewer("lp1", "alpha")
    build = (
        "create view staging.everything as select tenant_id, name from raw.capstan__investors;"
        "grant select on staging.everything to lp_reader;"
        "create view marts.everything as select * from staging.everything;"
        "grant select on marts.everything to lp_reader"
    )
    with scratch.builder() as builder, pytest.raises(psycopg.errors.InsufficientPrivilege, match="guard"):
        builder.execute(build)
    with scratch.admin() as admin:
        admin.execute("alter event trigger guard_ddl disable")
    with scratch.builder() as builder:
        builder.execute(build)
        builder.execute("alter view marts.everything set (security_invoker, security_barrier)")
    with scratch.attacker(viewer) as attacker:
        rows = attacker.execute("select * from marts.everything").fetchall()
    assert foreign_canaries(repr(rows), viewer) >= {"CANARY-beta-ALL", "CANARY-gamma-ALL"}


def test_a_materialized_view_shows_everybody(scratch: World) -> None:
    with scratch.admin() as admin:
        unguarded(admin)
        admin.execute(
            "create materialized view marts.mv as select * from marts.fct_cash_flows; grant select "
            "on marts.mv to lp_reader"
        )
    assert leaked(scratch, "lp1", "select * from mv")


def test_a_plain_setting_as_context_falls_to_one_statement(scratch: World) -> None:
    """The usual design: `SET app.tenant`. One SET reads the other tenant."""
    with scratch.admin() as admin:
        unguarded(admin)
        admin.execute("drop policy gp on marts.fct_cash_flows")
        admin.execute(
            "create policy gp on marts.fct_cash_flows for select to gp_reader "
            "using (tenant_id = (select current_setting('app.tenant')::int))"
        )
    viewer = scratch.viewer("gp", "alpha")
    with scratch.attacker(viewer) as attacker:
        attacker.execute("select set_config('app.tenant', %s, false)", (str(viewer.tenant_id),))
        assert foreign_canaries(repr(attacker.execute(FLOWS).fetchall()), viewer) == set()
        attacker.execute(
            "select set_config('app.tenant', %s, false)", (str(scratch.tenant("beta").tenant_id),)
        )
        assert foreign_canaries(repr(attacker.execute(FLOWS).fetchall()), viewer)


def test_a_pool_login_that_switches_roles_falls_to_set_role(scratch: World) -> None:
    with scratch.admin() as admin:
        admin.execute("grant dbt_builder to gp_reader")
    try:
        viewer = scratch.viewer("gp", "alpha")
        with scratch.attacker(viewer) as attacker:
            attacker.execute("set role dbt_builder")
            assert foreign_canaries(repr(attacker.execute(FLOWS).fetchall()), viewer)
        with scratch.admin() as admin:
            found = admin.execute("select problem from guard.violation where object = 'gp_reader'").fetchall()
            assert ("is a member of dbt_builder",) in found
    finally:
        with scratch.admin() as admin:
            admin.execute("revoke dbt_builder from gp_reader")


def test_without_forced_row_security_and_with_ownership_a_reader_reads_all(scratch: World) -> None:
    with scratch.admin() as admin:
        unguarded(admin)
        admin.execute("alter table marts.fct_cash_flows no force row level security, owner to gp_reader")
    assert leaked(scratch, "gp", FLOWS)


def test_a_policy_that_reads_a_table_fails_open_when_it_is_dropped(scratch: World) -> None:
    """Why policies call functions only: DROP … CASCADE silently removed the restrictive policy."""
    with scratch.admin() as admin:
        unguarded(admin)
        admin.execute(
            "create table public.allowed (investor_id text); insert into public.allowed values ('I1')"
        )
        admin.execute(
            "grant usage on schema public to gp_reader; grant select on public.allowed to gp_reader"
        )
        admin.execute(
            "create policy only_allowed on marts.fct_cash_flows as restrictive for select to gp_reader "
            "using (investor_id in (select investor_id from public.allowed))"
        )
    viewer = scratch.viewer("gp", "alpha")
    investors = "select distinct investor_id from marts.fct_cash_flows order by 1"
    with scratch.attacker(viewer) as attacker:
        assert attacker.execute(investors).fetchall() == [("I1",)]
        with scratch.admin() as admin:
            admin.execute("drop table public.allowed cascade")
        assert attacker.execute(investors).fetchall() == [("I1",), ("I2",), ("I3",)]


def test_pg_stat_activity_shows_another_sessions_literals_where_it_is_granted(scratch: World) -> None:
    beta, alpha = scratch.viewer("gp", "beta"), scratch.viewer("gp", "alpha")
    with scratch.attacker(beta) as other, scratch.attacker(alpha) as attacker:
        other.execute("select count(*) from fct_cash_flows where description = 'CANARY-beta-I1 flow 1'")
        with scratch.admin() as admin:
            admin.execute(
                "grant select on pg_stat_activity to public; grant execute on function "
                "pg_stat_get_activity(int) to public"
            )
        shown = repr(attacker.execute("select query from pg_stat_activity").fetchall())
        assert foreign_canaries(shown, alpha) == {"CANARY-beta-I1"}


def test_a_loader_without_its_policy_writes_other_tenants(scratch: World) -> None:
    with scratch.admin() as admin:
        unguarded(admin)
        admin.execute("alter table raw.capstan__investors disable row level security")
    with scratch.database.connect(roles.LOADER) as loader:
        assert (
            loader.execute("select count(distinct tenant_id) from raw.capstan__investors").fetchone()[0] == 3
        )
