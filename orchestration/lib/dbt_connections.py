"""Lets dbt keep one connection a thread for the length of a command.

By itself dbt connects anew for each model and test: a password check and a server process that knows no table
yet, together more than most models take. Which command runs is `dbt_invocation`'s to say.
"""

import contextlib
from collections.abc import Iterator
from typing import Any


@contextlib.contextmanager
def kept_open() -> Iterator[None]:
    """While it lasts, a model that ends leaves its thread's connection open to the next one.

    What is left of a transaction is rolled back as before, a connection that broke is closed, and dbt closes
    all of them when its command ends.
    """
    import psycopg2
    from dbt.adapters.postgres.connections import PostgresConnectionManager

    by_dbt = PostgresConnectionManager.release

    def release(manager: Any) -> None:
        connection = manager.get_if_exists()
        # A handle that was never used would connect when it is looked at.
        if connection is None or connection.state != "open":
            return by_dbt(manager)
        try:
            # Not only where dbt knows of a transaction: the driver begins one for a query of a macro.
            connection.handle.rollback()
            connection.transaction_open = False
        except psycopg2.Error:
            return by_dbt(manager)
        return None

    setattr(PostgresConnectionManager, "release", release)  # noqa: B010 - a method of somebody else's class
    try:
        yield
    finally:
        setattr(PostgresConnectionManager, "release", by_dbt)  # noqa: B010
