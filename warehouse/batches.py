"""Loading transactions: the only way by which ingestion writes raw tables.

The connection logs in as `loader` and carries a token for one tenant, verified by Postgres: rows of another
tenant can be neither seen nor written. What is loaded, and the ledger of batches, belong to `ingestion`.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import errors

from warehouse import roles
from warehouse.database import Database
from warehouse.errors import AccessDenied
from warehouse.tenants import Tenant


@contextmanager
def loader_transaction(database: Database, tenant: Tenant) -> Iterator[psycopg.Connection]:
    """One transaction as `loader` for this tenant: committed when the block ends, rolled back when it raises.

    The token lives an hour and is bound to this connection. Policies forbid COPY into a raw table: COPY into
    a temporary one and insert from it. Raises AccessDenied for a tenant that is unknown or closed.
    """
    with database.connect(roles.LOADER) as connection:
        with database.connect(roles.TOKEN_ISSUER, autocommit=True) as issuer:
            try:
                row = issuer.execute(
                    "select authn.issue_loader(%s, %s)", (tenant.tenant_id, connection.info.backend_pid)
                ).fetchone()
            except errors.InvalidAuthorizationSpecification as error:
                raise AccessDenied(
                    f"Nothing can be loaded for tenant {tenant.slug!r}: it is unknown or closed."
                ) from error
        if row is None:
            raise AccessDenied(f"Nothing can be loaded for tenant {tenant.slug!r}.")
        connection.execute("select set_config('app.token', %s, true)", (row[0],))
        yield connection
