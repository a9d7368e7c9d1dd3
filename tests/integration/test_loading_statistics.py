"""After a load that changed much of a raw table the planner knows the table as it is."""

from pathlib import Path

import psycopg
import pytest

from ingestion.loading import ingest
from ingestion.results import BatchResult
from warehouse import roles
from warehouse.database import Database
from warehouse.tenants import add_tenant


def load(database: Database, folder: Path, rows: range, told: list[str] | None = None) -> BatchResult:
    path = folder / f"investors-{rows.start}.csv"
    path.write_text("investor_id,name\n" + "".join(f"I{number},Name {number}\n" for number in rows))
    progress = told.append if told is not None else None
    (result,) = ingest(database, "acme", "capstan", [path], stream="investors", progress=progress)
    return result


def known_rows(database: Database) -> float:
    """Rows that the planner believes to be in the table; -1: it was never looked at."""
    with database.connect(roles.ADMIN) as connection:
        row = connection.execute(
            "select reltuples from pg_class where oid = 'raw.capstan__investors'::regclass"
        ).fetchone()
    assert row is not None
    return float(row[0])


@pytest.fixture
def acme(database: Database) -> Database:
    add_tenant(database, "acme", name="Acme", kind="manager", currency_code="EUR")
    return database


def test_a_load_that_changes_much_of_a_table_is_known_to_the_planner_at_once(
    acme: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without it, the table is planned as an empty one; a small batch after it costs no second look."""
    with monkeypatch.context() as patch:
        patch.setattr("ingestion.batch.refresh_statistics", lambda *_: None)
        assert load(acme, tmp_path, range(1, 5)).accepted == 4
    assert known_rows(acme) == -1
    assert load(acme, tmp_path, range(10, 1510)).accepted == 1500
    assert known_rows(acme) == 1504
    assert load(acme, tmp_path, range(2000, 2010)).accepted == 10
    assert known_rows(acme) == 1504


def test_the_loader_itself_may_not_analyze(acme: Database) -> None:
    """Postgres only warns: the table stays as unknown as it was."""
    with acme.connect(roles.LOADER, autocommit=True) as connection:
        warned: list[str] = []
        connection.add_notice_handler(lambda notice: warned.append(notice.message_primary or ""))
        connection.execute("analyze raw.capstan__investors")
    assert len(warned) == 1 and "permission denied" in warned[0]
    assert known_rows(acme) == -1


def test_a_failure_to_analyze_does_not_undo_the_load(
    acme: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = Database.connect

    def refused(self: Database, role: str, *, autocommit: bool = False) -> psycopg.Connection:
        if role == roles.ADMIN:
            raise psycopg.OperationalError("too many connections")
        return connect(self, role, autocommit=autocommit)

    told: list[str] = []
    with monkeypatch.context() as patch:
        patch.setattr(Database, "connect", refused)
        assert load(acme, tmp_path, range(1, 1201), told).status == "loaded"
    assert [text for text in told if "statistics are those of before: too many connections" in text]
    assert known_rows(acme) == -1
