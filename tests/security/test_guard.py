"""The guard: whatever the builder does, readers stay confined; and each fault is real where the guard is
absent.
"""

import psycopg
import pytest

from tests.security.world import World
from warehouse.sessions import Sessions, Viewer
from warehouse.set_up import PACKAGE

HEALED = {
    "row security off": "alter table marts.fct_cash_flows disable row level security",
    "row security not forced": "alter table marts.fct_cash_flows no force row level security",
    "no policy of managers": "drop policy gp on marts.fct_cash_flows",
    "no policy of LPs": "drop policy lp on marts.fct_cash_flows",
    "a policy for everybody": "create policy evil on marts.fct_cash_flows using (true)",
    "a second policy of managers":
    "create policy evil on marts.fct_cash_flows for select to gp_reader using (true)",
    "a policy opened": "alter policy gp on marts.fct_cash_flows using (true)",
    "a policy given to PUBLIC": "alter policy gp on marts.fct_cash_flows to public",
    "a policy renamed": "alter policy gp on marts.fct_cash_flows rename to gp2",
    "a view with its owner's rights": "alter view marts.rpt_latest reset (security_invoker)",
    "a view without its barrier": "alter view marts.rpt_latest reset (security_barrier)",
    "a view replaced":
    "create or replace view marts.rpt_latest as select * from (select tenant_id, investor_id, "
    "max(effective_on) as effective_on, sum(amount) as amount, min(description) as description "
    "from marts.fct_cash_flows group by 1, 2) x",
    "a child table": "create table marts.child () inherits (marts.dim_vehicle)",
    "a table by select into": "select 8 as tenant_id into marts.into_table",
    "a copy": "create table marts.copy as select * from marts.fct_cash_flows; "
    "grant select on marts.copy to gp_reader, lp_reader",
    "a table moved in": "create table staging.built as select * from marts.fct_cash_flows; "
    "alter table staging.built set schema marts; grant select on marts.built to gp_reader",
    "an unlogged table": "create unlogged table marts.ul as select 8 as tenant_id",
    "rows without tenant allowed": "create table marts.loose (tenant_id int not null); "
    "alter table marts.loose alter column tenant_id drop not null",
    "statistics of a text": "alter table marts.fct_cash_flows alter column description set statistics 500",
    "statistics of an expression": "create index on marts.fct_cash_flows (tenant_id, lower(description))",
    "the installer's setting": "set guard.installing = 'on'; "
    "alter table marts.fct_cash_flows disable row level security",
    "a partitioned table": "create table marts.parted (tenant_id int, n int) partition by list (tenant_id); "
    "create table marts.parted_1 partition of marts.parted for values in (1)",
}  # fmt: skip
UNGUARDED = "alter event trigger guard_ddl disable; alter event trigger guard_drop disable"
CREATE = (
    "do $$ begin execute format('grant create on database %I to dbt_builder', current_database()); end $$"
)
OWN_MARTS = "alter schema marts owner to dbt_builder; "
REFUSED = [
    ("a materialized view", "create materialized view marts.mv as select * from marts.fct_cash_flows", ""),
    ("no tenant_id", "create table marts.nt (x int)", ""),
    ("no tenant_id from a query", "create table marts.nt as select 1 as x", ""),
    ("a wider tenant_id", "create table marts.nt (tenant_id bigint)", ""),
    ("rows without tenant", "create table marts.nn as select null::int as tenant_id", ""),
    ("dropping tenant_id", "alter table marts.dim_vehicle drop column tenant_id cascade", ""),
    ("renaming tenant_id", "alter table marts.dim_vehicle rename column tenant_id to t", ""),
    ("renaming investor_id under a grant",
     "alter table marts.fct_cash_flows rename column investor_id to i", ""),
    ("another type of investor_id", "create table marts.ni (tenant_id int, investor_id int)", ""),
    ("a grant to PUBLIC", "grant select on marts.fct_cash_flows to public", ""),
    ("a column grant to PUBLIC", "grant select (amount) on marts.fct_cash_flows to public", ""),
    ("a default grant to PUBLIC", "alter default privileges in schema marts grant select on tables to public;"
     " create table marts.dp (tenant_id int)", ""),
    ("a grant to write", "grant insert on marts.fct_cash_flows to gp_reader", ""),
    ("a grant to LPs without investors", "grant select on marts.dim_vehicle to lp_reader", ""),
    ("a grant to readers on a staging view", "create view staging.own as select * from marts.fct_cash_flows;"
     " grant select on staging.own to lp_reader", ""),
    ("a grant to readers on a staging column", "create table staging.own as select * from marts.dim_investor;"
     " grant select (name) on staging.own to gp_reader", ""),
    ("a grant to PUBLIC in intermediate", "create view intermediate.own as select 1 as n;"
     " grant select on intermediate.own to public", ""),
    ("a default grant to readers in staging", "alter default privileges in schema staging grant select on "
     "tables to lp_reader; create view staging.own as select * from marts.fct_cash_flows", ""),
    ("extended statistics", "create statistics marts.st (mcv) on investor_id, description from "
     "marts.fct_cash_flows", ""),
    ("SECURITY DEFINER", "create function marts.f() returns bigint language sql security "
     "definer as 'select 1::bigint'", ""),
    ("renaming the schema", "alter schema marts rename to m2", OWN_MARTS + CREATE),
    ("another schema", "create schema other", CREATE),
    ("disabling the trigger", "alter event trigger guard_ddl disable", "alter role dbt_builder superuser"),
    ("dropping the trigger", "drop event trigger guard_ddl", "alter role dbt_builder superuser"),
    ("taking the verifier", "alter function authn.gp_tenant_id() owner to dbt_builder",
     "alter role dbt_builder inherit; grant create on schema authn to dbt_builder; "
     "grant authn_owner to dbt_builder"),
    ("replacing the verifier", "create or replace function authn.gp_tenant_id() returns int "
     "language sql as 'select 8'", "alter function authn.gp_tenant_id() owner to dbt_builder; "
     "grant create on schema authn to dbt_builder"),
    ("exempting a schema", "insert into guard.exempt_schema values ('marts', 'x', true, true)",
     "grant insert on guard.exempt_schema to dbt_builder"),
    ("changing the template", "alter policy gp on guard.template_marts using (true)",
     "alter table guard.template_marts owner to dbt_builder"),
    ("signing", "select authn.mint(1, '1', null, 'gp_reader', interval '1 min', 0)",
     "grant execute on all functions in schema authn to dbt_builder"),
    ("reading keys", "select * from authn.signing_key", "grant select on authn.signing_key to dbt_builder"),
    ("becoming a reader", "set role gp_reader", "grant gp_reader to dbt_builder"),
    ("people", "select password_hash from control.app_user",
     "grant select on control.app_user to dbt_builder"),
]  # fmt: skip
"""Name, statement of the builder, and what but the event triggers must be taken away for it to succeed."""


def violations(world: World) -> list[tuple]:
    with world.admin() as admin:
        return admin.execute("select object, problem from guard.violation").fetchall()


def seen(world: World, viewer: Viewer, relation: str = "fct_cash_flows") -> set[int]:
    with Sessions(world.database) as sessions, sessions.read(viewer) as reader:
        return {row["tenant_id"] for row in reader.rows(f"select tenant_id from {relation}")}


def test_a_new_warehouse_and_a_built_one_have_no_violation(world: World) -> None:
    """Acceptance test A8."""
    assert violations(world) == []


@pytest.mark.parametrize("sabotage", HEALED.values(), ids=HEALED)
def test_a_sabotage_by_the_builder_is_healed_in_its_transaction(scratch: World, sabotage: str) -> None:
    """Acceptance test A9. The same statement without the guard is a violation, so the guard is what heals
    it.
    """
    gp, lp = scratch.viewer("gp", "alpha"), scratch.viewer("lp1", "alpha")
    with scratch.admin() as admin, admin.transaction(force_rollback=True):
        admin.execute(UNGUARDED)
        admin.execute("set local role dbt_builder")
        admin.execute(sabotage)
        admin.execute("reset role")
        assert admin.execute(
            "select object, problem from guard.violation where problem !~ 'event trigger'"
        ).fetchall()
    with scratch.builder() as builder:
        builder.execute(sabotage)
    assert violations(scratch) == []
    assert seen(scratch, gp) == {gp.tenant_id}
    assert seen(scratch, gp, "rpt_latest") == {gp.tenant_id}
    assert seen(scratch, lp) == {lp.tenant_id}


@pytest.mark.parametrize(("statement", "opened_by"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_what_cannot_be_protected_is_refused_to_the_builder(
    world: World, statement: str, opened_by: str
) -> None:
    """Acceptance test A12 among them: a model without tenant_id fails, names itself, and leaves nothing
    behind. First the same statement with its guard taken away, where it succeeds.
    """
    with world.admin() as admin, admin.transaction(force_rollback=True):
        admin.execute(UNGUARDED)
        admin.execute(opened_by or "select 1")
        admin.execute("set local session authorization dbt_builder")
        admin.execute(statement)
    with world.builder() as builder, pytest.raises(psycopg.Error) as refused:
        builder.execute(statement)
    assert refused.value.sqlstate in ("42501", "23502"), str(refused.value)
    if "marts.nt " in statement:
        assert "guard: marts.nt needs a column tenant_id int" in str(refused.value)
    assert violations(world) == []
    with world.admin() as admin:
        assert admin.execute("select to_regclass('marts.nt'), to_regclass('marts.mv')").fetchone() == (
            None,
            None,
        )


def test_a_model_under_construction_is_protected_from_its_first_instant(scratch: World) -> None:
    """The builder grants before it fills, renames and drops as dbt does; no step is ever visible
    unprotected.
    """
    gp = scratch.viewer("gp", "alpha")
    with scratch.builder() as builder:
        for step in (
            "create table marts.m__dbt_tmp as select * from marts.fct_cash_flows",
            "grant select on marts.m__dbt_tmp to gp_reader",
            "alter table marts.m__dbt_tmp rename to m",
            "create view marts.v__dbt_tmp as select * from marts.m",
            "grant select on marts.v__dbt_tmp to gp_reader",
            "alter view marts.v__dbt_tmp rename to v",
            "create table marts.m__dbt_backup as select * from marts.m",
            "drop table marts.m__dbt_backup cascade",
            "create temporary table m__dbt_tmp as select * from marts.m",
            "delete from marts.m where tenant_id = 1",
            "insert into marts.m select * from m__dbt_tmp where tenant_id = 1",
            "comment on table marts.m is 'x'",
        ):
            builder.execute(step)
            assert violations(scratch) == [], step
    assert seen(scratch, gp, "m") == seen(scratch, gp, "v") == {gp.tenant_id}


def test_without_the_guard_the_same_model_shows_every_tenant(scratch: World) -> None:
    gp = scratch.viewer("gp", "alpha")
    with scratch.admin() as admin:
        admin.execute("alter event trigger guard_ddl disable")
    with scratch.builder() as builder:
        builder.execute(
            "create table marts.m as select * from marts.fct_cash_flows; grant select on marts.m to gp_reader"
        )
        builder.execute(
            "create view marts.v as select * from marts.fct_cash_flows; grant select on marts.v to gp_reader"
        )
    everybody = {scratch.tenant(slug).tenant_id for slug in ("alpha", "beta")}
    assert seen(scratch, gp, "m") == everybody
    assert seen(scratch, gp, "v") == everybody
    found = {name for name, _ in violations(scratch)}
    assert {"marts.m", "marts.v", "guard_ddl"} <= found


def test_installing_again_heals_what_happened_while_the_guard_was_off(scratch: World) -> None:
    with scratch.admin() as admin:
        admin.execute("alter event trigger guard_ddl disable")
        with scratch.builder() as builder:
            builder.execute(
                "create table marts.m as select * from marts.fct_cash_flows; create view marts.v as "
                "table marts.m"
            )
            builder.execute("alter table marts.fct_cash_flows disable row level security")
        admin.execute("create table raw.late (tenant_id int, x text)")
        assert violations(scratch) != []
        for script in sorted((PACKAGE / "security").glob("*.sql")):
            with admin.transaction():
                admin.execute(script.read_bytes())
    assert violations(scratch) == []


def test_the_installers_own_tables_are_guarded_too(scratch: World) -> None:
    """Migrations create raw tables as admin; two in one transaction, altered later, renamed away from
    protection.
    """
    with scratch.admin() as admin:
        with admin.transaction():
            admin.execute(
                "create table raw.one (tenant_id int, x text); create table raw.two (tenant_id int, y text)"
            )
            admin.execute("alter table raw.one add column z int")
        assert violations(scratch) == []
        admin.execute("drop policy loader on raw.one")
        admin.execute("alter table raw.two disable row level security")
        assert violations(scratch) == []
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="needs a column tenant_id"):
            admin.execute("create table raw.three (x text)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="reads served schemas only"):
            admin.execute("grant select on raw.one to gp_reader")


def test_the_security_scripts_can_be_applied_again_and_change_nothing(scratch: World) -> None:
    gp = scratch.viewer("gp", "alpha")
    token = scratch.token(gp)
    with scratch.admin() as admin:
        state = (
            "select (select count(*) from pg_policy), (select count(*) from pg_proc), (select "
            "count(*) from authn.signing_key), "
            "(select md5(string_agg(concat_ws(':', relname, relrowsecurity, relforcerowsecurity, "
            "grantee, privilege_type), '|' "
            "order by relname, grantee, privilege_type)) from pg_class cross join lateral aclexplode(relacl) "
            "where relkind in ('r', 'v') and grantee is distinct from relowner)"
        )
        before = admin.execute(state).fetchone()
        for _ in range(2):
            for script in sorted((PACKAGE / "security").glob("*.sql")):
                with admin.transaction():
                    admin.execute(script.read_bytes())
        assert admin.execute(state).fetchone() == before
    with scratch.attacker(gp, token=token) as reader:
        assert reader.execute("select count(*) from fct_cash_flows").fetchone()[0] > 0
    assert violations(scratch) == []
