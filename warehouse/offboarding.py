"""Off-boarding a tenant: everything that the warehouse holds of it goes, but its audit log.

Each step is committed and safe to repeat, so that one cut short is finished by running it again: the tenant
is closed first, after which nobody reads, loads or computes for it. What stays is its number, closed and
without a name, and the audit log, which names people by number only. Files of a home are the business of
`capstan.offboarding`.
"""

from dataclasses import dataclass

import psycopg
from psycopg import errors, sql

from warehouse import isolation, roles
from warehouse.database import Database
from warehouse.errors import InvalidTenant
from warehouse.locks import DEPLOY_LOCK
from warehouse.secret_files import forget_secret
from warehouse.tenants import PLATFORM_SLUG, Tenant

KEPT_SCHEMAS = ("audit", "authn", "guard")
"""The audit log stays; what `authn` and `guard` know of an own schema goes with the schema."""


@dataclass(frozen=True)
class Removed:
    """What was removed: rows by table, and how many people had access to nothing else."""

    rows: dict[str, int]
    people: int


def close(database: Database, tenant: Tenant) -> None:
    """Shut the tenant for everybody, and wait for the loads and refreshes that were under way.

    Raises InvalidTenant for the platform.
    """
    if tenant.slug == PLATFORM_SLUG:
        raise InvalidTenant("the platform holds the rates and index levels of all tenants; it cannot leave")
    with database.connect(roles.ADMIN) as connection:
        connection.execute(
            "update control.tenant set status = 'closed' where tenant_id = %s", (tenant.tenant_id,)
        )
    with database.connect(roles.ADMIN) as connection:
        _keep_out(connection, tenant.tenant_id)


def remove(database: Database, tenant: Tenant) -> Removed:
    """Delete every row of a closed tenant, its own schema and the people who belonged to nobody else."""
    _drop_own_schema(database, tenant.tenant_id)
    with database.connect(roles.ADMIN) as connection:
        _keep_out(connection, tenant.tenant_id)
        people = [
            user_id
            for (user_id,) in connection.execute(
                "select m.user_id from control.membership m where m.tenant_id = %(tenant)s and not exists ("
                "select from control.membership o where o.user_id = m.user_id and o.tenant_id <> %(tenant)s)",
                {"tenant": tenant.tenant_id},
            )
        ]
        rows = _delete_rows(connection, tenant.tenant_id)
        gone = connection.execute(
            "delete from control.app_user u where u.user_id = any(%s) "
            "and not exists (select from control.outbox o where o.user_id = u.user_id)",
            (people,),
        ).rowcount
        connection.execute(
            "update control.tenant set slug = 'closed-' || tenant_id, name = 'Closed tenant ' || tenant_id, "
            "brand_colour = null where tenant_id = %s",
            (tenant.tenant_id,),
        )
    return Removed(rows, gone)


def left_over(database: Database, tenant_id: int) -> dict[str, int]:
    """Rows of this tenant by table, outside the audit log and the list of tenants: none after `remove`."""
    with database.connect(roles.ADMIN) as connection:
        counted = {
            table: _count(connection, sql.Identifier(*table.split(".")), tenant_id)
            for table in _tables(connection)
        }
    return {table: rows for table, rows in counted.items() if rows}


def _keep_out(connection: psycopg.Connection, tenant_id: int) -> None:
    """Wait for deploys, loads and refreshes of this tenant, and keep them waiting until this commit."""
    connection.execute("select pg_advisory_xact_lock_shared(%s)", (DEPLOY_LOCK,))
    connection.execute(
        "select pg_advisory_xact_lock(hashtextextended('capstan load ' || %s::text, 0))", (tenant_id,)
    )
    connection.execute("select from control.data_version where tenant_id = %s for update", (tenant_id,))


def _tables(connection: psycopg.Connection) -> list[str]:
    """Every table that holds rows of tenants, as schema.name."""
    found = connection.execute(
        "select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace "
        "join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped "
        "where c.relkind in ('r', 'p') and not n.nspname like 'pg\\_%%' and n.nspname <> all(%s) "
        "and c.oid <> 'control.tenant'::regclass order by 1",
        (list(KEPT_SCHEMAS),),
    ).fetchall()
    return [name for (name,) in found]


def _delete_rows(connection: psycopg.Connection, tenant_id: int) -> dict[str, int]:
    """Table after table; one that another still refers to has its turn after that one."""
    waiting, removed = _tables(connection), {}
    while waiting:
        refused: list[str] = []
        for table in waiting:
            statement = sql.SQL("delete from {} where tenant_id = %s").format(
                sql.Identifier(*table.split("."))
            )
            try:
                with connection.transaction():
                    removed[table] = connection.execute(statement, (tenant_id,)).rowcount
            except errors.ForeignKeyViolation:
                if len(refused) == len(waiting) - 1:
                    raise
                refused.append(table)
        waiting = refused
    return {table: rows for table, rows in removed.items() if rows}


def _count(connection: psycopg.Connection, table: sql.Identifier, tenant_id: int) -> int:
    row = connection.execute(
        sql.SQL("select count(*) from {} where tenant_id = %s").format(table), (tenant_id,)
    ).fetchone()
    return row[0] if row else 0


def _drop_own_schema(database: Database, tenant_id: int) -> None:
    """The schema and reader roles of isolation mode `schema`, with their passwords, where there are any."""
    served = isolation.served_schema(database, tenant_id)
    if served.schema_name == isolation.SHARED_SCHEMA:
        return
    readers = (served.gp_role, served.lp_role)
    with database.connect(roles.ADMIN) as connection:
        _keep_out(connection, tenant_id)
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where usename = any(%s)", (list(readers),)
        )
        connection.execute(
            sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(served.schema_name))
        )
        connection.execute(
            sql.SQL("drop table if exists {}").format(
                sql.Identifier("guard", f"template_{served.schema_name}")
            )
        )
        connection.execute("delete from guard.assigned_schema where nspname = %s", (served.schema_name,))
        connection.execute("delete from authn.served_schema where tenant_id = %s", (tenant_id,))
        for role in readers:
            connection.execute(sql.SQL("drop owned by {}").format(sql.Identifier(role)))
            connection.execute(sql.SQL("drop role {}").format(sql.Identifier(role)))
    for role in readers:
        forget_secret(database.secrets_dir, role)
