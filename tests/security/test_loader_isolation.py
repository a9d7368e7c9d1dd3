"""The loader: what one tenant's load may see and write in raw is that tenant's, whatever the rows say."""

import psycopg
import pytest

from tests.security.world import World
from warehouse import roles
from warehouse.batches import loader_transaction
from warehouse.errors import AccessDenied
from warehouse.tenants import Tenant

INSERT = (
    "insert into raw.capstan__investors (tenant_id, investor_id, name, _source, _batch_id, "
    "_row_number, _row_hash, "
    "_loaded_at) values (%s, %s, 'n', 'capstan', 'b', 1, '', now())"
)


def test_a_load_sees_and_writes_its_tenant_only(scratch: World) -> None:
    alpha, beta = scratch.tenant("alpha"), scratch.tenant("beta")
    with loader_transaction(scratch.database, alpha) as loader:
        loader.execute(INSERT, (alpha.tenant_id, "I50"))
        assert loader.execute("select distinct tenant_id from raw.capstan__investors").fetchall() == [
            (alpha.tenant_id,)
        ]
        assert (
            loader.execute(
                "update raw.capstan__investors set name = 'x' where tenant_id = %s", (beta.tenant_id,)
            ).rowcount
            == 0
        )
    with (
        pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"),
        loader_transaction(scratch.database, alpha) as loader,
    ):
        loader.execute(INSERT, (beta.tenant_id, "I51"))
    with (
        pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"),
        loader_transaction(scratch.database, alpha) as loader,
    ):
        loader.execute("update raw.capstan__investors set tenant_id = %s", (beta.tenant_id,))


def test_a_load_commits_as_a_whole_or_not_at_all(scratch: World) -> None:
    alpha = scratch.tenant("alpha")
    with pytest.raises(ZeroDivisionError), loader_transaction(scratch.database, alpha) as loader:
        loader.execute(INSERT, (alpha.tenant_id, "I60"))
        raise ZeroDivisionError
    with loader_transaction(scratch.database, alpha) as loader:
        assert loader.execute(
            "select count(*) from raw.capstan__investors where investor_id = 'I60'"
        ).fetchone() == (0,)


def test_a_loader_without_a_token_is_an_error(world: World) -> None:
    with (
        world.database.connect(roles.LOADER) as loader,
        pytest.raises(psycopg.errors.InvalidAuthorizationSpecification),
    ):
        loader.execute("select * from raw.capstan__investors")


def test_the_loader_cannot_make_its_own_token_or_borrow_a_readers(world: World) -> None:
    with world.database.connect(roles.LOADER, autocommit=True) as loader:
        for statement in ("select authn.issue_loader(1, pg_backend_pid())", "select authn.issue(1, 1)"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                loader.execute(statement)
        loader.execute(
            "select set_config('app.token', %s, false)", (world.token(world.viewer("gp", "alpha")),)
        )
        with pytest.raises(psycopg.errors.InvalidAuthorizationSpecification):
            loader.execute("select * from raw.capstan__investors")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            loader.execute("select * from marts.fct_cash_flows")


def test_nothing_is_loaded_for_a_closed_or_unknown_tenant(scratch: World) -> None:
    alpha = scratch.tenant("alpha")
    unknown = Tenant(999, "nobody", "n", "manager", "EUR", "UTC", "shared", None, "en")
    with scratch.admin() as admin:
        admin.execute("update control.tenant set status = 'closed' where slug = 'alpha'")
    for tenant in (alpha, unknown):
        with pytest.raises(AccessDenied, match=tenant.slug), loader_transaction(scratch.database, tenant):
            pass
