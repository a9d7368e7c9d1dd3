"""What commands print: exact, complete, and without secrets."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from capstan.cli import explained, main, without_secrets
from capstan.errors import CapstanError
from capstan.terminal import as_json, as_text, emit_records, emit_table


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1.50"), "1.50"),
        (Decimal("1E+3"), "1000"),
        (Decimal("NaN"), '"NaN"'),
        (float("inf"), '"inf"'),
        (None, "null"),
        (True, "true"),
        (date(2026, 9, 30), '"2026-09-30"'),
        (datetime(2026, 9, 30, 12, tzinfo=UTC), '"2026-09-30T12:00:00+00:00"'),
        ({"a": [1, "ø"]}, '{"a": [1, "ø"]}'),
        (b"\x01\xff", '"\\\\x01ff"'),
    ],
)
def test_every_value_becomes_json_without_losing_a_digit(value: object, text: str) -> None:
    assert as_json(value) == text
    json.loads(as_json(value))


@pytest.mark.parametrize(
    "words",
    [
        ["query", "alder", "--as", "a@alder.example", "select 'Z\udcfcrich'"],
        ["ingest", "alder", "capstan", "Z\udcfcrich.csv"],
        ["Z\udcfcrich"],
    ],
)
def test_an_argument_that_is_not_utf_8_is_named_as_such(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    said = capsys.readouterr()
    assert f"argument {len(words)} is not UTF-8: b" in said.err and "Z\\xfcrich" in said.err
    assert said.out == ""


def test_a_long_amount_keeps_its_digits() -> None:
    amount = Decimal("12345678901234567890.123456789")
    assert json.loads(as_json({"a": amount}), parse_float=Decimal) == {"a": amount}
    assert as_text(amount) == "12345678901234567890.123456789"


def test_columns_of_the_same_name_are_all_there(capsys: pytest.CaptureFixture[str]) -> None:
    emit_records(["a", "a", "b"], [(1, 2, 3)])
    assert json.loads(capsys.readouterr().out) == [{"a": 1, "a_2": 2, "b": 3}]


def test_a_table_cuts_no_value_and_keeps_one_line_a_row(capsys: pytest.CaptureFixture[str]) -> None:
    long = "x" * 300
    emit_table(("n", "text"), [(1, long), (22, "two\nlines")])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert lines[2] == f" 1  {long}" and lines[3] == "22  two\\nlines"


@pytest.mark.parametrize(
    "text",
    [
        "could not connect to postgresql://ann:hunter2@db.example/capstan",
        "conninfo: host=db password=hunter2 user=ann",
        "conninfo: host=db password='hunter2' user=ann",
    ],
)
def test_passwords_are_blotted_out(text: str) -> None:
    assert "hunter2" not in without_secrets(text)
    assert "ann" in without_secrets(text)


def test_our_own_errors_speak_for_themselves_and_others_get_a_next_step() -> None:
    assert explained(CapstanError("this is why")) == "this is why"
    assert "No such file" in explained(FileNotFoundError(2, "No such file or directory", "x.csv"))
    assert "CAPSTAN_DEBUG=1" in explained(ZeroDivisionError("division by zero"))
