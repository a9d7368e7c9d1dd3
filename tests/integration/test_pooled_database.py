"""Connections of the portal's own role that are lent: used again, with nothing of the one before."""

import threading
from collections.abc import Iterator

import psycopg
import pytest

from warehouse import roles, users
from warehouse.database import Database
from warehouse.pooled import PooledDatabase, pooled
from warehouse.sessions import data_version
from warehouse.tenants import add_tenant

EMAIL, PASSWORD = "ada@harbour.example", "a long enough password"


@pytest.fixture
def lending(database: Database) -> Iterator[PooledDatabase]:
    lent = pooled(database)
    yield lent
    lent.close()


def process_of(connection: psycopg.Connection) -> int:
    return connection.info.backend_pid


def test_requests_one_after_the_other_share_connections_and_at_once_have_two(
    lending: PooledDatabase, database: Database
) -> None:
    """The control: without the pool each has a server process of its own."""
    tenant = add_tenant(lending, "harbour", name="Harbour", kind="manager", currency_code="EUR")
    users.add_user(lending, EMAIL, tenant="harbour", role="manager", password=PASSWORD)
    token = users.sign_in(lending, EMAIL, PASSWORD)
    seen = set()
    for _ in range(20):
        person = users.signed_in(lending, token)
        assert person is not None and person.viewers[0].tenant_slug == "harbour"
        assert data_version(lending, tenant.tenant_id) == 0
        with lending.connect(roles.CONTROL_APP) as connection:
            seen.add(process_of(connection))
    assert len(seen) <= 8  # those of the pool: one is made clean while another is out
    with lending.connect(roles.CONTROL_APP) as one, lending.connect(roles.CONTROL_APP) as two:
        assert process_of(one) != process_of(two)
    plain = []
    for _ in range(2):
        with database.connect(roles.CONTROL_APP) as connection:
            plain.append(process_of(connection))
    assert len({*plain, *seen}) == len(seen) + 2


def test_what_one_request_leaves_in_its_connection_is_gone_for_the_next(lending: PooledDatabase) -> None:
    with lending.connect(roles.CONTROL_APP, autocommit=True) as first:
        process = process_of(first)
        first.execute("set search_path = control")
        first.execute("select set_config('app.token', 'v1.somebody', false)")
        first.execute("prepare leftover as select 1")
    with lending.connect(roles.CONTROL_APP) as second:
        assert process_of(second) == process and not second.autocommit
        assert second.execute("select current_setting('app.token', true)").fetchone() in ((None,), ("",))
        assert second.execute("show search_path").fetchone() != ("control",)
        assert second.execute("select count(*) from pg_prepared_statements").fetchone() == (0,)


def test_an_error_rolls_back_what_the_request_wrote(lending: PooledDatabase) -> None:
    tenant = add_tenant(lending, "harbour", name="Harbour", kind="manager", currency_code="EUR")
    with pytest.raises(RuntimeError), lending.connect(roles.CONTROL_APP) as connection:
        connection.execute(
            "update control.tenant set name = 'Other' where tenant_id = %s", (tenant.tenant_id,)
        )
        raise RuntimeError
    with lending.connect(roles.CONTROL_APP) as connection:
        name = connection.execute("select name from control.tenant where slug = 'harbour'").fetchone()
    assert name == ("Harbour",)


def test_a_connection_that_the_server_ended_is_replaced(lending: PooledDatabase, database: Database) -> None:
    with lending.connect(roles.CONTROL_APP) as connection:
        ended = process_of(connection)
    with database.connect(roles.ADMIN, autocommit=True) as admin:
        admin.execute("select pg_terminate_backend(%s, 5000)", (ended,))
    with lending.connect(roles.CONTROL_APP) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
        assert process_of(connection) != ended


def test_viewers_and_issuers_connections_are_never_lent(lending: PooledDatabase) -> None:
    for role in (roles.GP_READER, roles.LP_READER, roles.TOKEN_ISSUER, roles.LOADER, roles.DBT_BUILDER):
        with lending.connect(role) as one:
            first = process_of(one)
        with lending.connect(role) as two:
            assert process_of(two) != first
        assert one.closed and two.closed


def test_many_requests_at_once_wait_for_their_turn(lending: PooledDatabase) -> None:
    answers: list[object] = []

    def ask() -> None:
        with lending.connect(roles.CONTROL_APP) as connection:
            answers.append(connection.execute("select current_user::text").fetchone())

    threads = [threading.Thread(target=ask) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [(roles.CONTROL_APP,)] * 40
