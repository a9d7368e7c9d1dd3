"""Broken input: a clear message with file, row and column; good rows load; every row is accounted for."""

import io
from pathlib import Path

import polars as pl
import psycopg
import pytest

from ingestion.loading import ingest
from ingestion.quarantine import QuarantinedRow, list_quarantined
from ingestion.results import BatchResult
from warehouse import roles
from warehouse.database import Database
from warehouse.tenants import add_tenant, get_tenant

HEADER = "transaction_id,vehicle_id,investor_id,kind,amount,currency_code,effective_on\n"
GOOD = "T1,V1,I1,contribution,100.10,EUR,2020-01-31\n"


@pytest.fixture
def acme(database: Database, tmp_path: Path) -> Database:
    for slug in ("acme", "beta"):
        add_tenant(database, slug, name=slug, kind="manager", currency_code="EUR")
    load(
        database,
        tmp_path,
        "vehicles.csv",
        "vehicle_id,name,kind,currency_code,status\nV1,F,fund,EUR,active\n",
    )
    load(database, tmp_path, "investors.csv", "investor_id,name\nI1,Ann\n")
    return database


def load(
    database: Database,
    folder: Path,
    name: str,
    content: str | bytes,
    *,
    slug: str = "acme",
    source: str = "capstan",
) -> BatchResult:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    (result,) = ingest(database, slug, source, [path])
    assert result.accepted + result.unchanged + result.quarantined == result.read
    return result


def counts(result: BatchResult) -> tuple[int, int, int, int, str]:
    return result.read, result.accepted, result.unchanged, result.quarantined, result.status


def listed(database: Database, slug: str = "acme") -> list[tuple[int, str, str]]:
    return [(row.row_number, row.column, row.reason) for row in list_quarantined(database, slug)]


def query(database: Database, sql: str, *params: object) -> list[tuple[object, ...]]:
    with psycopg.connect(database.conninfo(roles.ADMIN)) as connection:
        return connection.execute(sql, params).fetchall()


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("T2,V1,I1,contribution,10,EUR,2020-02-30", "effective_on", "no day of the calendar"),
        ("T2,V1,I1,contribution,10,EUR,31.01.2020", "effective_on", "write YYYY-MM-DD"),
        ('T2,V1,I1,contribution,"1,000",EUR,2020-01-31', "amount", "has a comma"),
        (
            "T2,V9,I1,contribution,10,EUR,2020-01-31",
            "vehicle_id",
            "not known among the vehicles of this tenant",
        ),
        ("T2,V1,I9,contribution,10,EUR,2020-01-31", "investor_id", "not known among the investors"),
        ("T1,V1,I1,contribution,99,EUR,2020-01-31", "amount", "stands in row 1 of this file already"),
        (",V1,I1,contribution,10,EUR,2020-01-31", "transaction_id", "is blank, but required"),
        ("T2,V1,I1,contribution,10,EUR", "", "has 6 fields, the header has 7"),
        ("T2,V1,I1,contribution,1\x000,EUR,2020-01-31", "amount", "has a NUL byte"),
        ('T2,"V1"x,I1,contribution,10,EUR,2020-01-31', "", "its quotes are broken"),
    ],
)
def test_a_bad_row_is_quarantined_and_the_good_ones_load(
    acme: Database, tmp_path: Path, row: str, column: str, reason: str
) -> None:
    after = "T3,V1,I1,distribution,7,EUR,2020-03-31\n"
    result = load(acme, tmp_path, "transactions.csv", HEADER + GOOD + row + "\n" + after)
    assert counts(result) == (3, 2, 0, 1, "loaded")
    assert "transactions.csv, row 2" in result.reasons[0]
    assert reason in result.reasons[0]
    (found,) = list_quarantined(acme, "acme")
    assert (found.stream, found.file_name, found.row_number, found.column) == (
        "transactions", "transactions.csv", 2, column,
    )  # fmt: skip
    assert reason in found.reason
    assert found.batch_id == result.batch_id
    (original,) = query(acme, "select original from raw.quarantine")
    assert "T2" in str(original[0]) or "2020-01-31" in str(original[0])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"is empty"),
        (GOOD.encode(), r"the column 'transaction_id' is missing"),
        ((HEADER.replace("amount", "amout") + GOOD).encode(), r"'amount' is missing (is it 'amout'?)"),
        ((HEADER.replace(",amount", "") + GOOD).encode(), r"the column 'amount' is missing"),
        (
            (HEADER.strip() + ",tenant_id\n").encode(),
            r"the column 'tenant_id' (field 8) is not one of the stream",
        ),
        (
            (HEADER.replace("kind", "amount") + GOOD).encode(),
            r"names the column 'amount' twice (fields 4 and 5)",
        ),
        ((HEADER + GOOD).replace(",", ";").encode(), r"seems to use semicolons"),
        ((HEADER + GOOD.replace("T1", "Té")).encode("latin-1"), r"line 2, field 1 has the byte 0xE9"),
        ((HEADER + GOOD).encode("utf-16-le"), r"UTF-16 or UTF-32 without a byte order mark"),
        (
            (HEADER + GOOD + 'T2,V1,"I1,contribution').encode(),
            r"opened in row 2, column investor_id, and never closed",
        ),
        (b"PK\x03\x04", r"Excel workbook"),
    ],
)
def test_a_file_that_cannot_be_read_is_rejected_whole_and_does_not_disappear(
    acme: Database, tmp_path: Path, content: bytes, message: str
) -> None:
    result = load(acme, tmp_path, "transactions.csv", content)
    assert counts(result) == (0, 0, 0, 0, "rejected")
    assert "transactions.csv" in result.reasons[0]
    assert message in result.reasons[0]
    (found,) = list_quarantined(acme, "acme")
    assert (found.row_number, found.stream, found.batch_id) == (0, "transactions", result.batch_id)
    assert found.reason == result.reasons[0]
    assert load(acme, tmp_path, "transactions.csv", content).batch_id == result.batch_id
    assert query(acme, "select status from raw.batch where stream = 'transactions'") == [("rejected",)]


def test_a_truncated_parquet_file_is_rejected(acme: Database, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    pl.DataFrame({"investor_id": [f"I{i}" for i in range(500)], "name": ["x"] * 500}).write_parquet(buffer)
    whole = load(acme, tmp_path, "investors.parquet", buffer.getvalue())
    assert counts(whole)[:2] == (500, 500)  # I1 is there with another name: a new version
    cut = load(acme, tmp_path, "investors_cut.parquet", buffer.getvalue()[:-300])
    assert cut.status == "rejected"
    assert "truncated" in cut.reasons[0]


def test_a_field_of_100_megabytes_harms_its_own_row_only(acme: Database, tmp_path: Path) -> None:
    header = HEADER.replace("\n", ",description\n")
    big = b"T2,V1,I1,contribution,5,EUR,2020-01-31," + b"x" * 100_000_000 + b"\n"
    content = header.encode() + GOOD.replace("\n", ",\n").encode() + big
    result = load(acme, tmp_path, "transactions.csv", content)
    assert counts(result) == (2, 1, 0, 1, "loaded")
    assert "row 2, description" in result.reasons[0]
    assert "is too long: 100,000,000 characters, at most 32,000" in result.reasons[0]
    assert query(acme, "select length(original) < 70000 from raw.quarantine") == [(True,)]


def test_every_reason_of_a_row_is_listed(acme: Database, tmp_path: Path) -> None:
    load(acme, tmp_path, "transactions.csv", HEADER + "T1,V1,I1,call,x,eur,2020-01-31\n")
    assert [(row, column) for row, column, _ in listed(acme)] == [
        (1, "kind"), (1, "amount"), (1, "currency_code"),
    ]  # fmt: skip


def test_equal_rows_are_repeats_and_count_as_unchanged(acme: Database, tmp_path: Path) -> None:
    result = load(acme, tmp_path, "transactions.csv", HEADER + GOOD + GOOD.replace("100.10", "100.1") + GOOD)
    assert counts(result) == (3, 1, 2, 0, "loaded")
    assert "2 rows repeat an earlier row" in result.reasons[0]


def test_loading_bad_rows_again_adds_nothing(acme: Database, tmp_path: Path) -> None:
    text = HEADER + GOOD + "T2,V9,I1,contribution,10,EUR,2020-01-31\n"
    first = load(acme, tmp_path, "transactions.csv", text)
    tables = (
        "select (select json_agg(b) from raw.batch b)::text, (select json_agg(q) from raw.quarantine q)::text"
    )
    before = query(acme, tables)
    again = load(acme, tmp_path, "transactions.csv", text)
    assert counts(again) == (2, 0, 1, 1, "unchanged")
    assert again.batch_id == first.batch_id
    assert again.reasons == first.reasons
    assert query(acme, tables) == before


def test_a_row_is_resolved_when_its_parent_came_and_the_file_is_loaded_again(
    acme: Database, tmp_path: Path
) -> None:
    text = HEADER + GOOD + "T2,V9,I1,contribution,10,EUR,2020-01-31\n"
    load(acme, tmp_path, "transactions.csv", text)
    vehicle = "vehicle_id,name,kind,currency_code,status\nV9,Late,fund,EUR,active\n"
    load(acme, tmp_path, "vehicles_late.csv", vehicle)
    again = load(acme, tmp_path, "transactions.csv", text)
    assert counts(again) == (2, 1, 1, 0, "loaded")
    assert listed(acme) == []
    assert query(acme, "select resolved_by_batch_id from raw.quarantine") == [(again.batch_id,)]


def test_a_row_is_resolved_when_a_corrected_file_brings_its_key(acme: Database, tmp_path: Path) -> None:
    load(
        acme,
        tmp_path,
        "transactions.csv",
        HEADER + GOOD + "T2,V1,I1,contribution,x,EUR,2020-01-31\nT4,V1,I1,a,1,EUR,x\n",
    )
    fixed = load(
        acme, tmp_path, "transactions_fixed.csv", HEADER + "T2,V1,I1,contribution,10,EUR,2020-01-31\n"
    )
    assert counts(fixed) == (1, 1, 0, 0, "loaded")
    assert [(row, column) for row, column, _ in listed(acme)] == [(3, "kind"), (3, "effective_on")]


def test_a_currency_to_be_told_in_that_no_rate_knows_is_refused_with_those_that_are_allowed(
    acme: Database, tmp_path: Path
) -> None:
    asked = "investor_id,name,reporting_currency_code\n"
    early = load(acme, tmp_path, "investors_early.csv", asked + "I2,Bob,ISK\n")
    assert early.quarantined == 0, "before any rate is known, nothing says which will be"
    rates = "base_currency_code,quote_currency_code,on_date,rate,source\nEUR,USD,2020-01-31,1.1,ECB\n"
    load(acme, tmp_path, "fx_rates.csv", rates, slug="platform")
    result = load(
        acme, tmp_path, "investors_later.csv", asked + "I3,Cat,USD\nI4,Dan,EUR\nI5,Eve,ISK\nI6,Fay,\n"
    )
    assert counts(result) == (4, 3, 0, 1, "loaded")
    ((row_number, column, reason),) = listed(acme)
    assert (row_number, column) == (3, "reporting_currency_code")
    assert "no exchange rate of it is known; allowed: EUR, USD;" in reason


def test_parents_in_the_same_call_are_known(acme: Database, tmp_path: Path) -> None:
    folder = tmp_path / "together"
    folder.mkdir()
    (folder / "commitments.csv").write_text(
        "commitment_id,vehicle_id,investor_id,amount,currency_code,status\nC1,V5,I5,10,EUR,signed\n"
    )
    (folder / "investors.csv").write_text("investor_id,name\nI5,Eve\n")
    (folder / "vehicles.csv").write_text("vehicle_id,name,kind,currency_code,status\nV5,F,fund,EUR,active\n")
    results = ingest(acme, "acme", "capstan", [folder])
    assert [(r.stream, *counts(r)) for r in results] == [
        ("vehicles", 1, 1, 0, 0, "loaded"), ("investors", 1, 1, 0, 0, "loaded"),
        ("commitments", 1, 1, 0, 0, "loaded"),
    ]  # fmt: skip


def test_a_key_that_another_source_owns_is_refused_and_names_the_owner(
    acme: Database, tmp_path: Path
) -> None:
    text = "investor_id,name\nI1,Somebody else\nI7,New\n"
    result = load(acme, tmp_path, "investors.csv", text, source="crm")
    assert counts(result) == (2, 1, 0, 1, "loaded")
    assert "belongs to the source 'capstan'" in result.reasons[0]
    assert query(acme, "select name from raw.capstan__investors where investor_id = 'I1'") == [("Ann",)]


def test_a_parent_of_another_tenant_is_no_parent(acme: Database, tmp_path: Path) -> None:
    """beta uses the ids of acme, but has not loaded them itself."""
    result = load(acme, tmp_path, "transactions.csv", HEADER + GOOD, slug="beta")
    assert counts(result) == (1, 0, 0, 1, "loaded")
    assert [column for _, column, _ in listed(acme, "beta")] == ["vehicle_id", "investor_id"]
    assert listed(acme, "acme") == []


def test_quarantine_is_listed_by_batch(acme: Database, tmp_path: Path) -> None:
    first = load(acme, tmp_path, "transactions.csv", HEADER + "T1,V1,I1,call,1,EUR,2020-01-31\n")
    second = load(acme, tmp_path, "transactions_b.csv", HEADER + "T2,V1,I1,contribution,y,EUR,2020-01-31\n")
    assert [row.batch_id for row in list_quarantined(acme, "acme")] == [first.batch_id, second.batch_id]
    assert list_quarantined(acme, "acme", second.batch_id) == [
        QuarantinedRow(
            "transactions", "transactions_b.csv", 1, "amount", "y",
            "is not a plain decimal, such as 1234.56 (up to 18 digits before the point and 20 after)",
            second.batch_id,
        )
    ]  # fmt: skip
    assert list_quarantined(acme, "acme", "unknown") == []


def test_rows_of_a_mapping_are_quarantined_with_the_row_of_the_input(acme: Database, tmp_path: Path) -> None:
    mapping = tmp_path / "m.sql"
    mapping.write_text(
        "-- stream: investors\nselect _row_number, id || '-' || n as investor_id, "
        "case when n = 1 then name end as name from input, range(2) r(n)"
    )
    path = tmp_path / "list.csv"
    path.write_text("id,name\nA,Ann\nB,Bob\n")
    (result,) = ingest(acme, "acme", "list", [path], mappings=[mapping])
    assert counts(result) == (4, 2, 0, 2, "loaded")
    assert [(row, column) for row, column, _ in listed(acme)] == [(1, "name"), (2, "name")]
    assert query(acme, "select original from raw.quarantine order by row_number")[0] == (
        '{"id":"A","name":"Ann"}',
    )


def test_a_mapping_that_does_not_fit_a_file_rejects_that_file_only(acme: Database, tmp_path: Path) -> None:
    mapping = tmp_path / "m.sql"
    mapping.write_text("-- stream: investors\nselect _row_number, id as investor_id, name from input")
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("id,name\nA,Ann\n")
    bad.write_text("key,name\nB,Bob\n")
    first, second = ingest(acme, "acme", "list", [bad, good], mappings=[mapping])
    assert first.status == "rejected"
    assert 'm.sql cannot be applied to bad.csv: Binder Error: Referenced column "id"' in first.reasons[0]
    assert counts(second) == (1, 1, 0, 0, "loaded")


def test_nothing_of_one_tenant_is_listed_for_another(acme: Database, tmp_path: Path) -> None:
    load(acme, tmp_path, "transactions.csv", HEADER + "T1,V1,I1,call,1,EUR,2020-01-31\n")
    stored = query(acme, "select tenant_id from raw.quarantine")
    assert stored == [(get_tenant(acme, "acme").tenant_id,)]
    assert listed(acme, "beta") == []
