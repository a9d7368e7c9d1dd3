"""The demo, run once on a database of its own, and how its rows are compared with the truth."""

import contextlib
import io
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import pyxirr
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row

from capstan.cli import main
from tests.conftest import Cluster, clone
from warehouse import roles
from warehouse.database import Database
from warehouse.tenants import get_tenant


@dataclass(frozen=True)
class Demo:
    """The database after the demo, and the JSON that the command printed."""

    database: Database
    document: dict[str, Any]

    def rows(self, mart: str, slug: str) -> list[dict[str, Any]]:
        """All rows of a tenant in a mart, as the administrator."""
        tenant_id = get_tenant(self.database, slug).tenant_id
        with self.database.connect(roles.ADMIN) as connection:
            cursor = connection.cursor(row_factory=dict_row)
            return cursor.execute(f"select * from marts.{mart} where tenant_id = %s", (tenant_id,)).fetchall()


@contextlib.contextmanager
def served_from(database: Database) -> Iterator[None]:
    """The environment of a command that works on this database."""
    parts = conninfo_to_dict(database.admin_conninfo)
    login = f"{parts['user']}:{quote(str(parts['password']), safe='')}"
    address = f"postgresql://{login}@{parts['host']}:{parts['port']}/{parts['dbname']}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CAPSTAN_HOME", str(database.home))
        patch.setenv("DATABASE_URL", address)
        for name in [name for name in os.environ if name.startswith(("CAPSTAN_SMTP", "CAPSTAN_MAIL"))]:
            patch.delenv(name)
        yield


def run(database: Database, *words: str) -> tuple[int, str, str]:
    """Runs a command; its exit code, standard output and standard error."""
    out, err = io.StringIO(), io.StringIO()
    with served_from(database), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(list(words))
    return code, out.getvalue(), err.getvalue()


@pytest.fixture(scope="module")
def demo(cluster: Cluster) -> Iterator[Demo]:
    """`capstan demo --no-serve` on an empty database, once."""
    folder = Path(tempfile.mkdtemp(prefix="capstan-demo-"))
    folder.chmod(0o755)
    try:
        with clone(cluster, folder / "home") as database:
            # A secrets folder of its own: the demo adds passwords to it.
            shared = (database.home / "secrets").resolve()
            (database.home / "secrets").unlink()
            shutil.copytree(shared, database.home / "secrets")
            code, out, err = run(database, "demo", "--no-serve", "--json")
            assert code == 0, err
            yield Demo(database, json.loads(out))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def as_stored(value: Any) -> Any:
    """A true ratio as the nearest double, which is what the marts must hold."""
    return float(value) if isinstance(value, Fraction) else value


def differences(
    row: Mapping[str, Any], truth: object, columns: tuple[str, ...]
) -> dict[str, tuple[Any, Any]]:
    """Columns in which a mart's row is not exactly the truth: what the mart says, what is true."""
    pairs = {name: (row[name], as_stored(getattr(truth, name))) for name in columns}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def rate_of(flows: tuple[tuple[date, Any], ...], as_of: date, nav: Any) -> float:
    """The rate of return by an independent solver."""
    series = [*flows, (as_of, nav)]
    found = pyxirr.xirr([day for day, _ in series], [float(amount) for _, amount in series])
    assert found is not None
    return float(found)
