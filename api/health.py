"""Whether the API can do its work."""

import psycopg

from warehouse import roles
from warehouse.database import Database


def check(database: Database) -> bool:
    """Whether the database answers to the role that sessions are issued through."""
    try:
        with database.connect(roles.TOKEN_ISSUER, autocommit=True) as connection:
            connection.execute("select 1")
    except (psycopg.Error, KeyError):
        return False
    return True
