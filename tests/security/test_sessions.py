"""Sessions as pages use them: one snapshot, read-only, one statement, nothing left behind, plain refusals."""

import threading

import psycopg
import pytest

from tests.security.world import World, foreign_canaries
from warehouse import roles
from warehouse.errors import AccessDenied, WarehouseError
from warehouse.sessions import (
    QueryRefused,
    QueryTimedOut,
    Sessions,
    SessionUnavailable,
    data_version,
    viewer_for,
)
from warehouse.users import disable_user

FLOWS = "select count(*) as n from fct_cash_flows"


def test_a_viewer_exists_only_with_access_and_the_refusals_are_alike(world: World) -> None:
    said = set()
    for email, tenant in (
        ("nobody@alpha.example", "alpha"),
        ("gp@alpha.example", "beta"),
        ("gp@alpha.example", "nosuch"),
        ("", ""),
    ):
        with pytest.raises(AccessDenied) as denied:
            viewer_for(world.database, email, tenant)
        said.add(str(denied.value))
    assert len(said) == 1
    viewer = viewer_for(world.database, " GP@Alpha.example ", "alpha")
    assert (viewer.role, viewer.tenant_slug, viewer.investor_ids) == ("manager", "alpha", ())
    assert world.viewer("lp1", "alpha").investor_ids == ("I1",)


def test_a_viewer_object_grants_nothing(scratch: World) -> None:
    """Fields that somebody changed by hand are ignored: the database looks access up again."""
    import dataclasses

    lp, beta = scratch.viewer("lp1", "alpha"), scratch.tenant("beta").tenant_id
    with Sessions(scratch.database) as sessions:
        with pytest.raises(AccessDenied), sessions.read(dataclasses.replace(lp, tenant_id=beta)):
            pass
        forged = dataclasses.replace(lp, role="manager", investor_ids=("I2",))
        with sessions.read(forged) as reader:
            assert {row["investor_id"] for row in reader.rows("select * from fct_cash_flows")} == {"I1"}
        with sessions.read(lp) as reader:
            assert reader.one(FLOWS)
        disable_user(scratch.database, lp.email)
        with pytest.raises(AccessDenied), sessions.read(lp):
            pass


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("select 1; select 2", "one statement at a time"),
        ("select 1; drop table marts.fct_cash_flows", "one statement at a time"),
        ("commit", "ended the transaction"),
        ("rollback", "ended the transaction"),
        ("rollback and chain", "not valid|ended"),
        ("commit and chain", "ended the transaction"),
        ("begin", "ended the transaction"),
        ("explain select * from fct_cash_flows", "Plans are not for readers"),
        ("/* */ explain (analyze) select 1", "Plans are not for readers"),
        ("copy fct_cash_flows to stdout", "COPY is not for readers"),
        ("insert into fct_cash_flows (tenant_id) values (1)", "refused"),
        ("create temp table x (n int)", "refused"),
        ("set transaction read write", "failed"),
        ("alter role gp_reader set search_path = 'x'", "read-only"),
        ("alter role gp_reader password 'x'", "read-only"),
        ("set role dbt_builder", "refused"),
        ("selec 1", "syntax error"),
        ("select * from nowhere", "does not exist"),
        ("select 1 / 0", "division by zero"),
    ],
)
def test_a_refused_statement_says_why_and_spoils_nothing(world: World, statement: str, why: str) -> None:
    with Sessions(world.database) as sessions:
        viewer = world.viewer("gp", "alpha")
        with pytest.raises(WarehouseError, match=why), sessions.read(viewer) as reader:
            reader.rows(statement)
            reader.rows(FLOWS)
        with sessions.read(viewer) as reader:
            assert reader.one(FLOWS)["n"] > 0


def test_without_parameters_psycopg_itself_would_run_stacked_statements(world: World) -> None:
    """Why Reader always chooses the extended protocol."""
    with world.attacker(world.viewer("gp", "alpha")) as attacker:
        cursor = attacker.execute("select 1; select 2")
        assert cursor.nextset() is True


def test_a_chained_transaction_is_not_the_readers(world: World) -> None:
    """Shown first: the transaction after `commit and chain` lets itself be made read-write."""
    viewer = world.viewer("gp", "alpha")
    with world.attacker(viewer) as attacker:
        attacker.execute("begin read only; select 1")
        with pytest.raises(psycopg.errors.ActiveSqlTransaction), attacker.transaction():
            attacker.execute("set transaction read write")
        attacker.execute("commit and chain")
        attacker.execute("set transaction read write")
        assert attacker.execute("show transaction_read_only").fetchone() == ("off",)
        attacker.execute("rollback")
    with Sessions(world.database) as sessions, pytest.raises(WarehouseError), sessions.read(viewer) as reader:
        with pytest.raises(QueryRefused, match="ended the transaction"):
            reader.rows("commit and chain")
        reader.rows("set transaction read write")


def test_a_plan_would_count_the_rows_of_others(world: World) -> None:
    """Shown first: with a password and no Reader, an LP counts the flows of another investor."""
    viewer = world.viewer("lp1", "alpha")
    counting = "explain (analyze, costs off) select * from fct_cash_flows where investor_id = 'I2'"
    with world.attacker(viewer) as attacker:
        attacker.execute("set enable_indexscan = off; set enable_bitmapscan = off")
        assert "Rows Removed by Filter" in repr(attacker.execute(counting).fetchall())
    with Sessions(world.database) as sessions, sessions.read(viewer) as reader:
        with pytest.raises(QueryRefused, match="Plans are not for readers"):
            reader.rows(counting)
        with pytest.raises(QueryRefused, match="Plans are not for readers"):
            reader.rows("explain select * from fct_cash_flows where tenant_id = %s", (1,))
        assert reader.rows("select distinct investor_id from fct_cash_flows") == [{"investor_id": "I1"}]


LEAVE_READ_ONLY = (
    "reset transaction_read_only",
    "set transaction_read_only to default",
    "select set_config('transaction_read_only', null, true)",
)
WRITE = "audit.append('query', 'CANARY', '{}')"
IN_ONE = (
    f"select set_config('transaction_read_only', null, true), {WRITE}, "
    "set_config('transaction_read_only', 'on', true)"
)


@pytest.mark.parametrize("leave", LEAVE_READ_ONLY)
def test_read_only_mode_cannot_be_reset(scratch: World, leave: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Postgres 15 lets the mode be reset in mid-transaction; shown first without our guard, where it does."""
    viewer = scratch.viewer("lp1", "alpha")

    def refusals(statements: list[str]) -> int:
        refused = 0
        with Sessions(scratch.database) as sessions, sessions.read(viewer) as reader:
            for statement in statements:
                try:
                    reader.rows(statement)
                except QueryRefused:
                    refused += 1
                except SessionUnavailable:
                    continue  # the connection was closed with the refusal before
        return refused

    def written() -> int:
        with scratch.admin() as admin:
            return admin.execute("select count(*) from audit.event where object = 'CANARY'").fetchone()[0]

    with scratch.admin() as admin:
        lets_it = admin.info.server_version < 160000
    with monkeypatch.context() as unguarded:
        unguarded.setattr("warehouse.sessions.RESET_REFUSED_FROM", 0)
        refusals([leave, f"select {WRITE}"])
        refusals([IN_ONE])
    before = written()
    assert before == (2 if lets_it else 0)
    for statements in ([leave], [leave, f"select {WRITE}", "commit"], [IN_ONE], [IN_ONE, "commit"]):
        assert refusals(statements) >= 1
    assert written() == before


def test_percent_signs_mean_themselves_where_no_parameters_are_given(world: World) -> None:
    with Sessions(world.database) as sessions, sessions.read(world.viewer("gp", "alpha")) as reader:
        assert reader.rows("select 7 % 4 as n, 'a%s' as s where 'ab' like 'a%'") == [{"n": 3, "s": "a%s"}]
        assert reader.rows("select 7 %% %s as n, %s::text as s", (4, "x")) == [{"n": 3, "s": "x"}]
        assert reader.rows("select %(a)s::int as n", {"a": 5}) == [{"n": 5}]


def test_one_read_is_one_snapshot(scratch: World) -> None:
    alpha = scratch.tenant("alpha").tenant_id
    with Sessions(scratch.database) as sessions:
        viewer = scratch.viewer("gp", "alpha")
        with sessions.read(viewer) as reader:
            before = reader.one(FLOWS)
            with scratch.builder() as builder:
                builder.execute("delete from marts.fct_cash_flows where tenant_id = %s", (alpha,))
            assert reader.one(FLOWS) == before
        with sessions.read(viewer) as reader:
            assert reader.one(FLOWS) == {"n": 0}


def test_a_pooled_connection_keeps_nothing_of_its_last_viewer(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Acceptance test A13. One connection serves both, as a pool of size one; the same without reset
    leaks.
    """
    monkeypatch.setattr("warehouse.sessions.POOL_SIZE", 1)
    alpha, beta = world.viewer("gp", "alpha"), world.viewer("gp", "beta")
    with Sessions(world.database) as sessions:
        with sessions.read(alpha) as reader:
            first = reader.one("select pg_backend_pid() as pid")
            reader.rows("prepare secret as select 'CANARY-alpha-ALL'")
            reader.rows("declare kept cursor with hold for select name from dim_investor")
            reader.rows("select set_config('app.note', 'CANARY-alpha-ALL', false)")
            reader.rows("set application_name = 'CANARY-alpha-ALL'")
            reader.rows("listen alpha")
        with sessions.read(beta) as reader:
            assert reader.one("select pg_backend_pid() as pid") == first
            state = reader.rows(
                "select (select count(*) from pg_prepared_statements) p, (select count(*) from "
                "pg_cursors where is_holdable) c, "
                "current_setting('app.note', true) n, current_setting('application_name') a"
            )
            assert state[0]["p"] == state[0]["c"] == 0
            assert foreign_canaries(repr(state), beta) == set()
            rows = reader.rows("select * from fct_cash_flows")
            assert {row["tenant_id"] for row in rows} == {beta.tenant_id}
    token = world.token(alpha)
    with psycopg.connect(world.database.conninfo(roles.GP_READER), autocommit=True) as shared:
        shared.execute("select set_config('app.token', %s, false)", (token,))
        # The next client of a connection that was not reset reads the last one's rows without any token.
        assert shared.execute("select count(*) from marts.fct_cash_flows").fetchone()[0] > 0
        shared.execute("discard all")
        with pytest.raises(psycopg.errors.InvalidAuthorizationSpecification):
            shared.execute("select count(*) from marts.fct_cash_flows")


def test_no_token_or_value_shows_in_the_servers_activity(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Acceptance test A7: what a superuser sees of running statements has placeholders only."""
    # On Postgres 15 our own question would follow, and hide the reader's statement.
    monkeypatch.setattr("warehouse.sessions.RESET_REFUSED_FROM", 0)
    viewer = world.viewer("lp1", "alpha")
    with Sessions(world.database) as sessions, sessions.read(viewer) as reader:
        reader.rows("select * from dim_investor where email = %s", ("CANARY-alpha-I1@example.com",))
        with world.admin() as admin:
            shown = "\n".join(row[0] for row in admin.execute("select query from pg_stat_activity"))
            own = admin.execute(
                "select query from pg_stat_activity where usename = 'lp_reader' and state = 'idle in "
                "transaction'"
            ).fetchall()
    assert len(own) == 1
    assert "$1" in own[0][0]
    assert "CANARY" not in shown
    assert "v1." not in shown


def test_a_statement_that_runs_too_long_is_stopped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("warehouse.sessions.STATEMENT_TIMEOUT_SECONDS", 1)
    with Sessions(world.database) as sessions:
        with (
            pytest.raises(QueryTimedOut, match="stopped after 1 seconds"),
            sessions.read(world.viewer("gp", "alpha")) as reader,
        ):
            reader.rows("select count(*) from generate_series(1, 100000) a, generate_series(1, 100000) b")
        with sessions.read(world.viewer("gp", "alpha")) as reader:
            assert reader.one("show statement_timeout") == {"statement_timeout": "1s"}


def test_start_up_options_win_over_settings_that_a_reader_gave_its_own_role(scratch: World) -> None:
    """Outside a read-only transaction a role may change its own defaults; our connections do not follow
    them.
    """
    try:
        with scratch.attacker(scratch.viewer("gp", "alpha")) as attacker:
            attacker.execute("alter role gp_reader set search_path = 'pg_temp'")
            attacker.execute("alter role gp_reader set statement_timeout = 0")
            attacker.execute("alter role gp_reader set default_transaction_read_only = off")
        with Sessions(scratch.database) as sessions, sessions.read(scratch.viewer("gp", "alpha")) as reader:
            assert reader.one("show search_path") == {"search_path": "marts,finance"}
            assert reader.one("show statement_timeout") == {"statement_timeout": "30s"}
            assert reader.one("show transaction_read_only") == {"transaction_read_only": "on"}
        with scratch.admin() as admin:
            found = admin.execute("select problem from guard.violation where object = 'gp_reader'").fetchall()
            assert any("role setting overridden" in problem for (problem,) in found)
    finally:
        with scratch.admin() as admin:
            admin.execute(
                "alter role gp_reader reset all; alter role gp_reader set temp_file_limit = '256MB'"
            )


def test_many_threads_share_the_pools_and_each_sees_its_own(world: World) -> None:
    viewers = [
        world.viewer(who, tenant) for tenant in ("alpha", "beta", "gamma") for who in ("gp", "lp1", "lp2")
    ]
    wrong: list[object] = []

    def work(sessions: Sessions, offset: int) -> None:
        for turn in range(12):
            viewer = viewers[(offset + turn) % len(viewers)]
            try:
                with sessions.read(viewer) as reader:
                    rows = reader.rows("select * from fct_cash_flows")
                if not rows or foreign_canaries(repr(rows), viewer):
                    wrong.append((viewer, rows))
            except WarehouseError as error:
                wrong.append(error)

    with Sessions(world.database) as sessions:
        threads = [threading.Thread(target=work, args=(sessions, n)) for n in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []


def test_closed_sessions_say_so(world: World) -> None:
    sessions = Sessions(world.database)
    sessions.close()
    with pytest.raises(SessionUnavailable, match="closed"), sessions.read(world.viewer("gp", "alpha")):
        pass


def test_frames_have_the_databases_types_even_without_rows(world: World) -> None:
    with Sessions(world.database) as sessions, sessions.read(world.viewer("gp", "alpha")) as reader:
        full = reader.frame("select * from fct_cash_flows")
        empty = reader.frame("select * from fct_cash_flows where false")
        assert full.schema == empty.schema
        assert [str(t) for t in full.dtypes] == [
            "Int32", "String", "String", "String", "Date", "Decimal(precision=38, scale=10)", "Float64",
            "Boolean",
            "Datetime(time_unit='us', time_zone='UTC')", "String",
        ]  # fmt: skip
        assert full["amount"].sum() == reader.one("select sum(amount) as s from fct_cash_flows")["s"]
        with pytest.raises(QueryRefused, match="same name"):
            reader.frame("select 1 as a, 2 as a")


def test_the_data_version_is_the_tenants_own(scratch: World) -> None:
    alpha = scratch.tenant("alpha").tenant_id
    with scratch.database.connect(roles.CONTROL_APP) as app:
        app.execute("update control.data_version set version = 7 where tenant_id = %s", (alpha,))
    assert data_version(scratch.database, alpha) == 7
    assert data_version(scratch.database, scratch.tenant("beta").tenant_id) == 0
    assert data_version(scratch.database, 999) == 0
