"""Fixtures of all tests: a Postgres of their own, a migrated template, and a fresh clone of it for each test.

Each test process (each worker of pytest-xdist) has its own embedded cluster without fsync, stopped at end.
CAPSTAN_TEST_DATABASE_URL names another server to run the same tests on, as its superuser.
"""

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from warehouse import embedded
from warehouse.database import Database, open_database
from warehouse.set_up import grant_database_access
from warehouse.settings import WarehouseSettings

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files marked `long` come first: begun last, one of them keeps one worker busy and the other idle."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@dataclass
class Cluster:
    """The server of this test process and the migrated database that tests clone."""

    folder: Path
    maintenance: str
    template: str
    counter: Iterator[int]
    deployed: "Database | None" = None
    """The template with the dbt project deployed in it, once a test has needed that."""


@pytest.fixture(scope="session")
def _worker(request: pytest.FixtureRequest) -> str:
    return str(getattr(request.config, "workerinput", {}).get("workerid", "main"))


@pytest.fixture(scope="session")
def cluster(_worker: str) -> Iterator[Cluster]:
    """One server a test process, with a migrated template database."""
    external = os.environ.get("CAPSTAN_TEST_DATABASE_URL")
    # Not pytest's own folder: as root that is closed to the system user that the server runs as.
    folder = Path(tempfile.mkdtemp(prefix=f"capstan-test-{_worker}-"))
    folder.chmod(0o755)
    name = f"capstan_test_{os.getpid()}"
    try:
        if external:
            maintenance = make_conninfo(external, dbname="postgres")
            # Roles belong to the whole server, so all workers share one set of passwords.
            url = external.rsplit("/", 1)[0] + f"/{name}"
            secrets = Path(tempfile.gettempdir()) / f"capstan-test-secrets-{os.getuid()}"
            (folder / "home").mkdir()
            secrets.mkdir(mode=0o700, exist_ok=True)
            (folder / "home" / "secrets").symlink_to(secrets)
            open_database(WarehouseSettings(home=folder / "home", database_url=url))
        else:
            opened = open_database(
                WarehouseSettings(home=folder / "home", database_url=None, embedded_fsync=False)
            )
            maintenance = make_conninfo(opened.admin_conninfo, dbname="postgres")
            with psycopg.connect(maintenance, autocommit=True) as connection:
                connection.execute(
                    sql.SQL("alter database capstan rename to {}").format(sql.Identifier(name))
                )
        yield Cluster(folder, maintenance, name, itertools.count(1))
        if external:
            with psycopg.connect(maintenance, autocommit=True) as connection:
                connection.execute(
                    sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
                )
    finally:
        embedded.stop(folder / "home")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def home() -> Iterator[Path]:
    """An empty home folder that the server's own user can reach; a server started in it is stopped."""
    folder = Path(tempfile.mkdtemp(prefix="capstan-home-"))
    folder.chmod(0o755)
    yield folder / "home"
    embedded.stop(folder / "home")
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def database(cluster: Cluster, home: Path) -> Iterator[Database]:
    """A fresh migrated warehouse, cloned from the template in about 50 ms, with a home folder of its own."""
    with clone(cluster, home) as made:
        yield made


@pytest.fixture
def deployed_database(cluster: Cluster, home: Path) -> Iterator[Database]:
    """The same with every mart deployed and empty; the dbt project is deployed once a test process."""
    with clone(cluster, home, deployed=True) as made:
        yield made


def deployed_template(cluster: Cluster) -> str:
    """Name of the database that `deployed_database` clones; made when first needed."""
    if cluster.deployed is None:
        from orchestration.lib import dbt_runner

        made = clone(cluster, cluster.folder / "deployed").__enter__()
        dbt_runner.deploy(made)
        cluster.deployed = made
    return cluster.deployed.name


class clone:  # noqa: N801 - used like a function
    """What is behind `database`, for fixtures of wider scope: `with clone(cluster, home) as database:`."""

    def __init__(self, cluster: Cluster, home: Path, *, deployed: bool = False) -> None:
        self.cluster, self.home = cluster, home
        self.template = deployed_template(cluster) if deployed else cluster.template
        self.name = f"{cluster.template}_{next(cluster.counter)}"

    def __enter__(self) -> Database:
        self.home.mkdir(parents=True, exist_ok=True)
        # Passwords belong to the server's roles; what dbt has parsed is the same for every database.
        for shared in ("secrets", "dbt"):
            (self.cluster.folder / "home" / shared).mkdir(exist_ok=True)
            if not (self.home / shared).exists():
                (self.home / shared).symlink_to(self.cluster.folder / "home" / shared)
        with psycopg.connect(self.cluster.maintenance, autocommit=True) as connection:
            connection.execute(
                sql.SQL("create database {} template {}").format(
                    sql.Identifier(self.name), sql.Identifier(self.template)
                )
            )
            grant_database_access(connection, self.name)
        return Database(
            home=self.home, admin_conninfo=make_conninfo(self.cluster.maintenance, dbname=self.name)
        )

    def __exit__(self, *_: object) -> None:
        with psycopg.connect(self.cluster.maintenance, autocommit=True) as connection:
            connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(self.name)))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real files; tests that ask for it skip where it is absent."""
    data = SHARED / "data"
    if not data.is_dir():
        pytest.skip("needs the real files of ../shared/data, which are not here")
    return data
