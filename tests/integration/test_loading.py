"""Loading: nothing lost, nothing counted twice, history kept, tenants apart; on a real Postgres."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import psycopg
import pytest

from ingestion.contracts.ddl import is_not_null, primary_key, sql_type
from ingestion.contracts.registry import STREAMS
from ingestion.errors import IngestionError
from ingestion.loading import ingest
from ingestion.results import BatchResult
from warehouse import roles
from warehouse.database import Database
from warehouse.errors import TenantNotFound
from warehouse.tenants import add_tenant, get_tenant

VEHICLES = (
    "vehicle_id,name,kind,currency_code,status\nV1,Fund I,fund,EUR,active\nV2,Fund II,fund,EUR,active\n"
)
INVESTORS = "investor_id,name\nI1,Ann\nI2,Bob\n"
TRANSACTIONS = (
    "transaction_id,vehicle_id,investor_id,kind,amount,currency_code,effective_on\n"
    "T1,V1,I1,contribution,100.10,EUR,2020-01-31\n"
    "T2,V1,I2,contribution,200.20,EUR,2020-01-31\n"
    "T3,V2,,expense,5,EUR,2020-02-01\n"
)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "vehicles.csv").write_text(VEHICLES)
    (folder / "investors.csv").write_text(INVESTORS)
    (folder / "transactions.csv").write_text(TRANSACTIONS)
    return folder


@pytest.fixture
def loaded(database: Database, files: Path) -> Database:
    """Two tenants with the same natural ids."""
    for slug in ("acme", "beta"):
        add_tenant(database, slug, name=slug, kind="manager", currency_code="EUR")
        ingest(database, slug, "capstan", [files])
    return database


def query(database: Database, sql: str, *params: object) -> list[tuple[object, ...]]:
    with psycopg.connect(database.conninfo(roles.ADMIN)) as connection:
        return connection.execute(sql, params).fetchall()


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


def counts(result: BatchResult) -> tuple[int, int, int, int, str]:
    assert result.accepted + result.unchanged + result.quarantined == result.read
    return result.read, result.accepted, result.unchanged, result.quarantined, result.status


def test_the_migrated_catalogue_is_what_the_contracts_say(database: Database) -> None:
    for stream in STREAMS:
        found = query(
            database,
            "select a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull from pg_attribute a "
            "where a.attrelid = %s::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum",
            f"raw.{stream.table}",
        )
        wanted = [("tenant_id", "integer", True)]
        wanted += [(c.name, sql_type(c), is_not_null(stream, c)) for c in stream.columns]
        assert [row for row in found if not str(row[0]).startswith("_")] == wanted
        key = query(
            database,
            "select a.attname from pg_attribute a, pg_index i, "
            "unnest(i.indkey) with ordinality k (attnum, place) "
            "where i.indrelid = %s::regclass and i.indisprimary and a.attrelid = i.indrelid "
            "and a.attnum = k.attnum order by k.place",
            f"raw.{stream.table}",
        )
        assert tuple(row[0] for row in key) == primary_key(stream)


def test_every_index_of_raw_leads_with_the_tenant(database: Database) -> None:
    leading = query(
        database,
        "select i.indexrelid::regclass::text, a.attname "
        "from pg_index i join pg_class c on c.oid = i.indrelid "
        "join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0] "
        "where c.relnamespace = 'raw'::regnamespace",
    )
    assert len(leading) >= len(STREAMS)
    assert {column for _, column in leading} == {"tenant_id"}


def test_loading_tells_what_it_read_and_loads_parents_first(database: Database, files: Path) -> None:
    """Sorted by name, transactions come before the vehicles that they need."""
    add_tenant(database, "acme", name="Acme", kind="manager", currency_code="EUR")
    told: list[str] = []
    results = ingest(database, "acme", "capstan", [files], progress=told.append)
    assert [(r.stream, *counts(r)) for r in results] == [
        ("vehicles", 2, 2, 0, 0, "loaded"),
        ("investors", 2, 2, 0, 0, "loaded"),
        ("transactions", 3, 3, 0, 0, "loaded"),
    ]
    assert "transactions.csv: transactions: 3 rows read" in told
    assert told[-1] == "transactions.csv: transactions: committed"


def test_loading_again_changes_nothing(loaded: Database, files: Path) -> None:
    tables = ("raw.capstan__transactions", "raw.batch", "raw.quarantine")
    before = [
        query(loaded, f"select * from {t} as r where r::text <> '' order by r::text") for t in tables[1:]
    ]
    results = ingest(loaded, "acme", "capstan", [files])
    assert [counts(r) for r in results] == [
        (2, 0, 2, 0, "unchanged"),
        (2, 0, 2, 0, "unchanged"),
        (3, 0, 3, 0, "unchanged"),
    ]
    assert [
        query(loaded, f"select * from {t} as r where r::text <> '' order by r::text") for t in tables[1:]
    ] == before
    assert query(loaded, "select count(*) from raw.capstan__transactions") == [(6,)]


def test_a_file_with_a_header_only_changes_nothing_and_says_so(loaded: Database, tmp_path: Path) -> None:
    """Empty twice: the second time it is known, and still said."""
    path = write(tmp_path, "holdings.csv", "holding_id,vehicle_id,name\n")
    for _ in range(2):
        (result,) = ingest(loaded, "acme", "capstan", [path])
        assert (result.read, result.status) == (0, "unchanged")
        assert result.reasons == ("holdings.csv has a header and no rows, so there was nothing to load",)


def test_the_three_formats_of_a_stream_are_the_same_rows(loaded: Database, tmp_path: Path) -> None:
    rows = [
        {"transaction_id": "T1", "vehicle_id": "V1", "investor_id": "I1", "kind": "contribution",
         "amount": 100.1, "currency_code": "EUR", "effective_on": "2020-01-31"},
        {"transaction_id": "T3", "vehicle_id": "V2", "investor_id": None, "kind": "expense", "amount": 5,
         "currency_code": "EUR", "effective_on": "2020-02-01"},
    ]  # fmt: skip
    lines = write(tmp_path, "transactions.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    connection = duckdb.connect()
    parquet = tmp_path / "transactions.parquet"
    connection.sql(
        f"select * replace (amount::decimal(9, 2) as amount, effective_on::date as effective_on) "
        f"from read_json('{lines}')"
    ).write_parquet(str(parquet))
    for path in (lines, parquet):
        assert counts(ingest(loaded, "acme", "capstan", [path])[0]) == (2, 0, 2, 0, "unchanged")


def test_a_correction_is_a_new_version_and_the_old_one_is_kept(loaded: Database, tmp_path: Path) -> None:
    path = write(
        tmp_path, "transactions_fix.csv", TRANSACTIONS.replace("100.10", "111.10").replace("200.20", "200.2")
    )
    assert counts(ingest(loaded, "acme", "capstan", [path])[0]) == (3, 1, 2, 0, "loaded")
    acme = get_tenant(loaded, "acme").tenant_id
    versions = query(
        loaded,
        "select amount::text, _superseded_at = 'infinity', "
        "_superseded_at = lead(_loaded_at) over (order by _loaded_at) "
        "from raw.capstan__transactions where tenant_id = %s and transaction_id = 'T1' order by _loaded_at",
        acme,
    )
    assert versions == [("100.10", False, True), ("111.10", True, None)]
    assert query(loaded, "select count(*) from raw.capstan__transactions where tenant_id <> %s", acme) == [
        (3,)
    ]


def test_going_back_to_earlier_content_is_a_load_of_its_own(
    loaded: Database, files: Path, tmp_path: Path
) -> None:
    first = ingest(loaded, "acme", "capstan", [files / "transactions.csv"])[0]
    fix = write(tmp_path, "transactions_fix.csv", TRANSACTIONS.replace("100.10", "111.10"))
    ingest(loaded, "acme", "capstan", [fix])
    again = ingest(loaded, "acme", "capstan", [files / "transactions.csv"])[0]
    assert counts(again) == (3, 1, 2, 0, "loaded")
    assert again.batch_id != first.batch_id
    current = query(
        loaded,
        "select amount from raw.capstan__transactions where tenant_id = %s and transaction_id = 'T1' "
        "and _superseded_at = 'infinity'",
        get_tenant(loaded, "acme").tenant_id,
    )
    assert [str(row[0]) for row in current] == ["100.10"]


def test_the_same_file_has_its_own_batch_in_each_tenant(loaded: Database) -> None:
    batches = query(
        loaded, "select tenant_id, batch_id, batch_seq from raw.batch order by tenant_id, batch_seq"
    )
    assert len({batch_id for _, batch_id, _ in batches}) == 6
    assert [seq for _, _, seq in batches] == [1, 2, 3, 1, 2, 3]


def test_batch_ids_do_not_depend_on_other_tenants(loaded: Database, cluster, files: Path, home: Path) -> None:  # type: ignore[no-untyped-def]
    from tests.conftest import clone

    with clone(cluster, home.parent / "alone") as alone:
        add_tenant(alone, "beta", name="beta", kind="manager", currency_code="EUR")
        results = ingest(alone, "beta", "capstan", [files])
        together = query(
            loaded,
            "select batch_id from raw.batch where tenant_id = %s order by batch_seq",
            get_tenant(loaded, "beta").tenant_id,
        )
    assert [(r.batch_id,) for r in results] == together


def test_provenance_leads_from_a_row_to_its_file_and_line(loaded: Database, files: Path) -> None:
    rows = query(
        loaded,
        "select t.transaction_id, t._row_number, t._source, b.file_name, b.file_sha256 "
        "from raw.capstan__transactions t "
        "join raw.batch b on b.tenant_id = t.tenant_id and b.batch_id = t._batch_id "
        "where t.tenant_id = %s order by 1",
        get_tenant(loaded, "acme").tenant_id,
    )
    assert [row[:4] for row in rows] == [
        ("T1", 1, "capstan", "transactions.csv"),
        ("T2", 2, "capstan", "transactions.csv"),
        ("T3", 3, "capstan", "transactions.csv"),
    ]
    digest = str(rows[0][4])
    landed = loaded.home / "landing" / "sha256" / digest[:2] / digest
    assert landed.read_bytes() == (files / "transactions.csv").read_bytes()


def test_the_lake_holds_what_the_raw_table_holds(loaded: Database, tmp_path: Path) -> None:
    fix = write(tmp_path, "transactions_fix.csv", TRANSACTIONS.replace("100.10", "111.10"))
    ingest(loaded, "acme", "capstan", [fix])
    lake = loaded.home / "lake" / "acme" / "capstan" / "transactions"
    with duckdb.connect() as reader:
        total = reader.execute(
            f"select sum(amount)::varchar from (select amount from read_parquet('{lake}/*.parquet') "
            "qualify row_number() over (partition by transaction_id order by _batch_seq desc) = 1)"
        ).fetchone()
    raw = query(
        loaded,
        "select sum(amount) from raw.capstan__transactions "
        "where tenant_id = %s and _superseded_at = 'infinity'",
        get_tenant(loaded, "acme").tenant_id,
    )
    assert total is not None
    assert float(total[0]) == float(str(raw[0][0])) == 316.3
    assert len(list(lake.glob("*.parquet"))) == 2


def test_blank_keys_of_valuations_are_kept_apart_from_each_other(loaded: Database, tmp_path: Path) -> None:
    text = (
        "vehicle_id,investor_id,holding_id,as_of,nav_amount,currency_code\n"
        "V1,,,2020-03-31,300,EUR\nV1,I1,,2020-03-31,100,EUR\nV1,I2,,2020-03-31,-1.5,EUR\n"
    )
    path = write(tmp_path, "valuations.csv", text)
    assert counts(ingest(loaded, "acme", "capstan", [path])[0]) == (3, 3, 0, 0, "loaded")
    assert counts(ingest(loaded, "acme", "capstan", [path])[0]) == (3, 0, 3, 0, "unchanged")
    keys = query(loaded, "select investor_id, holding_id from raw.capstan__valuations order by 1")
    assert keys == [("", ""), ("I1", ""), ("I2", "")]


def test_a_batch_says_how_its_expectations_were_met(loaded: Database) -> None:
    rows = query(loaded, "select validation -> 'expectations' from raw.batch where stream = 'transactions'")
    for (expectations,) in rows:
        assert isinstance(expectations, list) and len(expectations) > 10
        assert all(e["success"] and e["unexpected"] == 0 for e in expectations)


def test_rows_that_fail_the_expectations_never_load(
    loaded: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second opinion counts: with the row checks taken away, bad rows are stopped all the same."""
    from ingestion import batch
    from ingestion.checking.row_checks import Checked

    monkeypatch.setattr(batch, "check_rows", lambda frame, stream: Checked(frame, {}))
    path = write(tmp_path, "transactions.csv", TRANSACTIONS.replace("T3,V2,,expense,5", "T4,V2,,expense,-5"))
    result = ingest(loaded, "acme", "capstan", [path])[0]
    assert counts(result) == (0, 0, 0, 0, "rejected")
    assert "expect_column_values_to_be_between on amount (1 rows)" in result.reasons[0]
    assert query(loaded, "select count(*) from raw.capstan__transactions where transaction_id = 'T4'") == [
        (0,)
    ]


def test_platform_streams_belong_to_the_platform_and_no_others_do(loaded: Database, tmp_path: Path) -> None:
    rates = write(
        tmp_path, "fx_rates.csv",
        "base_currency_code,quote_currency_code,on_date,rate,source\nEUR,USD,2020-01-02,1.1193,ECB\n",
    )  # fmt: skip
    with pytest.raises(IngestionError, match="load it for 'platform', not 'acme'"):
        ingest(loaded, "acme", "capstan", [rates])
    with pytest.raises(IngestionError, match="holds fx_rates and index_levels only"):
        ingest(loaded, "platform", "capstan", [write(tmp_path, "vehicles.csv", VEHICLES)])
    assert counts(ingest(loaded, "platform", "capstan", [rates])[0]) == (1, 1, 0, 0, "loaded")


@pytest.mark.parametrize(
    ("source", "names", "options", "message"),
    [
        ("capstan", ["absent.csv"], {}, r"There is no file .*absent\.csv"),
        ("capstan", [], {}, r"No file was given"),
        ("capstan", ["other.csv"], {}, r"Which stream is in other\.csv\?.*Name the stream"),
        ("capstan", ["vehicles.csv"], {"stream": "vehicle"}, r"no stream 'vehicle'"),
        ("nobody", ["other.csv"], {}, r"no connector 'nobody'. Shipped are cash_flows, ecb"),
        ("No Body", ["vehicles.csv"], {}, r"source 'No Body' is not allowed"),
        ("x", ["vehicles.csv"], {"stream": "vehicles", "mappings": ["m.sql"]}, r"leave out either"),
        ("x", ["vehicles.csv"], {"mappings": ["absent.sql"]}, r"absent\.sql cannot be read"),
    ],
)
def test_wrong_usage_is_explained_and_loads_nothing(
    database: Database, files: Path, source: str, names: list[str], options: dict[str, object], message: str
) -> None:
    add_tenant(database, "acme", name="Acme", kind="manager", currency_code="EUR")
    write(files, "other.csv", "a\n1\n")
    with pytest.raises(IngestionError, match=message):
        ingest(database, "acme", source, [files / name for name in names], **options)  # type: ignore[arg-type]
    assert query(database, "select count(*) from raw.batch") == [(0,)]


def test_the_same_file_loaded_by_two_at_once_is_loaded_once(database: Database, files: Path) -> None:
    add_tenant(database, "acme", name="Acme", kind="manager", currency_code="EUR")
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: ingest(database, "acme", "capstan", [files]), range(2)))
    for one, other in zip(*both, strict=True):
        assert sorted((counts(one)[4], counts(other)[4])) == ["loaded", "unchanged"]
        assert one.batch_id == other.batch_id
    assert query(database, "select count(*) from raw.batch") == [(3,)]
    assert query(database, "select count(*) from raw.capstan__transactions") == [(3,)]


def test_an_unknown_tenant_is_refused(database: Database, files: Path) -> None:
    with pytest.raises(TenantNotFound):
        ingest(database, "nobody", "capstan", [files])


def test_a_mapping_file_loads_any_layout(loaded: Database, tmp_path: Path) -> None:
    mapping = write(
        tmp_path, "m.sql",
        "-- stream: investors\n-- delimiter: ;\n"
        'select _row_number, "Kürzel" as investor_id, "Name" as name from input',
    )  # fmt: skip
    path = write(tmp_path, "Anleger.csv", "Kürzel;Name\nX1;Müller\nX2;Özil\n")
    result = ingest(loaded, "acme", "sheet", [path], mappings=[mapping])[0]
    assert counts(result) == (2, 2, 0, 0, "loaded")
    assert query(loaded, "select name, _source from raw.capstan__investors where investor_id = 'X1'") == [
        ("Müller", "sheet")
    ]
    assert counts(ingest(loaded, "acme", "sheet", [path], mappings=[mapping])[0]) == (2, 0, 2, 0, "unchanged")
