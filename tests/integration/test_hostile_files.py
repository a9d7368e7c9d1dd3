"""Files written to break loading: each is answered by a message and never by an error of the database."""

import os
from pathlib import Path

import polars as pl
import psycopg
import pytest

from ingestion.loading import ingest
from ingestion.quarantine import list_quarantined
from ingestion.results import BatchResult
from warehouse import roles
from warehouse.database import Database
from warehouse.tenants import add_tenant

PARENTS = {
    "vehicles.csv": "vehicle_id,name,kind,currency_code,status\nV1,Fund I,fund,EUR,active\n",
    "investors.csv": "investor_id,name\nI1,Ann\n",
    "deal_rooms.csv": "room_id,vehicle_id,name\nR1,V1,Room\n",
    "documents.csv": "document_id,room_id,name,type,uploaded_at\nD1,R1,Deck,legal,2024-01-01T00:00:00Z\n",
}
TRANSACTIONS = "transaction_id,vehicle_id,kind,amount,currency_code,effective_on\n"
VIEWS = "view_id,document_id,started_at,duration_seconds,page_seconds\n"
COMMUNICATIONS = "communication_id,vehicle_id,investor_id,channel,occurred_at\n"


@pytest.fixture
def acme(database: Database, tmp_path: Path) -> Database:
    add_tenant(database, "acme", name="Acme", kind="manager", currency_code="EUR")
    parents = tmp_path / "parents"
    parents.mkdir()
    for name, content in PARENTS.items():
        (parents / name).write_text(content)
    ingest(database, "acme", "capstan", [parents])
    return database


def load(database: Database, path: Path, content: str, stream: str | None = None) -> BatchResult:
    path.write_bytes(content.encode("utf-8", "surrogatepass"))
    (result,) = ingest(database, "acme", "capstan", [path], stream=stream)
    assert result.accepted + result.unchanged + result.quarantined == result.read
    return result


def refusals(database: Database) -> set[tuple[int, str]]:
    return {(row.row_number, row.column) for row in list_quarantined(database, "acme")}


def values(database: Database, sql: str) -> list[str]:
    with psycopg.connect(database.conninfo(roles.ADMIN)) as connection:
        return [str(row[0]) for row in connection.execute(sql).fetchall()]


def test_digits_of_other_scripts_and_blanks_in_dates_refuse_their_row_only(
    acme: Database, tmp_path: Path
) -> None:
    text = TRANSACTIONS + (
        "T1,V1,fee,١٢٣,EUR,2024-01-31\nT2,V1,fee,１２,EUR,2024-01-31\nT3,V1,fee,1,EUR,2024- 1-31\n"
        "T4,V1,fee,1,EUR,2024-01-31\n"
    )
    result = load(acme, tmp_path / "transactions.csv", text)
    assert (result.accepted, result.quarantined) == (1, 3)
    assert refusals(acme) == {(1, "amount"), (2, "amount"), (3, "effective_on")}


def test_lists_that_are_no_json_refuse_their_row_only(acme: Database, tmp_path: Path) -> None:
    text = VIEWS + "".join(
        f'W{i},D1,2024-01-01T00:00:00Z,5,"{seconds}"\n'
        for i, seconds in enumerate(["[1, 2.5]", "[01]", "[1,\u00a02]", "[١]", "[]"])
    )
    result = load(acme, tmp_path / "views.csv", text)
    assert (result.accepted, result.quarantined) == (2, 3)
    assert refusals(acme) == {(2, "page_seconds"), (3, "page_seconds"), (4, "page_seconds")}


def test_instants_are_stored_as_they_were_checked_however_far_their_offset(
    acme: Database, tmp_path: Path
) -> None:
    text = COMMUNICATIONS + (
        'C1,V1,I1,email,2024-01-01T10:00:00+20:00\nC2,V1,I1,email,"2024-01-01T10:00:00,5Z"\n'
        "C3,V1,I1,email,2024-01-01T10:00:00.123456789Z\n"
    )
    assert load(acme, tmp_path / "communications.csv", text).accepted == 3
    stored = values(
        acme,
        "select to_char(occurred_at at time zone 'UTC', 'DD HH24:MI:SS.US') from raw.capstan__communications "
        "order by communication_id",
    )
    assert stored == ["31 14:00:00.000000", "01 10:00:00.500000", "01 10:00:00.123456"]


def test_ids_with_blanks_around_them_and_names_of_blanks_are_refused(acme: Database, tmp_path: Path) -> None:
    text = "investor_id,name\n I7,Ann\nI8\u00a0,Bob\nI9,  \nI 10,Eve\n"
    result = load(acme, tmp_path / "investors_7.csv", text)
    assert (result.accepted, result.quarantined) == (1, 3)
    assert refusals(acme) == {(1, "investor_id"), (2, "investor_id"), (3, "name")}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("nul.csv", "investor_id,na\x00me\nI2,x\n"),
        ("number.csv", "_row_number,investor_id,name\n7,I2,x\n"),
        ("nul.jsonl", '{"investor_id":"I2","name":"x","\\u0000":1}\n'),
        ("half.jsonl", '{"investor_id":"I2","name":"x","\\ud800":null}\n'),
        ("number.jsonl", '{"_row_number":1,"investor_id":"I2","name":"x"}\n'),
        ("deep.jsonl", "[" * 50_000 + "\n"),
        ("list.jsonl", '[{"investor_id":"I2","name":"x"}]\n'),
    ],
)
def test_names_and_shapes_that_no_table_can_have_are_quarantined(
    acme: Database, tmp_path: Path, name: str, content: str
) -> None:
    result = load(acme, tmp_path / name, content, "investors")
    assert result.accepted == 0
    assert len(list_quarantined(acme, "acme")) == 1
    assert load(acme, tmp_path / name, content, "investors").accepted == 0


def test_one_line_with_a_name_too_many_is_refused_and_the_others_load(acme: Database, tmp_path: Path) -> None:
    text = (
        '{"investor_id":"J1","name":"x"}\n{"investor_id":"J2","name":"y","phone":1}\n{"investor_id":"J3"}\n'
        '{"investor_id":"J4","name":"z","fax":null}\n'
    )
    result = load(acme, tmp_path / "investors_j.jsonl", text)
    assert (result.read, result.accepted, result.quarantined) == (4, 2, 2)
    assert refusals(acme) == {(2, "phone"), (3, "name")}
    assert load(acme, tmp_path / "investors_j.jsonl", text).status == "unchanged"


def test_a_name_too_many_in_every_line_refuses_the_file(acme: Database, tmp_path: Path) -> None:
    result = load(acme, tmp_path / "investors_k.jsonl", '{"investor_id":"J1","name":"x","phone":1}\n')
    assert result.status == "rejected"
    assert "'phone'" in result.reasons[0]


def test_numbers_beyond_all_bounds_refuse_their_row_only(acme: Database, tmp_path: Path) -> None:
    row = (
        '{"transaction_id":"T%d","vehicle_id":"V1","kind":"fee","amount":%s,"currency_code":"EUR",'
        '"effective_on":"2024-01-31"}\n'
    )
    amounts = ["1e400", "1e99999999999999999999", "NaN", "1e2", "12345678901234567890"]
    text = "".join(row % (i, amount) for i, amount in enumerate(amounts))
    result = load(acme, tmp_path / "transactions.jsonl", text)
    assert (result.accepted, result.quarantined) == (1, 4)
    assert values(acme, "select amount from raw.capstan__transactions") == ["100"]


def test_a_file_name_that_is_no_text_loads(acme: Database, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"investors_\xff.csv")
    result = load(acme, path, "investor_id,name\nI2,x\n")
    assert (result.accepted, result.file_name) == (1, "investors_\\udcff.csv")


def test_a_message_about_ten_thousand_columns_stays_readable(acme: Database, tmp_path: Path) -> None:
    header = ",".join(f"c{i}" for i in range(10_000))
    result = load(acme, tmp_path / "wide.csv", f"{header}\n", "investors")
    assert "9,990 more columns" in result.reasons[0]
    assert len(result.reasons[0]) < 2_000


def test_a_mapping_over_names_that_sql_cannot_tell_apart_says_so(acme: Database, tmp_path: Path) -> None:
    mapping = tmp_path / "investors.sql"
    mapping.write_text("-- stream: investors\nselect _row_number, id as investor_id, name from input\n")
    path = tmp_path / "crm.csv"
    path.write_text("id,ID,name\nI2,x,y\n")
    (result,) = ingest(acme, "acme", "crm", [path], mappings=[mapping])
    assert result.status == "rejected"
    assert "'ID'" in result.reasons[0] and "'id'" in result.reasons[0]


def test_bytes_in_a_parquet_column_that_are_no_text_are_named_by_row(acme: Database, tmp_path: Path) -> None:
    path = tmp_path / "investors.parquet"
    pl.DataFrame({"investor_id": ["I2", "I3"], "name": [b"ok", b"\xff"]}).write_parquet(path)
    (result,) = ingest(acme, "acme", "capstan", [path])
    assert result.status == "rejected"
    assert "'name'" in result.reasons[0] and "row 2" in result.reasons[0]


def test_a_mapping_that_fails_on_one_value_says_how_to_lose_only_that_row(
    acme: Database, tmp_path: Path
) -> None:
    mapping = tmp_path / "investors.sql"
    mapping.write_text(
        "-- stream: investors\nselect _row_number, id::integer as investor_id, name from input\n"
    )
    path = tmp_path / "crm.csv"
    path.write_text("id,name\n1,x\nB,y\n")
    (result,) = ingest(acme, "acme", "crm", [path], mappings=[mapping])
    assert result.status == "rejected"
    assert "try_cast" in result.reasons[0]
