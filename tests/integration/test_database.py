"""Opening the warehouse: set up once by however many processes, repeatable, refused where unsafe."""

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests.conftest import Cluster
from warehouse import roles, set_up
from warehouse.database import Database, open_database
from warehouse.errors import SetUpError, UnsupportedServer
from warehouse.settings import WarehouseSettings

OPEN = """
import pathlib, sys
from warehouse.database import open_database
from warehouse.settings import WarehouseSettings
database = open_database(WarehouseSettings(home=pathlib.Path(sys.argv[1]), database_url=None))
print(database.connect("control_app").execute("select count(*) from control.tenant").fetchone()[0])
"""


def test_three_processes_open_an_empty_home_at_once_and_all_find_it_ready(home: Path) -> None:
    processes = [
        subprocess.Popen([sys.executable, "-c", OPEN, str(home)], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    assert [process.communicate(timeout=120)[0].strip() for process in processes] == ["1", "1", "1"]

    settings = WarehouseSettings(home=home, database_url=None)
    database = open_database(settings)
    assert set_up.is_current(database.admin_conninfo, settings.secrets_dir)
    secrets = {path.name: path.stat().st_mode & 0o777 for path in settings.secrets_dir.iterdir()}
    assert set(roles.LOGIN_ROLES) <= set(secrets)
    assert set(secrets.values()) == {0o600}


def test_every_role_logs_in_with_its_own_password_and_none_is_superuser_or_bypasses_policies(
    database: Database,
) -> None:
    for role in roles.LOGIN_ROLES:
        with database.connect(role) as connection:
            row = connection.execute(
                "select current_user, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb "
                "from pg_roles where rolname = current_user"
            ).fetchone()
        assert row == (role, False, False, False, False)
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(make_conninfo(database.conninfo(roles.GP_READER), user=roles.LP_READER))
    with pytest.raises(KeyError, match="gp_reader"):
        database.conninfo("nobody")


def test_only_our_roles_may_connect_and_only_builder_and_loader_may_make_temporary_tables(
    database: Database,
) -> None:
    with database.connect(roles.ADMIN) as connection:
        rights = connection.execute(
            "select r, has_database_privilege(r, current_database(), 'temporary'), "
            "has_database_privilege(r, current_database(), 'create') from unnest(%s::text[]) r",
            (list(roles.LOGIN_ROLES),),
        ).fetchall()
        acl = connection.execute("select datacl::text from pg_database where datname = current_database()")
        public = [entry for entry in str(acl.fetchone()[0]).strip("{}").split(",") if entry.startswith("=")]  # type: ignore[index]
    assert {role for role, temporary, _ in rights if temporary} == {roles.DBT_BUILDER, roles.LOADER}
    assert [role for role, _, create in rights if create] == []
    assert public == []


@pytest.mark.parametrize("role", [roles.DBT_BUILDER, roles.LOADER, roles.GP_READER, roles.LP_READER])
def test_people_and_passwords_are_closed_to_builder_loader_and_readers(database: Database, role: str) -> None:
    for table in ("app_user", "web_session", "api_key", "outbox", "sign_in_throttle"):
        with database.connect(role) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(sql.SQL("select * from control.{}").format(sql.Identifier(table)))


def test_dbt_may_build_in_its_schemas_but_owns_none_of_them(database: Database) -> None:
    with database.connect(roles.DBT_BUILDER) as connection:
        connection.execute("create table staging.tried as select tenant_id, slug from control.tenant")
    for schema in ("staging", "intermediate", "marts"):
        with (
            database.connect(roles.DBT_BUILDER) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute(sql.SQL("alter schema {} rename to taken").format(sql.Identifier(schema)))
    with (
        database.connect(roles.DBT_BUILDER) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("create schema of_my_own")


def package_with_finance_of_its_own(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The package's migrations and security scripts beside an empty finance folder, which is returned."""
    package = folder / "warehouse"
    (package / "finance").mkdir(parents=True)
    for kept in ("migrations", "security"):
        (package / kept).symlink_to(set_up.PACKAGE / kept)
    monkeypatch.setattr(set_up, "PACKAGE", package)
    return package / "finance"


def test_a_changed_script_is_applied_again_and_an_unchanged_one_is_not(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripts = package_with_finance_of_its_own(tmp_path, monkeypatch)
    (scripts / "10_log.sql").write_text(
        "create table if not exists finance.log (script text); insert into finance.log values ('10');"
    )
    (scripts / "20_log.sql").write_text("insert into finance.log values ('20');")

    def applied() -> list[str]:
        set_up.set_up(database.admin_conninfo, database.secrets_dir, reset_role_passwords=False)
        assert set_up.is_current(database.admin_conninfo, database.secrets_dir)
        with database.connect(roles.ADMIN) as connection:
            return [row[0] for row in connection.execute("select script from finance.log order by ctid")]

    assert applied() == ["10", "20"]
    assert applied() == ["10", "20"]
    (scripts / "20_log.sql").write_text("insert into finance.log values ('20 changed');")
    assert applied() == ["10", "20", "20 changed"]
    (scripts / "10_log.sql").write_text("insert into finance.log values ('10 changed');")
    assert applied()[3:] == ["10 changed", "20 changed"], "what follows a changed script is applied after it"


def test_a_script_that_fails_is_named_and_tried_again_next_time(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = package_with_finance_of_its_own(tmp_path, monkeypatch) / "10_broken.sql"
    script.write_text("create table finance.half (n int); select 1/0;")
    with pytest.raises(SetUpError, match=r"finance/10_broken\.sql.*division by zero"):
        set_up.set_up(database.admin_conninfo, database.secrets_dir, reset_role_passwords=False)
    with database.connect(roles.ADMIN) as connection:
        assert connection.execute("select to_regclass('finance.half')").fetchone() == (None,)
    script.write_text("create table finance.whole (n int);")
    set_up.set_up(database.admin_conninfo, database.secrets_dir, reset_role_passwords=False)
    assert set_up.is_current(database.admin_conninfo, database.secrets_dir)


def test_an_external_server_is_used_through_its_address_and_another_home_is_not_locked_out(
    cluster: Cluster, tmp_path: Path
) -> None:
    name = f"{cluster.template}_external"
    parts = conninfo_to_dict(cluster.maintenance)
    url = f"postgresql://{parts['user']}:{parts['password']}@{parts['host']}:{parts['port']}/{name}"
    first = tmp_path / "first"
    first.mkdir()
    (first / "secrets").symlink_to(cluster.folder / "home" / "secrets")  # roles are shared with other tests
    try:
        opened = open_database(WarehouseSettings(home=first, database_url=url))
        assert opened.name == name
        assert not opened.started_server
        assert not (first / "postgres").exists()
        with pytest.raises(SetUpError, match="secrets folder"):
            open_database(WarehouseSettings(home=tmp_path / "second", database_url=url))
        with opened.connect(roles.GP_READER) as connection:
            assert connection.execute("select current_database()").fetchone() == (name,)
    finally:
        with psycopg.connect(cluster.maintenance, autocommit=True) as connection:
            connection.execute(
                sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
            )


@pytest.mark.parametrize(
    ("version", "accepted"),
    [
        (140_099, False),
        (150_013, False),
        (150_014, True),
        (160_009, False),
        (160_010, True),
        (170_005, False),
        (170_006, True),
        (180_000, True),
    ],
)
def test_releases_that_reveal_hidden_rows_are_refused(version: int, accepted: bool) -> None:
    if accepted:
        set_up.require_supported(version)
    else:
        with pytest.raises(UnsupportedServer, match="CVE-2025-8713"):
            set_up.require_supported(version)


def test_a_database_of_a_newer_capstan_is_left_alone_with_an_explanation(database: Database) -> None:
    with database.connect(roles.ADMIN) as connection:
        connection.execute("update control.alembic_version set version_num = '9999'")
        connection.execute("delete from control.applied_script where name = 'migrations'")
    with pytest.raises(SetUpError, match="newer Capstan"):
        set_up.set_up(database.admin_conninfo, database.secrets_dir, reset_role_passwords=False)


def test_an_address_that_is_not_of_postgres_is_refused_without_repeating_its_password() -> None:
    with pytest.raises(ValueError, match="postgresql://") as refused:
        WarehouseSettings(home=Path("x"), database_url="mysql://root:hunter2@db/x")
    assert "hunter2" not in str(refused.value)


def test_the_default_home_is_var_and_not_the_home_of_the_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CAPSTAN_HOME", raising=False)
    monkeypatch.setenv("HOME", "/somewhere/else")
    assert WarehouseSettings(database_url=None).home == Path("var").absolute()
    monkeypatch.setenv("CAPSTAN_HOME", "/srv/capstan")
    assert WarehouseSettings(database_url=None).home == Path("/srv/capstan")
