"""Whatever a reader calls or reads, in any schema and catalogue, nothing of another tenant or LP comes back.

Every function that the role may execute is called with plausible arguments and every relation it may read is
read; results and error messages are searched for the canaries of others. The same search with row security
off finds them, so it would have found a leak.
"""

import itertools
from collections.abc import Iterator

import psycopg
import pytest

from tests.security.world import World, everything_said, foreign_canaries
from warehouse.sessions import Viewer

FUNCTIONS = """
select p.oid, n.nspname, p.proname, p.prokind, p.proretset,
       array(select format_type(t, null) from unnest(p.proargtypes) with ordinality u(t, o) order by o),
       p.provariadic <> 0
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace
 where has_function_privilege(p.oid, 'execute') and has_schema_privilege(n.oid, 'usage')
   and p.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)
   and not (p.proargtypes::oid[] && array['internal', 'cstring', 'trigger',
                                            'event_trigger']::regtype[]::oid[])
 order by n.nspname, p.proname, p.oid
"""
RELATIONS = """
select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where c.relkind in ('r', 'v', 'm', 'f', 'p', 'S', 't') order by 1
"""
TABLE = "'marts.fct_cash_flows'::regclass"
ARGUMENTS = {
    "text": ["'select description from marts.fct_cash_flows'", "'marts.fct_cash_flows'", "'app.token'"],
    "character varying": ["'marts.fct_cash_flows'"],
    "name": ["'fct_cash_flows'", "'dbt_builder'"],
    "oid": [TABLE + "::oid", "'dbt_builder'::regrole::oid"],
    "regclass": [TABLE],
    "integer": ["1", TABLE + "::oid::int"],
    "bigint": ["1"],
    "smallint": ["1::smallint"],
    "boolean": ["true"],
    "anyelement": ["'x'::text"],
    "anycompatible": ["'x'::text"],
    "anynonarray": ["'x'::text"],
    "anyarray": ["array['x', 'y']"],
    "anycompatiblearray": ["array['x', 'y']"],
    "record": ["row(1, 2)"],
    "refcursor": ["'c'::refcursor"],
    "json": ["'{\"a\": 1}'::json"],
    "jsonb": ["'{\"a\": 1}'::jsonb"],
    "xml": ["'<a/>'::xml"],
    "bytea": ["'\\x00'::bytea"],
    "interval": ["interval '1 day'"],
    '"any"': ["'x'::text"],
}
IN_AGGREGATES = {"text": "description", '"any"': "description", "anyelement": "description",
                 "date": "effective_on", "numeric": "amount", "double precision": "value",
                 "anynonarray": "description", "timestamp with time zone": "recorded_at",
                 "boolean": "is_recallable", "integer": "tenant_id",
                 "bytea": "convert_to(description, 'UTF8')"}  # fmt: skip


def calls(connection: psycopg.Connection) -> Iterator[str]:
    """A few statements for each function that this connection's role may execute."""
    for _, schema, name, kind, is_set, types, variadic in connection.execute(FUNCTIONS).fetchall():
        function = f'"{schema}"."{name}"'
        if kind == "a":
            columns = [IN_AGGREGATES.get(t) or choices(t)[0] for t in types]
            yield f"select {function}({', '.join(columns) or '*'}) from marts.fct_cash_flows"
        elif kind == "w":
            columns = [IN_AGGREGATES.get(t) or choices(t)[0] for t in types]
            yield f"select {function}({', '.join(columns)}) over () from marts.fct_cash_flows"
        elif kind == "f":
            for arguments in itertools.islice(itertools.product(*(choices(t) for t in types)), 4):
                given = ", ".join(arguments)
                if variadic and types and types[-1].endswith("[]"):
                    given = given.removesuffix(arguments[-1]) + "variadic " + arguments[-1]
                yield f"select * from {function}({given})" if is_set else f"select {function}({given})"


def choices(type_name: str) -> list[str]:
    return ARGUMENTS.get(type_name) or [f"null::{type_name}"]


def search(
    world: World, viewer: Viewer, connection: psycopg.Connection, statements: list[str]
) -> tuple[dict, int]:
    """Foreign canaries by statement, and how many statements returned rows."""
    leaks, answered = {}, 0
    token = world.token(viewer)
    for number, statement in enumerate(statements):
        if number % 50 == 0:  # calls may have changed settings, the token's among them
            connection.execute("reset all")
            connection.execute("set statement_timeout = '5s'")
            connection.execute("select set_config('app.token', %s, false)", (token,))
        try:
            # One statement at a time through the extended protocol, as Sessions sends it.
            cursor = psycopg.RawCursor(connection)
            cursor.execute(statement, (0,))
            said = repr(cursor.fetchmany(2000)) if cursor.description else ""
            answered += 1
        except psycopg.Error as error:
            said = everything_said(error)
        found = foreign_canaries(said, viewer)
        if found:
            leaks[statement] = found
    return leaks, answered


@pytest.mark.parametrize("who", ["lp1", "gp"])
def test_no_function_and_no_relation_shows_another(scratch: World, who: str) -> None:
    viewer, stranger = scratch.viewer(who, "alpha"), scratch.viewer(who, "beta")
    with scratch.attacker(stranger) as other, scratch.attacker(viewer) as attacker:
        # A stranger's statement with a literal in it stays open on a connection of the same role.
        other.execute("begin; prepare secret as select 'CANARY-beta-I1'")
        other.execute("select count(*) from fct_cash_flows where description = 'CANARY-beta-I1 flow 1'")
        functions = list(calls(attacker))
        relations = [f"select * from {name}" for (name,) in attacker.execute(RELATIONS).fetchall()]
        assert len(functions) > 2500
        assert len(relations) > 150
        found, answered = search(scratch, viewer, attacker, relations + functions)
        assert found == {}
        assert answered > 1500
        other.execute("rollback")
        # The control: the same search where row security is off finds the others.
        with scratch.admin() as admin:
            admin.execute("alter event trigger guard_ddl disable")
            admin.execute("alter table marts.fct_cash_flows disable row level security")
        found, _ = search(scratch, viewer, attacker, [*relations, *(f for f in functions if "agg" in f)])
        assert "select * from marts.fct_cash_flows" in found
        assert any("string_agg" in statement for statement in found)


@pytest.mark.parametrize("who", ["lp1", "gp"])
def test_errors_never_quote_a_hidden_row(world: World, who: str) -> None:
    """Casts, divisions and functions that fail on a value fail only on rows that the viewer may see."""
    viewer = world.viewer(who, "alpha")
    probes = [
        "select description::int from fct_cash_flows",
        "select * from fct_cash_flows where description::int = 1",
        "select * from fct_cash_flows where 1 / (case when investor_id = 'I3' then 0 else 1 end) = 1",
        "select * from fct_cash_flows where description like '%beta%' and description::int = 1",
        "select * from rpt_latest where description::int = 1",
        "select * from rpt_latest where description::xml is not null and tenant_id <> 1",
        "select * from dim_investor where name::date is not null",
        "select * from dim_investor a join raw.capstan__investors b using (tenant_id)",
        "select * from fct_cash_flows where (description || tenant_id)::json is not null",
        "select json_populate_record(null::marts.dim_investor, to_json(f)) from fct_cash_flows f "
        "where tenant_id > 1",
        "select * from fct_cash_flows tablesample system (100)",
        "select ctid, xmin, cmin, tableoid, * from fct_cash_flows where ctid = '(0,1)'",
        "select f from marts.fct_cash_flows f",
        "select marts.fct_cash_flows from marts.fct_cash_flows",
        "explain (analyze, verbose, buffers) select * from fct_cash_flows",
        "with recursive r as (select 1 n union all select n + 1 from r where n < 3) select * from r, "
        "fct_cash_flows",
        "select * from fct_cash_flows where tenant_id = 2 or true",
        "select count(*) filter (where tenant_id <> 1), string_agg(description, '') from fct_cash_flows",
    ]
    with world.attacker(viewer) as attacker:
        leaks, answered = search(world, viewer, attacker, ["set search_path = marts", *probes])
    assert leaks == {}
    assert answered > 5
