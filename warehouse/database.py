"""Opens the warehouse: finds or starts the server, updates the database, hands out connections by role.

`open_database` is the one entrance. What is set up lives in `set_up.py`, the schema in `migrations/`, the
rules of isolation in `security/*.sql`, the functions of finance in `finance/*.sql`.
"""

from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from warehouse import embedded, roles
from warehouse.private_folders import make_private_folders
from warehouse.secret_files import read_secret
from warehouse.set_up import is_current, set_up
from warehouse.settings import WarehouseSettings

DATABASE_NAME = "capstan"


@dataclass(frozen=True)
class Database:
    """A warehouse that is ready: its home, and connection strings by role."""

    home: Path
    admin_conninfo: str = field(repr=False)
    started_server: bool = False
    """Whether opening it started the embedded server, so that `capstan up` knows what to stop."""

    @property
    def secrets_dir(self) -> Path:
        """Where the role passwords and the portal's keys are kept."""
        return self.home / "secrets"

    @property
    def name(self) -> str:
        """The database's name on its server."""
        return str(conninfo_to_dict(self.admin_conninfo)["dbname"])

    def conninfo(self, role: str) -> str:
        """Connection string of a role of `warehouse.roles`. Holds a password: never print it.

        Raises KeyError for an unknown role or one that was never given a password in this home.
        """
        if role == roles.ADMIN:
            return self.admin_conninfo
        if role not in roles.LOGIN_ROLES:
            raise KeyError(f"{role!r} is not a role of the warehouse; it has {', '.join(roles.LOGIN_ROLES)}")
        password = read_secret(self.secrets_dir, role)
        if password is None:
            raise KeyError(
                f"no password for {role} in {self.secrets_dir}; open the database with migrate=True"
            )
        return make_conninfo(
            self.admin_conninfo, user=role, password=password, application_name=f"capstan {role}"
        )

    def connect(self, role: str, *, autocommit: bool = False) -> psycopg.Connection:
        """A new connection as this role; the caller closes it (use it as a context manager)."""
        return psycopg.connect(self.conninfo(role), autocommit=autocommit)


def open_database(settings: WarehouseSettings | None = None, *, migrate: bool = True) -> Database:
    """The warehouse of this home, created, migrated and secured where that is not done yet.

    Safe to call from several processes at once; about 30 ms when nothing changed. `migrate=False` changes
    nothing in the database. Raises ServerError, UnsupportedServer or SetUpError.
    """
    settings = settings or WarehouseSettings()
    started = False
    if settings.database_url is None:
        server = embedded.start(settings.home, fsync=settings.embedded_fsync)
        admin, started = server.conninfo(DATABASE_NAME), server.started
    else:
        admin = _external_conninfo(settings.database_url)
    database = Database(home=settings.home, admin_conninfo=admin, started_server=started)
    if migrate:
        make_private_folders(settings.home)
    if migrate and not is_current(database.admin_conninfo, settings.secrets_dir):
        set_up(
            database.admin_conninfo,
            settings.secrets_dir,
            reset_role_passwords=settings.reset_role_passwords or settings.database_url is None,
        )
    return database


def _external_conninfo(url: str) -> str:
    given = conninfo_to_dict(url)
    return make_conninfo(
        url,
        dbname=given.get("dbname") or DATABASE_NAME,
        connect_timeout=given.get("connect_timeout") or 10,
        application_name="capstan admin",
    )
