"""Mappings: what they may say, that DuckDB gives them the file alone, and that rows stay traceable."""

from pathlib import Path

import duckdb
import pytest

from ingestion.connectors.shipped import connector_mappings, connector_names
from ingestion.errors import IngestionError, MappingError, UnreadableFileError
from ingestion.mapping import Mapped, Mapping, read_mapping, run_mapping
from ingestion.readers.open_file import read_file


@pytest.fixture
def mapping_of(tmp_path: Path):  # type: ignore[no-untyped-def]
    def write(text: str) -> Mapping:
        path = tmp_path / "m.sql"
        path.write_text(text, encoding="utf-8")
        return read_mapping(path)

    return write


def run(mapping: Mapping, data: str = "who,what\nann,1\nbob,2\n") -> Mapped:
    return run_mapping(mapping, read_file(data.encode(), "people.csv", mapping.options), "people.csv")


INVESTORS = "-- stream: investors\nselect _row_number, who as investor_id, what as name from input"


def test_a_mapping_yields_rows_with_the_row_number_of_the_input(mapping_of) -> None:  # type: ignore[no-untyped-def]
    mapped = run(mapping_of(INVESTORS + " where who = 'bob'"))
    assert mapped.table.frame.rows() == [(2, "bob", "2", 1)]
    assert mapped.silent_rows == 1


def test_several_rows_of_one_input_row_are_numbered_by_key(mapping_of) -> None:  # type: ignore[no-untyped-def]
    sql = (
        "-- stream: investors\n"
        "select _row_number, who || n as investor_id, 'x' as name from input, range(3, 0, -1) r(n)"
    )
    frame = run(mapping_of(sql)).table.frame
    assert frame.select("_row_number", "investor_id", "_row_part").rows() == [
        (1, "ann1", 1), (1, "ann2", 2), (1, "ann3", 3), (2, "bob1", 1), (2, "bob2", 2), (2, "bob3", 3),
    ]  # fmt: skip


def test_the_file_name_and_typed_values_arrive_as_canonical_text(mapping_of) -> None:  # type: ignore[no-untyped-def]
    sql = (
        "-- stream: views\nselect _row_number, _file_name as view_id, '' as user_agent, "
        "timestamptz '2024-01-31 09:30:00+01' as started_at, true as downloaded, [1, 2.5] as page_seconds, "
        "1.50::decimal(9, 2) as duration_seconds from input limit 1"
    )
    row = run(mapping_of(sql)).table.frame.row(0, named=True)
    assert row == {
        "_row_number": 1, "view_id": "people", "user_agent": None,
        "started_at": "2024-01-31T08:30:00.000000+00:00", "downloaded": "true", "page_seconds": "[1.0,2.5]",
        "duration_seconds": "1.50", "_row_part": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("select 1", r"must begin with a line `-- stream: NAME`"),
        ("-- format: csv\n-- stream: investors\nselect 1", r"must begin with a line `-- stream: NAME`"),
        ("-- stream: people\nselect 1", r"no stream 'people'. Streams are: vehicles"),
        ("-- stream: investors\n-- format: xml\nselect 1", r"format 'xml' is none of auto, csv"),
        ("-- stream: investors\n-- delimiter: ||\nselect 1", r"delimiter '\|\|' is not one character"),
        ("-- stream: investors\n-- header: maybe\nselect 1", r"header is 'maybe'; it is yes or no"),
        ("-- stream: investors\n-- columns: a, b\nselect 1", r"names columns; that needs `-- header: no`"),
        ("-- stream: investors\nselect 1; select 2", r"holds 2 statements; it must be exactly one select"),
        ("-- stream: investors\ncopy input to 'x.csv'", r"it must be exactly one select"),
        ("-- stream: investors\nselect from where", r"is not valid SQL: .*line 2 of 2"),
    ],
)
def test_a_text_that_is_no_mapping_is_refused_with_its_place(mapping_of, text: str, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(IngestionError, match=message):
        mapping_of(text)


def test_a_mapping_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match=r"absent\.sql cannot be read"):
        read_mapping(tmp_path / "absent.sql")


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        (
            "select _row_number, wo as investor_id, what as name from input",
            r'people\.csv: .*"wo".*line 2 of 2',
        ),
        ("select who as investor_id, what as name from input", r"does not yield _row_number"),
        (
            "select 99 as _row_number, who as investor_id, what as name from input",
            r"that is no row of people\.csv",
        ),
        ("select _row_number, who::integer as investor_id, what as name from input", r"people\.csv: .*ann"),
    ],
)
def test_a_mapping_that_does_not_fit_the_file_says_so(mapping_of, sql: str, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UnreadableFileError, match=message):
        run(mapping_of(f"-- stream: investors\n{sql}"))


@pytest.mark.parametrize(
    "attack",
    [
        "(select content from read_text('{secret}'))",
        "(select string_agg(column0) from read_csv('{secret}', header = false))",
        "(select string_agg(line) from '{secret}' t(line))",
        "(select file from glob('{folder}/*'))",
    ],
)
def test_a_mapping_reads_no_file_though_plain_duckdb_would(mapping_of, tmp_path: Path, attack: str) -> None:  # type: ignore[no-untyped-def]
    secret = tmp_path / "secret.csv"
    secret.write_text("hidden\nhidden\n")
    expression = attack.format(secret=secret, folder=tmp_path)
    unguarded = duckdb.connect(":memory:").execute(f"select {expression} as name").fetchone()
    assert unguarded is not None and ("hidden" in unguarded[0] or "secret" in unguarded[0])
    mapping = mapping_of(
        f"-- stream: investors\nselect _row_number, who as investor_id, {expression} as name from input"
    )
    with pytest.raises(UnreadableFileError, match=r"(?i)disabled|permission|external access"):
        run(mapping)


def test_a_mapping_sees_no_variable_of_the_process(mapping_of) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UnreadableFileError, match="mapping_of"):
        run(mapping_of("-- stream: investors\nselect 1 as _row_number, * from mapping_of"))


def test_every_shipped_mapping_is_valid_and_parents_come_first() -> None:
    assert set(connector_names()) == {"cash_flows", "ecb", "maven", "snowplow", "sp500_shiller", "stripe"}
    order = {name: [m.stream.name for m in connector_mappings(name)] for name in connector_names()}
    assert order["maven"] == ["vehicles", "investors", "stage_events"]
    assert order["stripe"] == ["vehicles", "investors", "commitments", "payments"]
    assert order["snowplow"] == ["vehicles", "deal_rooms", "documents", "views"]


def charge(**changes: object) -> str:
    import json

    return json.dumps(
        {
            "object": "charge", "id": "ch_1", "amount": 1099, "amount_refunded": 0, "currency": "usd",
            "captured": True, "refunded": False, "status": "succeeded", "created": 1700000000,
            "metadata": {"commitment_id": "C1"}, **changes,
        }
    )  # fmt: skip


@pytest.mark.parametrize(
    ("document", "rows"),
    [
        (charge(), [("ch_1", "C1", "10.990", "USD", "succeeded")]),
        (charge(currency="jpy"), [("ch_1", "C1", "1099.000", "JPY", "succeeded")]),
        (charge(currency="kwd"), [("ch_1", "C1", "1.099", "KWD", "succeeded")]),
        (charge(status="failed"), [("ch_1", "C1", "10.990", "USD", "failed")]),
        (charge(captured=False), [("ch_1", "C1", "10.990", "USD", "pending")]),
        (
            charge(refunded=True, amount_refunded=1099),
            [
                ("ch_1", "C1", "10.990", "USD", "succeeded"),
                ("ch_1:refunded", "C1", "10.990", "USD", "refunded"),
            ],
        ),
        (
            charge(refunded=True, captured=False, amount_refunded=1099),
            [("ch_1", "C1", "0.000", "USD", "refunded")],
        ),
        (
            charge(amount_refunded=99),
            [
                ("ch_1", "C1", "10.990", "USD", "succeeded"),
                ("ch_1:refunded", "C1", "0.990", "USD", "refunded"),
            ],
        ),
        (charge(metadata={}), [("ch_1", "stripe-ch_1", "10.990", "USD", "succeeded")]),
        (f'{{"object": "list", "data": [{charge()}, {charge(id="ch_2")}]}}', [
            ("ch_1", "C1", "10.990", "USD", "succeeded"), ("ch_2", "C1", "10.990", "USD", "succeeded"),
        ]),
        (
            f'{{"object": "event", "data": {{"object": {charge()}}}}}',
            [("ch_1", "C1", "10.990", "USD", "succeeded")],
        ),
        ('{"object": "invoice", "id": "in_1"}', []),
    ],
)  # fmt: skip
def test_stripe_charges_become_payments_in_major_units(document: str, rows: list[tuple[str, ...]]) -> None:
    payments = next(m for m in connector_mappings("stripe") if m.stream.name == "payments")
    mapped = run_mapping(payments, read_file(document.encode(), "s.json", payments.options), "s.json")
    names = ("payment_id", "commitment_id", "amount", "currency_code", "status")
    assert mapped.table.frame.select(names).rows() == rows
