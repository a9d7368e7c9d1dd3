"""Tokens: Postgres itself verifies them, nobody can choose their content, and none is an error, never
zero rows.
"""

import hashlib
import hmac

import psycopg
import pytest

from tests.security.world import GP_RELATIONS, LP_RELATIONS, World
from warehouse import roles
from warehouse.sessions import Sessions
from warehouse.users import add_user, disable_user

COUNT = "select min(tenant_id), max(tenant_id), count(distinct investor_id), count(*) from fct_cash_flows"


def read_as(world: World, role: str, token: str, query: str = COUNT) -> tuple:
    with psycopg.connect(world.database.conninfo(role)) as connection:
        connection.execute("set search_path = marts")
        connection.execute("select set_config('app.token', %s, true)", (token,))
        return connection.execute(query).fetchone()


def refusal(world: World, role: str, token: str) -> str:
    with pytest.raises(psycopg.Error) as refused:
        read_as(world, role, token)
    assert refused.value.sqlstate == "28000", f"{token!r}: {refused.value}"
    return str(refused.value)


def test_a_manager_reads_the_tenant_and_an_lp_its_investors(world: World) -> None:
    alpha = world.tenant("alpha").tenant_id
    assert read_as(world, roles.GP_READER, world.token(world.viewer("gp", "alpha")))[:3] == (alpha, alpha, 3)
    assert read_as(world, roles.LP_READER, world.token(world.viewer("lp1", "alpha")))[:3] == (alpha, alpha, 1)


def test_every_one_byte_edit_of_a_token_is_refused(world: World) -> None:
    """Acceptance test A3. The unedited tokens work, so it is the edit that is refused."""
    for role, who in ((roles.GP_READER, "gp"), (roles.LP_READER, "lp1")):
        token = world.token(world.viewer(who, "alpha"))
        with psycopg.connect(world.database.conninfo(role), autocommit=True) as connection:
            set_token = "select set_config('app.token', %s, false)"
            connection.execute(set_token, (token,))
            assert connection.execute("select count(*) from marts.fct_cash_flows").fetchone()[0] > 0
            allowed = []
            for position in range(len(token)):
                for other in {"0", "1", "*", ".", "-", chr(ord(token[position]) ^ 1)} - {token[position]}:
                    edited = token[:position] + other + token[position + 1 :]
                    connection.execute(set_token, (edited,))
                    try:
                        connection.execute("select count(*) from marts.fct_cash_flows")
                        allowed.append(edited)
                    except psycopg.errors.InvalidAuthorizationSpecification:
                        continue
            assert allowed == []


def test_malformed_tokens_are_refused_without_saying_why(world: World) -> None:
    alpha = world.tenant("alpha").tenant_id
    token = world.token(world.viewer("gp", "alpha"))
    malformed = [
        "v1", "." * 8, "." * 9, "v1..7.1.*.gp_reader.1.0." + "a" * 64, token + " ", token + "\n",
        token.upper(),
        token + ".0", "x" * 200_000, "é" * 50, token[:-1], token[1:], "'; select 1; --",
        token.replace(f".{alpha}.", f".0{alpha}.", 1),
    ]  # fmt: skip
    said = {refusal(world, roles.GP_READER, bad).splitlines()[0] for bad in malformed}
    assert said == {"tenant context invalid"}


def test_no_token_is_an_error_on_every_relation_that_readers_can_select(world: World) -> None:
    """Acceptance test A4: never zero rows, which a page would show as an empty portfolio."""
    for role, relations in ((roles.GP_READER, GP_RELATIONS), (roles.LP_READER, LP_RELATIONS)):
        with psycopg.connect(world.database.conninfo(role), autocommit=True) as connection:
            readable = [
                row[0]
                for row in connection.execute(
                    "select relname from pg_class where relnamespace = 'marts'::regnamespace and "
                    "relkind in ('r', 'v', 'p') "
                    "and has_table_privilege(oid, 'select') order by 1"
                )
            ]
            assert sorted(relations) == readable
            for relation in readable:
                for query in (f"select * from marts.{relation}", f"select count(*) from marts.{relation}"):
                    with pytest.raises(psycopg.errors.InvalidAuthorizationSpecification):
                        connection.execute(query).fetchall()


def test_an_empty_token_is_no_token(world: World) -> None:
    assert read_as(world, roles.GP_READER, world.token(world.viewer("gp", "alpha")))
    assert "tenant context missing" in refusal(world, roles.GP_READER, "")
    assert "tenant context missing" in refusal(world, roles.LP_READER, "")


def test_a_token_serves_only_its_login_role_and_its_connection(world: World) -> None:
    """Each is accepted where it belongs; refused elsewhere with one message that tells neither why."""
    gp, lp = world.token(world.viewer("gp", "alpha")), world.token(world.viewer("lp1", "alpha"))
    assert read_as(world, roles.GP_READER, gp)[3] > 0
    assert read_as(world, roles.LP_READER, lp)[3] > 0
    elsewhere = world.token(world.viewer("gp", "alpha"), pid=1)
    for role, token in ((roles.LP_READER, gp), (roles.GP_READER, lp), (roles.GP_READER, elsewhere)):
        with pytest.raises(psycopg.errors.InvalidAuthorizationSpecification, match="tenant context invalid"):
            read_as(world, role, token)
    with psycopg.connect(world.database.conninfo(roles.GP_READER)) as connection:
        bound = world.token(world.viewer("gp", "alpha"), pid=connection.info.backend_pid)
        connection.execute("select set_config('app.token', %s, true)", (bound,))
        assert connection.execute("select count(*) from marts.fct_cash_flows").fetchone()[0] > 0


def test_a_token_expires_inside_an_open_transaction(world: World) -> None:
    with psycopg.connect(world.database.conninfo(roles.GP_READER)) as connection:
        token = world.token(world.viewer("gp", "alpha"), ttl="2 seconds")
        connection.execute("select set_config('app.token', %s, true)", (token,))
        seen = 0
        with pytest.raises(psycopg.errors.InvalidAuthorizationSpecification):
            while seen < 100_000:  # each pass is a round trip; the token dies long before the last
                seen += connection.execute("select min(1) from marts.dim_vehicle").fetchone()[0]
        assert seen > 0


def test_the_issuer_cannot_choose_role_or_investors(world: World) -> None:
    """The only callable functions look both up; a person without membership or investors gets no token."""
    lp = world.viewer("lp1", "alpha")
    fields = world.token(lp).split(".")
    assert fields[:1] + fields[2:6] == [
        "v1", str(lp.tenant_id), str(lp.user_id), b"I1".hex(), roles.LP_READER,
    ]  # fmt: skip
    with world.database.connect(roles.TOKEN_ISSUER, autocommit=True) as issuer:
        callable_ones = issuer.execute(
            "select proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace where "
            "nspname in ('authn', 'guard', 'audit') "
            "and has_function_privilege(p.oid, 'execute') order by 1"
        ).fetchall()
        assert [name for (name,) in callable_ones] == ["issue", "issue_loader", "login_of"]
        for statement in (
            "select authn.mint(1, '1', null, 'gp_reader', interval '1 minute', 0)",
            f"select authn.issue({lp.user_id}, {world.tenant('beta').tenant_id})",
            f"select authn.issue({lp.user_id}, {lp.tenant_id}, interval '16 minutes')",
            f"select authn.issue({lp.user_id}, {lp.tenant_id}, interval '0')",
            "select authn.issue(null, null)",
            f"select authn.issue_loader({lp.tenant_id}, 0)",
            "select * from authn.signing_key",
            "select * from control.app_user",
            "select * from marts.fct_cash_flows",
        ):
            with pytest.raises(psycopg.Error):
                issuer.execute(statement)


def test_access_that_ends_ends_at_the_next_token(scratch: World) -> None:
    gp = scratch.viewer("gp", "alpha")
    assert scratch.token(gp)
    disable_user(scratch.database, gp.email)
    with pytest.raises(psycopg.errors.InvalidAuthorizationSpecification):
        scratch.token(gp)
    lp = scratch.viewer("lp1", "alpha")
    with scratch.admin() as admin:
        admin.execute("delete from control.investor_access where user_id = %s", (lp.user_id,))
        with pytest.raises(psycopg.errors.InvalidAuthorizationSpecification):
            scratch.token(lp)
        other = scratch.viewer("gp", "beta")
        assert scratch.token(other)
        admin.execute("update control.tenant set status = 'closed' where slug = 'beta'")
        with pytest.raises(psycopg.errors.InvalidAuthorizationSpecification):
            scratch.token(other)


def test_an_investor_id_of_any_characters_reads_exactly_its_rows(scratch: World) -> None:
    """Ids are text from files: separators of the token, quotes and other alphabets must not widen
    anything.
    """
    odd = ["a.b-c", "I1' or true --", "Ωmega", "*", "I1,I2", "{I1,I2}", "6931"]
    add_user(
        scratch.database, "odd@alpha.example", tenant="alpha", role="lp", investor_ids=odd,
        password="not-a-secret-1",
    )  # fmt: skip
    alpha = scratch.tenant("alpha").tenant_id
    with scratch.builder() as builder:
        builder.execute(
            "insert into marts.dim_investor select %s, i, i, i from unnest(%s::text[]) i", (alpha, odd)
        )
    with Sessions(scratch.database) as sessions, sessions.read(scratch.viewer("odd", "alpha")) as reader:
        assert sorted(row["investor_id"] for row in reader.rows("select * from dim_investor")) == sorted(odd)


def test_two_keys_live_during_a_rotation_and_the_oldest_then_dies(scratch: World) -> None:
    gp = scratch.viewer("gp", "alpha")
    first = scratch.token(gp)
    with scratch.admin() as admin:
        admin.execute("select authn.rotate_key()")
        second = scratch.token(gp)
        assert first.split(".")[1] != second.split(".")[1]
        assert read_as(scratch, roles.GP_READER, first) == read_as(scratch, roles.GP_READER, second)
        assert admin.execute("select count(*) from authn.signing_key").fetchone() == (2,)
        admin.execute("select authn.rotate_key(interval '0')")
        refusal(scratch, roles.GP_READER, first)
        refusal(scratch, roles.GP_READER, second)
        # An old key renews itself at the next token.
        admin.execute("update authn.signing_key set not_before = now() - interval '40 days'")
        kid = admin.execute("select max(kid) from authn.signing_key").fetchone()[0]
        third = scratch.token(gp)
        assert int(third.split(".")[1]) == kid + 1
        assert read_as(scratch, roles.GP_READER, third)


def test_the_mac_is_hmac_sha256(world: World) -> None:
    """Five vectors of RFC 4231, and lengths around the block size against Python's own implementation."""
    vectors = [
        (b"\x0b" * 20, b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        (b"Jefe", b"what do ya want for nothing?",
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        (b"\xaa" * 20, b"\xdd" * 50, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
        (bytes(range(1, 26)), b"\xcd" * 50,
         "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
        (b"\xaa" * 131, b"Test Using Larger Than Block-Size Key - Hash Key First",
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
    ]  # fmt: skip
    with world.admin() as admin:
        mac = (
            "select encode(sha256(authn.xor_pad(%(k)s, 92) || "
            "sha256(authn.xor_pad(%(k)s, 54) || %(m)s::bytea)), 'hex')"
        )
        for key, message, expected in vectors:
            assert admin.execute(mac, {"k": key, "m": message}).fetchone() == (expected,)
        for length in (1, 63, 64, 65, 128, 200):
            key, message = bytes(range(length % 251)) or b"\0", b"m" * length
            expected = hmac.new(key, message, hashlib.sha256).hexdigest()
            assert admin.execute(mac, {"k": key, "m": message}).fetchone() == (expected,)
