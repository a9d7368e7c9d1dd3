"""Attacks on a reader's own login: name, SQL, and what takes away the guard that refuses it.

The name is the test's id and stands in docs/security/attacks.md. What is done with an attack is the tests'
matter.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Attack:
    """`opened_by` is run as the admin, in a transaction that is rolled back: then the statement succeeds."""

    name: str
    statement: str
    opened_by: str


READER = "gp_reader"
ADMIN_RIGHTS = f"alter role {READER} superuser"
OWNERSHIP = f"alter table marts.fct_cash_flows owner to {READER}"
CORE_FUNCTIONS = f"grant execute on all functions in schema pg_catalog to {READER}"
VERIFIER = f"grant execute on all functions in schema authn to {READER}"
GUARD = (
    f"grant usage on schema guard to {READER}; grant select on all tables in schema guard to {READER}; "
    f"grant execute on all functions in schema guard to {READER}"
)
UNFILTERED = "alter table marts.fct_cash_flows disable row level security"


def may(right: str, thing: str) -> str:
    """The grant of one right to the reader."""
    return f"grant {right} on {thing} to {READER}"


def may_in_database(right: str) -> str:
    """The grant of a right on the database that the test happens to have."""
    return (
        f"do $$ begin execute format('grant {right} on database %I to {READER}', current_database()); end $$"
    )


READER_ATTACKS = [
    # tokens and keys; person 4 is beta's manager, tenant 2 is beta
    Attack("keys", "select * from authn.signing_key", may("select", "authn.signing_key")),
    Attack("sign a token", "select authn.mint(2, '4', null, 'gp_reader', interval '1 min', 0)", VERIFIER),
    Attack("issue a token", "select authn.issue(4, 2)", VERIFIER),
    Attack("issue a loader's token", "select authn.issue_loader(2, 1)", VERIFIER),
    Attack("verify", "select authn.verify(current_setting('app.token'))", VERIFIER),
    Attack("rotate keys", "select authn.rotate_key()", VERIFIER),
    Attack("own schemas", "select * from authn.served_schema", may("select", "authn.served_schema")),
    # other roles
    Attack("become the builder", "set role dbt_builder", f"grant dbt_builder to {READER}"),
    Attack("become the other reader", "set role lp_reader", f"grant lp_reader to {READER}"),
    Attack("become the admin", "set session authorization postgres", ADMIN_RIGHTS),
    Attack("become the builder's session", "set session authorization dbt_builder", ADMIN_RIGHTS),
    Attack("switch triggers off", "set session_replication_role = replica",
           may("set", "parameter session_replication_role")),
    # the guard
    Attack("disable row security", UNFILTERED, OWNERSHIP),
    Attack("write a policy", "create policy x on marts.fct_cash_flows using (true)", OWNERSHIP),
    Attack("event trigger", "alter event trigger guard_ddl disable", ADMIN_RIGHTS),
    Attack("guard", "select * from guard.violation", GUARD),
    Attack("apply the guard", "select guard.apply('marts.fct_cash_flows'::regclass)", GUARD),
    Attack("grant", "grant select on marts.dim_vehicle to lp_reader",
           f"grant select on marts.dim_vehicle to {READER} with grant option"),
    # making things
    Attack("temporary table", "create temp table z (a int)", may_in_database("temporary")),
    Attack("table in public", "create table public.z (a int)", may("create, usage", "schema public")),
    Attack("table in marts", "create table marts.z (tenant_id int)", may("create", "schema marts")),
    Attack("schema", "create schema z", may_in_database("create")),
    Attack("function", "create function public.f() returns int language sql as 'select 1'",
           may("create, usage", "schema public")),
    Attack("anonymous code", "do $$ begin end $$", may("usage", "language plpgsql")),
    # the machine
    Attack("program", "copy (select 1) to program 'cat > /dev/null'", ADMIN_RIGHTS),
    Attack("server file", "select pg_read_file('/etc/passwd')", ADMIN_RIGHTS),
    Attack("list files", "select pg_ls_dir('.')", ADMIN_RIGHTS),
    Attack("large object", "select lo_create(0)", may("execute", "function lo_create(oid)")),
    Attack("import a file", "select lo_import('/etc/passwd')", ADMIN_RIGHTS),
    # other sessions
    Attack("notify", "select pg_notify('a', 'b')", may("execute", "function pg_notify(text, text)")),
    Attack("advisory lock", "select pg_advisory_lock(1)",
           may("execute", "function pg_advisory_lock(bigint)")),
    Attack("try an advisory lock", "select pg_try_advisory_xact_lock(1)",
           may("execute", "function pg_try_advisory_xact_lock(bigint)")),
    Attack("activity", "select * from pg_stat_activity",
           CORE_FUNCTIONS + "; " + may("select", "pg_stat_activity")),
    Attack("activity by function", "select pg_stat_get_activity(null)",
           may("execute", "function pg_stat_get_activity(int)")),
    Attack("statement of a backend", "select pg_stat_get_backend_activity(1)",
           may("execute", "function pg_stat_get_backend_activity(int)")),
    Attack("locks", "select * from pg_locks", CORE_FUNCTIONS + "; " + may("select", "pg_locks")),
    Attack("terminate", "select pg_terminate_backend(1)",
           may("execute", "function pg_terminate_backend(int, bigint)")),
    Attack("cancel", "select pg_cancel_backend(1)", may("execute", "function pg_cancel_backend(int)")),
    Attack("sleep", "select pg_sleep(0)", may("execute", "function pg_sleep(double precision)")),
    # sizes and statistics
    Attack("table size", "select pg_relation_size('marts.fct_cash_flows')",
           may("execute", "function pg_relation_size(regclass), pg_relation_size(regclass, text)")),
    Attack("database size", "select pg_database_size(current_database())",
           may("execute", "function pg_database_size(name)")),
    Attack("rows by their address", "select currtid2('marts.fct_cash_flows', '(0,1)')",
           may("execute", "function currtid2(text, tid)")),
    Attack("row counts", "select * from pg_stat_user_tables",
           CORE_FUNCTIONS + "; " + may("select", "pg_stat_user_tables")),
    Attack("statistics", "select * from pg_stats", may("select", "pg_stats")),
    Attack("statistics table", "select * from pg_statistic", may("select", "pg_statistic")),
    Attack("passwords", "select * from pg_authid", may("select", "pg_authid")),
    Attack("query as XML", "select query_to_xml('select 1', true, true, '')",
           may("execute", "function query_to_xml(text, boolean, boolean, text)")),
    Attack("whole database as XML", "select database_to_xml(true, true, '')",
           may("execute", "function database_to_xml(boolean, boolean, text)")),
    # writing
    Attack("insert", "insert into marts.dim_vehicle values (1, 'x')",
           "alter table marts.dim_vehicle disable row level security; " + may("insert", "marts.dim_vehicle")),
    Attack("update", "update marts.fct_cash_flows set amount = 0",
           UNFILTERED + "; " + may("update", "marts.fct_cash_flows")),
    Attack("delete", "delete from marts.fct_cash_flows",
           UNFILTERED + "; " + may("delete", "marts.fct_cash_flows")),
    Attack("truncate", "truncate marts.fct_cash_flows", may("truncate", "marts.fct_cash_flows")),
    Attack("write to the log of changes", "select pg_logical_emit_message(false, 'x', 'y')", CORE_FUNCTIONS),
    Attack("lock rows", "select * from marts.fct_cash_flows for update",
           UNFILTERED + "; " + may("update", "marts.fct_cash_flows")),
    Attack("drop", "drop table marts.fct_cash_flows cascade", OWNERSHIP),
    # other schemas
    Attack("raw", "select * from raw.capstan__investors",
           "alter table raw.capstan__investors disable row level security; "
           + may("usage", "schema raw") + "; " + may("select", "raw.capstan__investors")),
    Attack("index levels", "select finance.index_level('WORLD', '2024-05-10')",
           may("usage", "schema raw") + "; " + may("select", "raw.capstan__index_levels") + "; "
           + may("execute", "function finance.index_level(text, date)")),
    Attack("tenants", "select * from control.tenant",
           may("usage", "schema control") + "; " + may("select", "control.tenant")),
    Attack("people", "select * from control.app_user",
           may("usage", "schema control") + "; " + may("select", "control.app_user")),
    Attack("audit log", "select * from audit.event", may("select", "audit.event")),
    Attack("audit verification", "select * from audit.verify_chain(1)",
           may("select", "audit.event, audit.head") + "; "
           + may("execute", "all functions in schema audit")),
]  # fmt: skip
