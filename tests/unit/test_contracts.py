"""The contracts agree with what was published and with the dbt source file, and refuse with reasons."""

import re
from pathlib import Path

import polars as pl
import pytest

from ingestion.checking import digest
from ingestion.checking.digest import ROW_HASH, with_row_hash
from ingestion.checking.row_checks import check_rows
from ingestion.contracts import dbt_sources
from ingestion.contracts.model import Stream
from ingestion.contracts.registry import STREAMS, load_rank, stream_named
from ingestion.errors import UnknownStreamError
from ingestion.expectations import validate

REPOSITORY = Path(__file__).resolve().parents[2]
GOOD = {
    "vehicles": {"vehicle_id": "V1", "name": "F", "kind": "fund", "currency_code": "EUR", "status": "active"},
    "transactions": {
        "transaction_id": "T1", "vehicle_id": "V1", "kind": "contribution", "amount": "10.50",
        "currency_code": "EUR", "effective_on": "2024-01-31",
    },
    "views": {
        "view_id": "W1", "document_id": "D1", "started_at": "2024-01-31T09:30:00Z",
        "duration_seconds": "12.5",
    },
    "allocations": {
        "allocation_id": "A1", "vehicle_id": "V1", "investor_id": "L1", "line": "management_fees",
        "amount": "-187500", "currency_code": "USD", "effective_on": "2026-09-30",
    },
    "vehicle_terms": {
        "vehicle_id": "V1", "management_fee_rate": "0.02", "management_fee_base": "committed",
        "carry_rate": "0.2", "hurdle_rate": "0.08", "life_years": "10",
    },
}  # fmt: skip


def frame_of(stream: Stream, *rows: dict[str, str | None]) -> pl.DataFrame:
    data = {name: [row.get(name) for row in rows] for name in stream.column_names}
    frame = pl.DataFrame(data, schema=dict.fromkeys(stream.column_names, pl.String))
    return frame.insert_column(0, pl.Series("_row_number", range(1, len(rows) + 1), dtype=pl.Int64))


def reasons_for(stream_name: str, **changes: str | None) -> list[tuple[str, str]]:
    stream = stream_named(stream_name)
    checked = check_rows(frame_of(stream, {**GOOD[stream_name], **changes}), stream)
    return [(reason.column, reason.reason) for reasons in checked.refused.values() for reason in reasons]


def test_the_dbt_source_file_is_what_the_contracts_say() -> None:
    assert (REPOSITORY / dbt_sources.PATH).read_text(encoding="utf-8") == dbt_sources.render()


def test_every_stream_is_loaded_after_the_streams_it_refers_to() -> None:
    for stream in STREAMS:
        for reference in stream.references:
            assert load_rank(reference.stream) < load_rank(stream.name)
            assert reference.target in stream_named(reference.stream).column_names
            assert reference.column in stream.column_names


def test_an_unknown_stream_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(UnknownStreamError, match=r"'vehicle'.*vehicles, investors"):
        stream_named("vehicle")


@pytest.mark.shared
def test_streams_have_the_columns_that_were_published(shared_data: Path) -> None:
    text = (shared_data.parent / "CONTRACTS.md").read_text(encoding="utf-8")
    section = text.split("## 1.")[1].split("## 2.")[0]
    published = {}
    for line in section.splitlines():
        match = re.match(r"\| `(\w+)`(?: \(platform\))? \| (.*) \|$", line)
        if match:
            cells = re.sub(r"\(.*?\)", "", match[2]).split(",")
            published[match[1]] = [(c.strip().strip("*"), c.strip().startswith("*")) for c in cells]
    assert {stream.name for stream in STREAMS} - set(published) == {"allocations", "vehicle_terms"}
    for name, columns in published.items():
        stream = stream_named(name)
        ours = [(c.name, c.nullable) for c in stream.columns]
        assert ours[: len(columns)] == columns, name
        assert all(c.nullable and c.is_addition for c in stream.columns[len(columns) :]), name


@pytest.mark.parametrize("stream_name", GOOD)
def test_a_good_row_has_no_reason_against_it(stream_name: str) -> None:
    assert reasons_for(stream_name) == []


@pytest.mark.parametrize(
    ("stream_name", "column", "value", "reason"),
    [
        ("transactions", "amount", None, "is blank, but required"),
        ("transactions", "amount", "1,234.56", "without thousands separators"),
        ("transactions", "amount", "12,50", "has a comma"),
        ("transactions", "amount", "$120", "currency sign"),
        ("transactions", "amount", " 12", "blanks around"),
        ("transactions", "amount", "1e5", "exponent"),
        ("transactions", "amount", "NaN", "not a plain decimal"),
        ("transactions", "amount", "-5", "is below 0"),
        ("transactions", "currency_code", "eur", "three capital letters"),
        ("transactions", "effective_on", "31/01/2024", "YYYY-MM-DD"),
        ("transactions", "effective_on", "2024-1-31", "YYYY-MM-DD"),
        ("transactions", "effective_on", "2023-02-29", "no day of the calendar"),
        ("transactions", "due_on", "9999-12-31", "a placeholder?"),
        ("transactions", "kind", "call", "it is one of contribution"),
        ("transactions", "purpose", "income", "not allowed for kind contribution"),
        ("transactions", "recallable", "yes", "neither true nor false"),
        ("transactions", "category", "bank_fees", "not allowed for kind contribution"),
        ("transactions", "category", "bank fees", "it is one of deemed_contribution"),
        ("transactions", "facility_drawn_on", "2024-02-30", "no day of the calendar"),
        ("allocations", "line", "ending_nav", "it is one of offering_costs"),
        ("allocations", "offset_rate", "80", "is above 1"),
        ("vehicle_terms", "management_fee_rate", "2", "is above 1"),
        ("vehicle_terms", "management_fee_base", "commitment", "it is one of committed"),
        ("vehicle_terms", "hurdle_compounding", "yearly", "it is one of exponential"),
        ("vehicle_terms", "life_years", "0", "is below 1"),
        ("allocations", "investor_id", " L1", "blanks around"),
        ("transactions", "transaction_id", "x" * 256, "is too long: 256 characters"),
        ("transactions", "description", "a\x01b", "control character"),
        ("vehicles", "vintage_year", "20155", "is above 2100"),
        ("vehicles", "vintage_year", "2015.5", "not a whole number"),
        ("views", "started_at", "2024-01-31T09:30:00", "no offset"),
        ("views", "started_at", "2024-01-31", "not an ISO 8601 instant"),
        ("views", "started_at", "2024-02-30T09:30:00Z", "no moment of the calendar"),
        ("views", "page_seconds", "12;3", "a JSON list of seconds"),
    ],
)
def test_a_bad_value_is_refused_with_its_column_and_what_is_allowed(
    stream_name: str, column: str, value: str | None, reason: str
) -> None:
    found = reasons_for(stream_name, **{column: value})
    assert [name for name, _ in found] == [column]
    assert reason in found[0][1]


def test_every_reason_of_a_row_is_collected_not_only_the_first() -> None:
    found = reasons_for("transactions", amount="x", effective_on="y", kind="z", currency_code=None)
    assert [column for column, _ in found] == ["kind", "amount", "currency_code", "effective_on"]


@pytest.mark.parametrize(
    ("stream_name", "column", "spellings"),
    [
        ("transactions", "amount", ["10.50", "10.5", "010.500"]),
        ("transactions", "amount", ["0", "0.00", "-0", "00"]),
        ("vehicles", "vintage_year", ["2015", "2015.0"]),
        ("views", "started_at", ["2024-01-31T09:30:00Z", "2024-01-31 10:30:00+01:00", "2024-01-31T09:30Z"]),
        ("views", "started_at", ["2024-01-31T09:30:00.5Z", "2024-01-31T09:30:00.500000+0000"]),
        ("views", "page_seconds", ["[1, 2.5]", "[1,2.5]"]),
        ("views", "downloaded", ["true", "True", "TRUE"]),
    ],
)
def test_one_value_written_in_several_ways_has_one_digest(
    stream_name: str, column: str, spellings: list[str]
) -> None:
    stream = stream_named(stream_name)
    frame = frame_of(stream, *({**GOOD[stream_name], column: spelling} for spelling in spellings))
    assert check_rows(frame, stream).refused == {}
    assert with_row_hash(frame, stream).get_column(ROW_HASH).n_unique() == 1


def test_values_in_other_columns_have_other_digests() -> None:
    stream = stream_named("investors")
    frame = frame_of(
        stream,
        {"investor_id": "I", "name": "A", "firm": "B"},
        {"investor_id": "I", "name": "A", "email": "B"},
        {"investor_id": "I", "name": "AB"},
    )
    assert with_row_hash(frame, stream).get_column(ROW_HASH).n_unique() == 3


EARLIER_DIGEST = "606579d0b5759c8f41228690679f1f51"


@pytest.mark.parametrize("few", [0, 5_000], ids=["with DuckDB", "one by one"])
def test_a_column_that_came_later_leaves_digests_of_rows_without_it_as_they_were(
    monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    """A home that was loaded before the upgrade would otherwise take every row of the same file for a change.

    The digest was computed before the columns category and facility_drawn_on existed.
    """
    monkeypatch.setattr(digest, "FEW", few)
    stream = stream_named("transactions")
    row = {**GOOD["transactions"], "purpose": "investments", "outside_commitment": "FALSE"}
    frame = frame_of(
        stream,
        row,
        {**row, "description": "x"},
        {**row, "facility_drawn_on": "2024-01-05"},
        {**row, "category": "deemed_contribution"},
    )
    digests = with_row_hash(frame, stream).get_column(ROW_HASH).to_list()
    assert digests[0] == EARLIER_DIGEST
    assert len(set(digests)) == 4


def test_few_and_many_rows_have_the_same_digests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small batches are digested without DuckDB; a file must not change because it grew."""
    stream = stream_named("transactions")
    frame = frame_of(
        stream,
        GOOD["transactions"],
        {**GOOD["transactions"], "description": "Größe"},
        {**GOOD["transactions"], "category": "deemed_contribution"},
    )
    few = with_row_hash(frame, stream)
    monkeypatch.setattr(digest, "FEW", 0)
    assert with_row_hash(frame, stream).equals(few)


def test_expectations_hold_for_good_rows_and_fail_for_bad_ones() -> None:
    stream = stream_named("transactions")
    good = frame_of(stream, GOOD["transactions"]).drop("_row_number")
    assert all(result.success for result in validate(stream, good))
    bad = frame_of(
        stream,
        GOOD["transactions"],
        {**GOOD["transactions"], "kind": "call", "amount": "-1", "vehicle_id": None},
    )
    failed = {
        (r.expectation, r.column): r.unexpected
        for r in validate(stream, bad.drop("_row_number"))
        if not r.success
    }
    assert failed == {
        ("expect_column_values_to_be_in_set", "kind"): 1,
        ("expect_column_values_to_be_between", "amount"): 1,
        ("expect_column_values_to_not_be_null", "vehicle_id"): 1,
        ("expect_column_values_to_be_unique", "transaction_id"): 2,
    }


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.name)
def test_every_stream_has_expectations_that_an_empty_batch_meets(stream: Stream) -> None:
    results = validate(stream, frame_of(stream).drop("_row_number"))
    assert len(results) >= 3
    assert all(result.success for result in results)


def test_a_kind_without_categories_takes_none() -> None:
    assert reasons_for("transactions", kind="payment", category="custody") == [
        ("category", "is not allowed for kind payment; leave it blank")
    ]
