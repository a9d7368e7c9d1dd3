"""The command line on a real database: what it prints, where, and with which exit code."""

import io
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
from psycopg.conninfo import conninfo_to_dict

from capstan.cli import COMMANDS, main
from tests.conftest import Cluster, clone
from warehouse.database import Database
from warehouse.private_folders import PRIVATE_FOLDERS, make_private_folders, open_to_others
from warehouse.tenants import add_tenant
from warehouse.users import add_user


@dataclass
class Said:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def document(self):
        """Standard output as the one JSON document that it must be."""
        return json.loads(self.out)


Run = Callable[..., Said]


def url_of(database: Database) -> str:
    parts = conninfo_to_dict(database.admin_conninfo)
    password = quote(str(parts["password"]), safe="")
    return f"postgresql://{parts['user']}:{password}@{parts['host']}:{parts['port']}/{parts['dbname']}"


def runner(database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs one command against this database."""
    monkeypatch.setenv("CAPSTAN_HOME", str(database.home))
    monkeypatch.setenv("DATABASE_URL", url_of(database))
    monkeypatch.delenv("CAPSTAN_DEBUG", raising=False)

    def command(*words: str) -> Said:
        capsys.readouterr()
        code = main(list(words))
        captured = capsys.readouterr()
        return Said(code, captured.out, captured.err)

    return command


@pytest.fixture
def run(database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Commands against a database of the test's own."""
    return runner(database, monkeypatch, capsys)


@pytest.fixture(scope="module")
def peopled(cluster: Cluster) -> Iterator[Database]:
    """Two managers, each with a manager and an LP of the same investor id."""
    folder = Path(tempfile.mkdtemp(prefix="capstan-cli-"))
    folder.chmod(0o755)
    with clone(cluster, folder / "home") as database:
        for slug, colour in (("northgate", "#112233"), ("southgate", "#332211")):
            add_tenant(
                database, slug, name=slug.title(), kind="manager", currency_code="EUR", brand_colour=colour
            )
            add_user(database, f"lp@{slug}.example", tenant=slug, role="lp", investor_ids=["i-1"])
            add_user(database, f"boss@{slug}.example", tenant=slug, role="manager")
        yield database
    shutil.rmtree(folder)


@pytest.fixture
def two_tenants(
    peopled: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Commands against the two managers that the tests of this module share."""
    return runner(peopled, monkeypatch, capsys)


def test_a_tenant_that_was_added_is_listed_and_shown(two_tenants: Run) -> None:
    assert [item["slug"] for item in two_tenants("tenant", "list", "--json").document] == [
        "northgate",
        "southgate",
    ]
    shown = two_tenants("tenant", "show", "northgate", "--json").document
    assert shown["brand_colour"] == "#112233"
    assert {user["email"] for user in shown["users"]} == {"lp@northgate.example", "boss@northgate.example"}


def test_a_new_person_gets_a_password_once_and_an_existing_one_keeps_theirs(two_tenants: Run) -> None:
    first = two_tenants(
        "user", "add", "x@y.example", "--tenant", "northgate", "--role", "analyst", "--json"
    ).document
    again = two_tenants(
        "user", "add", "x@y.example", "--tenant", "southgate", "--role", "analyst", "--json"
    ).document
    assert first["created"] and len(first["initial_password"]) >= 12
    assert not again["created"] and again["initial_password"] is None


def test_a_password_from_standard_input_is_not_printed(
    two_tenants: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("a long enough password\n"))
    said = two_tenants(
        "user", "add", "z@y.example", "--tenant", "northgate", "--role", "manager",
        "--json", "--password-stdin",
    )  # fmt: skip
    assert said.document["initial_password"] is None
    assert "a long enough password" not in said.out + said.err


def vehicles_csv(folder: Path, *rows: str) -> Path:
    path = folder / "vehicles.csv"
    path.write_text("vehicle_id,name,kind,currency_code,status\n" + "".join(f"{row}\n" for row in rows))
    return path


def test_ingest_reports_each_row_once_and_again_as_unchanged(two_tenants: Run, tmp_path: Path) -> None:
    path = vehicles_csv(tmp_path, "v-1,Good Fund,fund,EUR,active", "v-2,Bad Fund,fnud,EUR,active")
    (batch,) = two_tenants("ingest", "northgate", "capstan", str(path), "--json").document["batches"]
    counts = {key: batch[key] for key in ("stream", "read", "accepted", "quarantined", "unchanged", "status")}
    assert counts == {
        "stream": "vehicles", "read": 2, "accepted": 1, "quarantined": 1, "unchanged": 0, "status": "loaded",
    }  # fmt: skip
    (again,) = two_tenants("ingest", "northgate", "capstan", str(path), "--json").document["batches"]
    assert (again["unchanged"], again["quarantined"], again["status"]) == (1, 1, "unchanged")


def test_quarantine_names_row_column_value_and_reason(two_tenants: Run, tmp_path: Path) -> None:
    path = vehicles_csv(tmp_path, "v-3,Good Fund,fund,EUR,active", "v-4,Bad Fund,fnud,EUR,active")
    said = two_tenants("ingest", "northgate", "capstan", str(path))
    assert said.code == 0
    assert "capstan quarantine northgate" in said.err and "capstan refresh northgate" in said.err
    row = two_tenants("quarantine", "northgate", "--json").document[-1]
    assert (row["stream"], row["row_number"], row["column"], row["value"]) == ("vehicles", 2, "kind", "fnud")
    assert row["reason"]
    assert two_tenants("quarantine", "southgate", "--json").document == []


def test_a_file_that_cannot_be_read_at_all_makes_the_exit_code_one(two_tenants: Run, tmp_path: Path) -> None:
    path = tmp_path / "vehicles.parquet"
    path.write_bytes(b"PAR1 cut off")
    said = two_tenants("ingest", "northgate", "capstan", str(path))
    assert said.code == 1
    assert "vehicles.parquet" in said.err


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        ("csv", 'n,word,nothing\n1.50,"a,b",\n'),
        ("json", '[{"n": 1.50, "word": "a,b", "nothing": null}]\n'),
        ("table", "   n  word  nothing\n----  ----  -------\n1.50  a,b\n"),
    ],
)
def test_query_prints_every_digit_in_each_format(two_tenants: Run, shape: str, text: str) -> None:
    said = two_tenants(
        "query", "northgate", "--as", "boss@northgate.example", "--format", shape,
        "select 1.50 as n, 'a,b' as word, null as nothing",
    )  # fmt: skip
    assert (said.code, said.out) == (0, text)


def test_query_answers_100_percent_and_reads_the_statement_from_standard_input(
    two_tenants: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("select '100%' like '1%' as yes"))
    said = two_tenants("query", "northgate", "--as", "boss@northgate.example", "--json", "-")
    assert said.document == [{"yes": True}]


@pytest.mark.parametrize(
    "words",
    [
        ("query", "northgate", "--as", "boss@southgate.example", "select 1"),
        ("query", "nowhere", "--as", "boss@northgate.example", "select 1"),
        ("query", "northgate", "--as", "nobody@northgate.example", "select 1"),
    ],
)
def test_the_unknown_and_the_forbidden_are_told_the_same(two_tenants: Run, words: tuple[str, ...]) -> None:
    said = two_tenants(*words)
    assert said.code == 1
    assert said.err == (
        "Error: You have no access to this tenant, or it does not exist. Ask the person who invited you.\n"
    )


@pytest.mark.parametrize(
    "statement",
    [
        "create table mine (a int)",
        "select * from raw.capstan__transactions",
        "select * from control.app_user",
        "select 1; select 2",
        "selct 1",
    ],
)
def test_what_the_database_refuses_is_explained_without_a_traceback(two_tenants: Run, statement: str) -> None:
    said = two_tenants("query", "northgate", "--as", "boss@northgate.example", "--json", statement)
    assert said.code == 1
    assert said.err.startswith("Error: ") and "Traceback" not in said.err
    assert set(said.document) == {"error"}


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("no-such-command",),
        ("tenant", "add", "x", "--name", "X", "--kind", "bank", "--currency", "EUR"),
        ("ingest", "northgate", "capstan", "/no/such/file.csv"),
        ("explain", "northgate", "irr", "--as", "a@b.example", "--vehicle", "f", "--as-of", "yesterday"),
        ("query", "northgate", "--as", "boss@northgate.example", "  "),
    ],
)
def test_wrong_usage_ends_with_two(two_tenants: Run, words: tuple[str, ...]) -> None:
    assert two_tenants(*words).code == 2


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(two_tenants: Run, command: str) -> None:
    said = two_tenants(command, "--help")
    assert said.code == 0
    assert "Example" in said.out and f"capstan {command}" in said.out


def test_an_unknown_tenant_or_stream_is_explained(two_tenants: Run, tmp_path: Path) -> None:
    path = vehicles_csv(tmp_path, "v-1,Good Fund,fund,EUR,active")
    assert "nowhere" in two_tenants("ingest", "nowhere", "capstan", str(path)).err
    said = two_tenants("ingest", "northgate", "capstan", str(path), "--stream", "funds")
    assert said.code == 2 and "funds" in said.err and "vehicles" in said.err


def test_an_unknown_source_is_wrong_usage_and_names_the_known_ones(two_tenants: Run, tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("a,b\n1,2\n")
    said = two_tenants("ingest", "northgate", "salesfarce", str(path), "--json")
    assert said.code == 2 and "salesfarce" in said.err and "stripe" in said.err
    assert "salesfarce" in said.document["error"]
    assert two_tenants("ingest", "northgate", "Not A Source", str(path)).code == 2


def test_a_failure_does_not_repeat_the_password_of_the_address(
    two_tenants: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://root:hunter2@127.0.0.1:1/none")
    said = two_tenants("tenant", "list")
    assert said.code == 1 and said.err.startswith("Error: ")
    assert "hunter2" not in said.err + said.out


def test_a_report_nobody_receives_and_an_unknown_report_are_explained(two_tenants: Run) -> None:
    said = two_tenants("report", "send", "northgate", "lp-statement", "--to", "boss@northgate.example")
    assert said.code == 1 and "role lp" in said.err
    said = two_tenants("report", "send", "northgate", "weather", "--json")
    assert said.code == 1 and "lp-statement" in said.document["error"]


def test_a_report_that_cannot_be_made_yet_stays_owed_with_the_reason(two_tenants: Run) -> None:
    """The marts were never built here: nothing is sent, nothing is lost."""
    said = two_tenants("report", "send", "southgate", "lp-statement", "--period", "2026Q3", "--json")
    (row,) = said.document["outbox"]
    assert row["status"] == "owed" and row["reason"] and row["is_new"]
    again = two_tenants("report", "send", "southgate", "lp-statement", "--period", "2026Q3", "--json")
    assert [item["is_new"] for item in again.document["outbox"]] == [False]
    (listed,) = two_tenants("outbox", "--tenant", "southgate", "--json").document["outbox"]
    assert (listed["outbox_id"], listed["status"]) == (row["outbox_id"], "owed")


def test_doctor_finds_a_new_database_healthy_and_a_loose_secret_wrong(run: Run, database: Database) -> None:
    healthy = run("doctor", "--json")
    assert [check for check in healthy.document["checks"] if check["state"] == "error"] == []
    assert healthy.code == 0
    loose = database.secrets_dir / "loose"
    loose.write_text("x")
    loose.chmod(0o644)
    try:
        ill = run("doctor", "--json")
    finally:
        loose.unlink()
    (wrong,) = [check for check in ill.document["checks"] if check["state"] == "error"]
    assert ill.code == 1 and wrong["check"] == "secrets" and "loose" in wrong["found"]


def test_what_tenants_sent_is_closed_to_other_users_of_the_machine(run: Run, home: Path) -> None:
    """Shown first: a folder made plainly is open to all, and doctor names it."""
    (home / "lake").mkdir()
    (home / "lake").chmod(0o755)
    assert [path.name for path in open_to_others(home)] == ["lake"]
    found = [check for check in run("doctor", "--json").document["checks"] if check["check"] == "folders"]
    assert [check["state"] for check in found] == ["warning"]
    assert "look into lake" in found[0]["found"]
    (home / "lake").rmdir()
    make_private_folders(home)
    assert {path.name for path in home.iterdir()} >= set(PRIVATE_FOLDERS)
    assert [path.name for path in open_to_others(home) if not path.is_symlink()] == []


def test_opening_a_warehouse_makes_its_folders_private(cluster: Cluster) -> None:
    folder = cluster.folder / "home"
    assert {path.name for path in folder.iterdir()} >= set(PRIVATE_FOLDERS)
    assert open_to_others(folder) == []


def test_doctor_sees_what_weakens_isolation(run: Run, database: Database) -> None:
    with database.connect("admin") as connection:
        connection.execute(f"alter role lp_reader in database {database.name} set row_security = off")
    ill = run("doctor", "--json")
    assert ill.code == 1
    wrong = [check["found"] for check in ill.document["checks"] if check["state"] == "error"]
    assert any("lp_reader" in found for found in wrong)
