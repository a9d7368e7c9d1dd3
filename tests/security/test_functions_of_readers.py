"""Functions that a reader may call: all but those of authn and audit compute from their arguments alone.

New measures arrive in `finance` all the time and anybody may call them, so the rule is a catalogue lint. Here
each fault is first shown to give another's rows away, or shown to be what the lint says, and then found.
"""

import psycopg
import pytest

from tests.security.world import World, foreign_canaries
from warehouse.security_checks import lint

GUARD_OFF = "alter event trigger guard_ddl disable"
FAULTS = {
    "owner's rights": (
        "create function finance.peek() returns text language sql security definer as "
        "'select string_agg(name, '','') from raw.capstan__investors'",
        "runs with its owner's rights",
    ),
    "leakproof": (
        "create function finance.peek(text) returns boolean language plpgsql leakproof cost 0.0001 as "
        "'begin raise notice ''%'', $1; return true; end'",
        "is leakproof",
    ),
    "a table by name": (
        "create function finance.peek() returns bigint language sql as "
        "'select count(*) from /* a, */ raw . capstan__investors'",
        "reads raw.capstan__investors",
    ),
    "a table by the search path": (
        "create function finance.peek() returns bigint language plpgsql as "
        "'begin return (select count(*) from fct_cash_flows); end'",
        "reads marts.fct_cash_flows",
    ),
    "a table in a parsed body": (
        "create function finance.peek() returns bigint "
        "begin atomic select count(*) from marts.dim_vehicle; end",
        "reads marts.dim_vehicle",
    ),
    "SQL put together": (
        "create function finance.peek(text) returns bigint language plpgsql as "
        "'declare n bigint; begin execute ''select count(*) from '' || $1 into n; return n; end'",
        "runs SQL that it puts together",
    ),
    "another language": (
        "create function finance.peek(float8) returns float8 language internal as 'dsin'",
        "is written in internal",
    ),
    "a function of marts": (
        "create function marts.peek() returns bigint language sql as 'select count(*) from control.tenant'",
        "reads control.tenant",
    ),
}
HARMLESS = (
    "create function finance.peek(amount numeric) returns numeric language sql immutable as "
    "'select amount -- once from raw.capstan__investors'; "
    "create function raw.peek() returns bigint language sql as 'select count(*) from raw.capstan__investors'"
)


def problems(world: World) -> list[str]:
    return [found.problem for found in lint(world.database) if found.lint == "functions_of_readers"]


def test_no_function_that_a_reader_may_call_reads_a_table_or_has_its_owners_rights(world: World) -> None:
    assert problems(world) == []


@pytest.mark.parametrize(("statement", "problem"), FAULTS.values(), ids=FAULTS)
def test_a_function_that_could_show_another_is_found(scratch: World, statement: str, problem: str) -> None:
    with scratch.admin() as admin:
        admin.execute(HARMLESS)
        assert problems(scratch) == []
        admin.execute(GUARD_OFF)
        admin.execute(statement)
    assert any(problem in found for found in problems(scratch)), problems(scratch)


def test_a_function_with_its_owners_rights_shows_every_tenant(scratch: World) -> None:
    viewer = scratch.viewer("lp1", "alpha")
    with scratch.admin() as admin:
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="SECURITY DEFINER"):
            admin.execute(FAULTS["owner's rights"][0])
        admin.execute(GUARD_OFF)
        admin.execute(FAULTS["owner's rights"][0])
    with scratch.attacker(viewer) as attacker:
        shown = attacker.execute("select finance.peek()").fetchone()
    assert foreign_canaries(repr(shown), viewer) >= {"CANARY-beta-ALL", "CANARY-gamma-ALL"}


@pytest.mark.parametrize(("kind", "seen"), [("leakproof", True), ("not leakproof", False)])
def test_a_leakproof_function_is_called_with_rows_that_policies_hide(
    scratch: World, kind: str, seen: bool
) -> None:
    viewer = scratch.viewer("lp1", "alpha")
    with scratch.admin() as admin:
        admin.execute(FAULTS["leakproof"][0].replace("leakproof", kind))
    said: list[str] = []
    with scratch.attacker(viewer) as attacker:
        attacker.execute("set enable_indexscan = off; set enable_bitmapscan = off")
        attacker.add_notice_handler(lambda notice: said.append(notice.message_primary or ""))
        rows = attacker.execute("select * from fct_cash_flows where finance.peek(description)").fetchall()
    assert foreign_canaries(repr(rows), viewer) == set()
    assert bool(foreign_canaries(" ".join(said), viewer)) is seen


@pytest.mark.parametrize("who", ["gp", "lp1"])
def test_index_levels_are_the_builders_to_look_up(world: World, who: str) -> None:
    with world.builder() as builder:
        assert builder.execute("select finance.index_level('NONE', '2024-05-10')").fetchone() == (None,)
    with (
        world.attacker(world.viewer(who, "alpha")) as attacker,
        pytest.raises(
            psycopg.errors.InsufficientPrivilege, match="permission denied for function index_level"
        ),
    ):
        attacker.execute("select finance.index_level('NONE', '2024-05-10')")
