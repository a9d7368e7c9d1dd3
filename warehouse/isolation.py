"""Isolation mode `schema`: a regulated tenant's marts have their own schema, read by their own login roles.

Such a schema is guarded like `marts` (warehouse/security/20_guard.sql), its rows can only be that tenant's,
and nobody else's reader has USAGE on it. Tokens work as everywhere. What dbt writes there is dbt's business.
"""

import secrets as random_source
from dataclasses import dataclass

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from warehouse import roles
from warehouse.database import Database
from warehouse.secret_files import read_secret, secret

SHARED_SCHEMA = "marts"


@dataclass(frozen=True)
class Login:
    """The login role of a viewer's session and the schema in which it finds the marts."""

    role: str
    schema_name: str


@dataclass(frozen=True)
class ServedSchema:
    """Where a tenant's marts are written and who reads them."""

    tenant_id: int
    schema_name: str
    gp_role: str
    lp_role: str


def served_schema(database: Database, tenant_id: int) -> ServedSchema:
    """Where this tenant's marts live: its own schema where one was prepared, otherwise `marts`."""
    with database.connect(roles.ADMIN) as connection:
        return _registered(connection, tenant_id) or ServedSchema(
            tenant_id, SHARED_SCHEMA, roles.GP_READER, roles.LP_READER
        )


def own_schemas(database: Database) -> list[ServedSchema]:
    """Every tenant that has a schema of its own, by tenant."""
    with database.connect(roles.ADMIN) as connection:
        rows = connection.execute(
            "select tenant_id, schema_name, gp_role, lp_role from authn.served_schema order by tenant_id"
        ).fetchall()
    return [ServedSchema(*row) for row in rows]


def conninfo(database: Database, role: str) -> str:
    """Connection string of a reader role, shared or a tenant's own. Holds a password: never print it.

    Raises KeyError where this home holds no password of the role.
    """
    if role in roles.LOGIN_ROLES:
        return database.conninfo(role)
    password = read_secret(database.secrets_dir, role)
    if password is None:
        raise KeyError(
            f"no password for {role} in {database.secrets_dir}; copy the secrets of the home that made it"
        )
    return make_conninfo(
        database.admin_conninfo, user=role, password=password, application_name="capstan reader"
    )


def prepare(database: Database, tenant_id: int) -> ServedSchema:
    """Make the tenant's served schema and reader roles, or repair their rights; safe to run again.

    Names are random: everybody on the server sees them, and they must not say who the client is.
    Called when a tenant of isolation mode `schema` is added, before its first refresh.
    """
    with database.connect(roles.ADMIN) as connection:
        # One at a time: two processes must not invent two schemas for one tenant.
        connection.execute("lock table authn.served_schema in share row exclusive mode")
        served = _registered(connection, tenant_id)
        if served is None:
            name = random_source.token_hex(6)
            served = ServedSchema(tenant_id, f"own_{name}", f"gp_{name}", f"lp_{name}")
        for role in (served.gp_role, served.lp_role):
            _ensure_login(connection, role, secret(database.secrets_dir, role))
        connection.execute(
            "select guard.assign_own_schema(%s, %s, %s, %s)",
            (served.tenant_id, served.schema_name, served.gp_role, served.lp_role),
        )
    return served


def _registered(connection: psycopg.Connection, tenant_id: int) -> ServedSchema | None:
    row = connection.execute(
        "select tenant_id, schema_name, gp_role, lp_role from authn.served_schema where tenant_id = %s",
        (tenant_id,),
    ).fetchone()
    return ServedSchema(*row) if row else None


def _ensure_login(connection: psycopg.Connection, role: str, password: str) -> None:
    name = sql.Identifier(role)
    if connection.execute("select 1 from pg_roles where rolname = %s", (role,)).fetchone() is None:
        connection.execute(sql.SQL("create role {} login noinherit connection limit 10").format(name))
    verifier = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    connection.execute(sql.SQL("alter role {} password {}").format(name, sql.Literal(verifier)))
