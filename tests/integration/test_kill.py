"""kill -9 at every step of a load, then loading again: the same tables and files as without."""

import dataclasses
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from ingestion.contracts.registry import STREAMS
from ingestion.loading import ingest
from tests.conftest import Cluster, clone
from warehouse import roles
from warehouse.database import Database
from warehouse.tenants import add_tenant

REPOSITORY = Path(__file__).resolve().parents[2]
INSTANTS = ("_loaded_at", "started_at", "finished_at", "quarantined_at")


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A second delivery over a first: new, changed, equal, repeated and broken rows, and a broken file."""
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    (first / "vehicles.csv").write_text("vehicle_id,name,kind,currency_code,status\nV1,F,fund,EUR,active\n")
    (first / "investors.csv").write_text("investor_id,name\nI1,Ann\nI2,Bob\nI3,\n")
    (second / "vehicles.csv").write_text("vehicle_id,name\nV1,F\n")
    (second / "investors.csv").write_text("investor_id,name\nI1,Ann\nI2,Bobby\nI3,Cyd\nI4,Dee\nI4,Dee\nI5,\n")
    return tmp_path


@pytest.fixture
def base(cluster: Cluster, files: Path, home: Path) -> Iterator[tuple[Cluster, Path]]:
    """The first delivery, loaded: a template database, and the home beside it."""
    made = clone(cluster, home)
    with made as database:
        add_tenant(database, "acme", name="Acme", kind="manager", currency_code="EUR")
        ingest(database, "acme", "capstan", [files / "first"])
        yield dataclasses.replace(cluster, template=made.name), home


@pytest.fixture
def loader() -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.integration.killed_loader"],
        cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        yield process
        assert process.stdin is not None
        process.stdin.close()


def state(database: Database) -> dict[str, object]:
    """Everything that a load leaves behind, but for the instants at which it happened."""
    found: dict[str, object] = {}
    with psycopg.connect(database.conninfo(roles.ADMIN)) as connection:
        for table in (*(stream.table for stream in STREAMS), "batch", "quarantine"):
            rows = connection.execute(
                sql.SQL("select to_jsonb(t) from raw.{} t").format(sql.Identifier(table))
            ).fetchall()
            found[table] = sorted(json.dumps(_timeless(row[0]), sort_keys=True) for row in rows)
    for folder in ("landing", "lake"):
        for path in sorted((database.home / folder).rglob("*")):
            if path.is_file():
                found[str(path.relative_to(database.home))] = path.read_bytes()
    return found


def _timeless(row: dict[str, object]) -> dict[str, object]:
    if "_superseded_at" in row:
        row["_superseded_at"] = row["_superseded_at"] == "infinity"
    return {name: value for name, value in row.items() if name not in INSTANTS}


def at(base: tuple[Cluster, Path], name: str) -> "clone":
    cluster, home = base
    copy = home.parent / name
    shutil.copytree(home, copy, symlinks=True)
    return clone(cluster, copy)


def order(loader: subprocess.Popen[str], database: Database, files: Path, die_at: int) -> int:
    assert loader.stdin is not None and loader.stdout is not None
    message = {
        "home": str(database.home),
        "conninfo": database.admin_conninfo,
        "files": str(files),
        "die_at": die_at,
    }
    loader.stdin.write(json.dumps(message) + "\n")
    loader.stdin.flush()
    return int(loader.stdout.readline())


def test_a_load_killed_at_any_point_and_run_again_ends_like_an_undisturbed_one(
    base: tuple[Cluster, Path], loader: subprocess.Popen[str], files: Path
) -> None:
    second = files / "second"
    with at(base, "undisturbed") as database:
        before = state(database)
        ingest(database, "acme", "capstan", [second])
        wanted = state(database)
    assert wanted != before
    interrupted = 0
    for point in range(1, 100):
        with at(base, f"killed_{point}") as database:
            ended_by = order(loader, database, second, point)
            was_partial = state(database) != wanted
            ingest(database, "acme", "capstan", [second])
            assert state(database) == wanted, f"killed at point {point}"
            if ended_by == 0:
                break
            assert ended_by == signal.SIGKILL
            interrupted += was_partial
    assert ended_by == 0, "the load has more points than were tried"
    assert point > 14
    assert interrupted > 10, "the kills came too late to interrupt anything"
