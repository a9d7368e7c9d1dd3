"""Fixtures of the security tests: the world of `world.py`, built once and cloned for each test that
changes it.
"""

import dataclasses
import itertools
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Cluster, clone
from tests.security.dbt_building import Builders
from tests.security.dbt_world import dbt_world
from tests.security.world import World, build
from warehouse import roles
from warehouse.database import Database


@pytest.fixture(scope="session")
def _built(cluster: Cluster) -> Iterator[Cluster]:
    """A cluster whose template holds the world."""
    home = Path(tempfile.mkdtemp(prefix="capstan-world-")) / "home"
    home.parent.chmod(0o755)
    template = clone(cluster, home)
    with template as database:
        build(database)
        yield dataclasses.replace(cluster, template=database.name, counter=itertools.count(1))
    shutil.rmtree(home.parent, ignore_errors=True)


@pytest.fixture(scope="module")
def world(_built: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The world, shared by a module's tests; they leave it as it is."""
    with clone(_built, tmp_path_factory.mktemp("world") / "home") as database:
        _own_schemas(database)
        yield World(database)


@pytest.fixture
def scratch(_built: Cluster, tmp_path: Path) -> Iterator[World]:
    """A world of the test's own, to be broken."""
    with clone(_built, tmp_path / "home") as database:
        _own_schemas(database)
        yield World(database)


def _own_schemas(database: Database) -> None:
    # The right to connect belongs to the database and is not cloned with it.
    with database.connect(roles.ADMIN, autocommit=True) as admin:
        for own in admin.execute("select gp_role, lp_role from authn.served_schema").fetchall():
            admin.execute(f"grant connect on database {database.name} to {', '.join(own)}")


@pytest.fixture(scope="session")
def _dbt_built(cluster: Cluster) -> Iterator[Cluster]:
    """A cluster whose template holds the world that the real dbt project has built."""
    home = Path(tempfile.mkdtemp(prefix="capstan-dbt-world-")) / "home"
    home.parent.chmod(0o755)
    with dbt_world(cluster, home) as built:
        yield dataclasses.replace(cluster, template=built.database.name, counter=itertools.count(1))
    shutil.rmtree(home.parent, ignore_errors=True)


@pytest.fixture
def marts_scratch(_dbt_built: Cluster, tmp_path: Path) -> Iterator[World]:
    """The tenants of `dbt_world.py` with their real marts, a test's own."""
    with clone(_dbt_built, tmp_path / "home") as database:
        yield World(database)


@pytest.fixture(scope="module")
def builders(cluster: Cluster) -> Iterator[Builders]:
    """Builds of the project as it is."""
    with Builders(cluster.folder / "home") as running:
        yield running
