"""The audit log: append-only for everybody, its actor is the token's, and every change of the past is
found.
"""

import psycopg
import pytest

from tests.security.world import World
from warehouse import audit, roles
from warehouse.errors import AccessDenied
from warehouse.users import disable_user

CONTENT = {
    "at": "at + interval '1 microsecond'", "actor": "actor || 'x'", "action": "'queried_'",
    "object": "object || ' '",
    "detail": "detail || '{\"x\": 1}'", "prev": "prev || '\\x00'", "hash": "sha256(hash)", "seq": "seq + 100",
}  # fmt: skip


@pytest.fixture
def logged(scratch: World) -> World:
    for tenant in ("alpha", "beta", "gamma"):
        for who in ("gp", "lp1"):
            for n in range(3):
                audit.record(
                    scratch.database,
                    scratch.viewer(who, tenant),
                    audit.STATEMENT_VIEWED,
                    f"statement {n}",
                    {"n": n},
                )
    return scratch


def test_events_carry_the_verified_actor_and_tenant(logged: World) -> None:
    alpha, lp = logged.tenant("alpha").tenant_id, logged.viewer("lp1", "alpha")
    found = audit.events(logged.database, alpha)
    assert [event.seq for event in found] == [6, 5, 4, 3, 2, 1]
    assert {event.actor for event in found[:3]} == {str(lp.user_id)}
    assert found[0].detail == {"n": 2}
    assert audit.verify(logged.database, alpha) == []


def test_nobody_may_change_or_read_the_log(logged: World) -> None:
    """Acceptance test A30, also under the setting that switches ordinary triggers off."""
    changes = ("update audit.event set actor = 'x'", "delete from audit.event", "truncate audit.event")
    for role in (roles.GP_READER, roles.LP_READER, roles.LOADER, roles.CONTROL_APP, roles.DBT_BUILDER):
        with logged.database.connect(role, autocommit=True) as connection:
            for statement in (
                *changes,
                "select * from audit.event",
                "insert into audit.head values (1, 1, '')",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(statement)
    with logged.admin() as admin:
        for setting in ("origin", "replica"):
            admin.execute(f"set session_replication_role = {setting}")
            for statement in changes:
                with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
                    admin.execute(statement)


def test_an_event_needs_a_valid_token(logged: World) -> None:
    with (
        logged.database.connect(roles.GP_READER) as reader,
        pytest.raises(psycopg.errors.InvalidAuthorizationSpecification),
    ):
        reader.execute("select audit.append('queried', 'x')")
    lp = logged.viewer("lp1", "beta")
    disable_user(logged.database, lp.email)
    with pytest.raises(AccessDenied):
        audit.record(logged.database, lp, audit.QUERIED, "x")


@pytest.mark.parametrize("column", list(CONTENT))
def test_a_superusers_edit_of_any_column_is_found(logged: World, column: str) -> None:
    """Acceptance test A31: the trigger is switched off first, as only a superuser can."""
    alpha = logged.tenant("alpha").tenant_id
    with logged.admin() as admin:
        admin.execute("alter table audit.event disable trigger all")
        admin.execute(
            f"update audit.event set {column} = {CONTENT[column]} where tenant_id = %s and seq = 3", (alpha,)
        )
    flaws = audit.verify(logged.database, alpha)
    assert {flaw.seq for flaw in flaws} & {3, 4, 103}
    assert audit.verify(logged.database, logged.tenant("beta").tenant_id) == []


def test_a_removed_event_is_found_and_a_cut_end_needs_the_anchor(logged: World) -> None:
    alpha, beta = logged.tenant("alpha").tenant_id, logged.tenant("beta").tenant_id
    kept = audit.anchor(logged.database, beta)
    assert kept is not None
    assert kept.seq == 6
    with logged.admin() as admin:
        admin.execute("alter table audit.event disable trigger all")
        admin.execute("delete from audit.event where tenant_id = %s and seq = 2", (alpha,))
        admin.execute("delete from audit.event where tenant_id = %s and seq > 4", (beta,))
        assert audit.verify(logged.database, beta) != []
        admin.execute(
            "update audit.head h set seq = e.seq, hash = e.hash from audit.event e "
            "where h.tenant_id = %s and e.tenant_id = h.tenant_id and e.seq = 4",
            (beta,),
        )
    assert {flaw.problem for flaw in audit.verify(logged.database, alpha)} == {"chain broken", "gap"}
    assert audit.verify(logged.database, beta) == []
    assert [flaw.problem for flaw in audit.verify(logged.database, beta, kept)] == [
        "the anchor is not in the chain"
    ]


def test_two_thousand_events_are_one_chain(scratch: World) -> None:
    gp = scratch.viewer("gp", "alpha")
    with scratch.attacker(gp) as writer:
        writer.execute("select count(audit.append('queried', 'q' || n)) from generate_series(1, 2000) n")
    assert audit.verify(scratch.database, gp.tenant_id) == []
    assert audit.anchor(scratch.database, gp.tenant_id).seq == 2_000
