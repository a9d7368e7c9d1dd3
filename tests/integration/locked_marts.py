"""Deploys that wait for readers: a mart as older code left it, a lock that is refused, who waits for one."""

import psycopg
import pytest
from psycopg import sql

from warehouse import roles
from warehouse.database import Database


def become_older(database: Database, patience: str) -> None:
    """As if rpt_holdings and its history had been deployed by code that gave them other columns."""
    with database.connect(roles.ADMIN, autocommit=True) as connection:
        connection.execute("alter table marts.rpt_holdings add column of_old integer")
        connection.execute("alter table marts.fct_capital_account_versions drop column vehicle_name")
        connection.execute("update intermediate.deployed_project set sha256 = 'older'")
        be_patient(connection, patience)


def be_patient(connection: psycopg.Connection, patience: str) -> None:
    connection.execute(
        sql.SQL("alter database {} set capstan.lock_patience = {}").format(
            sql.Identifier(connection.info.dbname), sql.Literal(patience)
        )
    )


def refused_lock(connection: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.QueryCanceled):
        connection.execute("lock table marts.rpt_holdings in access exclusive mode")


def wait_for_lock(database: Database, mart: str) -> None:
    """Until somebody waits for this mart alone."""
    with database.connect(roles.ADMIN, autocommit=True) as connection:
        while not connection.execute(
            "select 1 from pg_locks where not granted and mode = 'AccessExclusiveLock' "
            "and relation = %s::regclass",
            (f"marts.{mart}",),
        ).fetchone():
            connection.execute("select pg_sleep(0.02)")
