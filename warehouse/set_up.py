"""Brings a database up to date: makes it, its roles and their passwords, migrates it, applies repeatable SQL.

Everything here can be run again and from several processes at once. What tables exist is decided in
`migrations/`; this module only applies. `is_current` is the fast question that makes opening cheap.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from warehouse import roles
from warehouse.errors import SetUpError, UnsupportedServer
from warehouse.secret_files import read_secret, secret

PACKAGE = Path(__file__).parent
REPEATABLE_FOLDERS = ("finance", "security")
"""Folders whose *.sql files are applied again, from the first changed one on, whenever their text changes."""

MINOR_FLOORS = {15: 14, 16: 10, 17: 6}
"""Oldest accepted minor release: below it, statistics reveal rows that policies hide (CVE-2025-8713)."""

SET_UP_LOCK = 7_160_000_001


def is_current(admin_conninfo: str, secrets_dir: Path) -> bool:
    """Whether the database exists and was set up by exactly this code with exactly these secrets."""
    expected = _expected(secrets_dir)
    try:
        with psycopg.connect(admin_conninfo, autocommit=True) as connection:
            applied = _applied(connection)
    except psycopg.OperationalError:
        return False
    return expected is not None and applied == expected


def set_up(admin_conninfo: str, secrets_dir: Path, *, reset_role_passwords: bool) -> None:
    """Create what is missing and apply what changed. Raises UnsupportedServer or SetUpError."""
    _ensure_database(admin_conninfo)
    with psycopg.connect(admin_conninfo, autocommit=True) as connection:
        require_supported(connection.info.server_version)
        with _set_up_lock(connection):
            applied = _applied(connection)
            _refuse_foreign_secrets(applied, secrets_dir, reset_role_passwords)
            try:
                _ensure_roles(connection, secrets_dir)
                grant_database_access(connection, connection.info.dbname)
                _migrate(admin_conninfo)
                _apply_repeatable(connection, applied)
            except psycopg.errors.InsufficientPrivilege as error:
                raise SetUpError(
                    f"the user {connection.info.user} may not set up the database {connection.info.dbname}: "
                    f"{error}. It needs a superuser, or a role that may create event triggers."
                ) from error
            expected = _expected(secrets_dir) or {}
            with connection.transaction():
                connection.execute(
                    "delete from control.applied_script where not name = any(%s)", (list(expected),)
                )
                for name, digest in expected.items():
                    connection.execute(
                        "insert into control.applied_script (name, sha256) values (%s, %s) "
                        "on conflict (name) do update set sha256 = excluded.sha256, applied_at = now() "
                        "where applied_script.sha256 <> excluded.sha256",
                        (name, digest),
                    )


def grant_database_access(connection: psycopg.Connection, database: str) -> None:
    """Who may connect to this database and make temporary tables in it (PUBLIC may not), and its settings.

    They belong to the database, so neither a dump nor a clone of it carries them.
    """
    name = sql.Identifier(database)
    statements = (
        sql.SQL("revoke all on database {} from public").format(name),
        sql.SQL("grant connect on database {} to {}").format(name, _identifiers(roles.LOGIN_ROLES)),
        sql.SQL("grant temporary on database {} to {}").format(name, _identifiers(roles.TEMPORARY_ROLES)),
        sql.SQL("alter database {} set timezone to 'UTC'").format(name),
        # Compiling the queries of the marts takes longer than running them: 20 s instead of 0.1 s a model.
        sql.SQL("alter database {} set jit to off").format(name),
    )
    for statement in statements:
        connection.execute(statement)


def _identifiers(names: tuple[str, ...]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(name) for name in names)


def _expected(secrets_dir: Path) -> dict[str, str] | None:
    """Name and sha256 of everything that set-up applies; None while this home lacks a role's password."""
    fingerprint = _roles_fingerprint(secrets_dir)
    if fingerprint is None:
        return None
    found = {"roles": fingerprint, "migrations": _digest(*_migration_files())}
    for folder in REPEATABLE_FOLDERS:
        found |= {_script_name(path): _digest(path) for path in _scripts(folder)}
    return found


def _roles_fingerprint(secrets_dir: Path) -> str | None:
    """A hash that changes with any role's password and gives none away (they are 32 random bytes each)."""
    passwords = [read_secret(secrets_dir, role) for role in roles.LOGIN_ROLES]
    if any(password is None for password in passwords):
        return None
    return hashlib.sha256("\n".join(str(password) for password in passwords).encode()).hexdigest()


def _digest(*paths: Path) -> str:
    total = hashlib.sha256()
    for path in paths:
        total.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _migration_files() -> list[Path]:
    return sorted((PACKAGE / "migrations" / "versions").glob("*.py"))


def _scripts(folder: str) -> list[Path]:
    return sorted((PACKAGE / folder).glob("*.sql"))


def _script_name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def _applied(connection: psycopg.Connection) -> dict[str, str]:
    if connection.execute("select to_regclass('control.applied_script')").fetchone() == (None,):
        return {}
    return dict(connection.execute("select name, sha256 from control.applied_script").fetchall())


def _ensure_database(admin_conninfo: str) -> None:
    name = str(conninfo_to_dict(admin_conninfo)["dbname"])
    try:
        psycopg.connect(admin_conninfo).close()
        return
    except psycopg.OperationalError as error:
        if "does not exist" not in str(error):
            raise SetUpError(f"could not connect to the database {name}: {error}") from error
    try:
        with psycopg.connect(make_conninfo(admin_conninfo, dbname="postgres"), autocommit=True) as connection:
            require_supported(connection.info.server_version)
            connection.execute(
                sql.SQL("create database {} template template0 encoding 'UTF8'").format(sql.Identifier(name))
            )
    except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
        pass  # another process created it a moment ago
    except psycopg.Error as error:
        raise SetUpError(f"the database {name} does not exist and could not be created: {error}") from error


def require_supported(server_version: int) -> None:
    """Raise UnsupportedServer for a release too old to keep rows apart. `server_version` as in 150014."""
    major, minor = divmod(server_version, 10_000)
    floor = MINOR_FLOORS.get(major, 0)
    if major < min(MINOR_FLOORS) or minor < floor:
        floors = ", ".join(f"{m}.{n}" for m, n in MINOR_FLOORS.items())
        raise UnsupportedServer(
            f"the server runs Postgres {major}.{minor}; Capstan needs at least {floors} or 18. "
            "Older releases reveal rows that policies hide (CVE-2025-8713). Upgrade the server, or unset "
            "DATABASE_URL to use the embedded one."
        )


@contextmanager
def _set_up_lock(connection: psycopg.Connection) -> Iterator[None]:
    connection.execute("select pg_advisory_lock(%s)", (SET_UP_LOCK,))
    try:
        yield
    finally:
        connection.execute("select pg_advisory_unlock(%s)", (SET_UP_LOCK,))


def _refuse_foreign_secrets(applied: dict[str, str], secrets_dir: Path, reset: bool) -> None:
    """Another home set this server's passwords: changing them would lock that home out."""
    if reset or "roles" not in applied or applied["roles"] == _roles_fingerprint(secrets_dir):
        return
    raise SetUpError(
        f"this database was set up by another Capstan home, and {secrets_dir} does not hold its role "
        "passwords. Copy the secrets folder of that home here, or set CAPSTAN_RESET_ROLE_PASSWORDS=1 once to "
        "give the roles new passwords (the other home then stops working)."
    )


def _ensure_roles(connection: psycopg.Connection, secrets_dir: Path) -> None:
    # Roles belong to the whole server: two databases on one server may be set up at the same moment.
    for name in roles.OWNER_ROLES:
        _create_role(connection, name)
        _retry_role(connection, sql.SQL("alter role {} nologin").format(sql.Identifier(name)))
    for name in roles.LOGIN_ROLES:
        _create_role(connection, name)
        password = secret(secrets_dir, name)
        verifier = connection.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256")
        _retry_role(
            connection,
            sql.SQL("alter role {} login noinherit password {}").format(
                sql.Identifier(name), sql.Literal(verifier.decode())
            ),
        )


def _create_role(connection: psycopg.Connection, name: str) -> None:
    if connection.execute("select 1 from pg_roles where rolname = %s", (name,)).fetchone() is None:
        try:
            connection.execute(sql.SQL("create role {} nologin").format(sql.Identifier(name)))
        except (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
            return


def _retry_role(connection: psycopg.Connection, statement: sql.Composed) -> None:
    """Run it, again if another database's set-up changed the same role meanwhile (Postgres reports XX000)."""
    for attempt in range(20):
        try:
            connection.execute(statement)
            return
        except psycopg.errors.InternalError_:
            if attempt == 19:
                raise


def _migrate(admin_conninfo: str) -> None:
    # Imported late: Alembic and SQLAlchemy cost 0.4 s, and a ready database needs neither.
    from alembic import command
    from alembic.config import Config
    from alembic.util.exc import CommandError
    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(admin_conninfo), poolclass=NullPool
    )
    config = Config()
    config.set_main_option("script_location", str(PACKAGE / "migrations").replace("%", "%%"))
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except CommandError as error:
        raise SetUpError(
            f"the database cannot be migrated: {error}. A newer Capstan probably migrated it; use that one."
        ) from error


def _apply_repeatable(connection: psycopg.Connection, applied: dict[str, str]) -> None:
    for folder in REPEATABLE_FOLDERS:
        paths = _scripts(folder)
        changed = [_digest(path) != applied.get(_script_name(path)) for path in paths]
        if True not in changed:
            continue
        for path in paths[changed.index(True) :]:
            try:
                with connection.transaction():
                    connection.execute(path.read_bytes())
            except psycopg.errors.InsufficientPrivilege:
                raise
            except psycopg.Error as error:
                where = error.diag.context or ""
                raise SetUpError(
                    f"{_script_name(path)} could not be applied: {error} {where}".rstrip()
                ) from error
