"""Reading: both CSV parsers agree, formats agree, and what cannot be read is said with its place."""

import io
import json
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.errors import UnreadableFileError
from ingestion.readers import csv_file
from ingestion.readers.open_file import read_file
from ingestion.readers.options import ReadOptions
from ingestion.readers.table import TextTable


def read(data: bytes | str, name: str = "a.csv", **options: object) -> TextTable:
    raw = data.encode("utf-8") if isinstance(data, str) else data
    return read_file(raw, name, ReadOptions(**options))  # type: ignore[arg-type]


def cells(table: TextTable) -> list[tuple[object, ...]]:
    return table.frame.rows()


CELL = st.text(alphabet=st.sampled_from('ab ,;"\n\r\té€'), max_size=6)


@given(st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=6), st.sampled_from(["\n", "\r\n"]))
@settings(max_examples=150, deadline=None)
def test_any_table_written_as_csv_is_read_back_by_both_parsers(rows: list[tuple[str, ...]], end: str) -> None:
    """The fast parser is trusted only where it gives what the careful one gives."""
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    body = ("x,y,z" + end + end.join(quoted) + end).encode("utf-8")
    fast = read(body)
    careful = csv_file._read_carefully(
        body[body.index(end.encode()) + len(end) :], ["x", "y", "z"], "a.csv", ","
    )
    wanted = [(i, *(cell or None for cell in row)) for i, row in enumerate(rows, start=1)]
    assert cells(fast) == wanted
    assert cells(careful) == wanted


@pytest.mark.parametrize(
    ("data", "rows"),
    [
        ("\ufeffa,b\n1,ʤ\n", [(1, "1", "ʤ")]),
        ("a,b\n1,2\n".encode("utf-16"), [(1, "1", "2")]),
        ("a,b\n1,é\n".encode("utf-16-be"), None),
        (b"\xfe\xff" + "a,b\n1,é\n".encode("utf-16-be"), [(1, "1", "é")]),
        ("a,b\r1,2\r3,4", [(1, "1", "2"), (2, "3", "4")]),
        ("a,b\n1,2\n\n\n3,\n", [(1, "1", "2"), (2, "3", None)]),
        ('a,b\n1,"x, ""y""\nz"\n', [(1, "1", 'x, "y"\nz')]),
        ('a,b\n1,12" pipe\n', [(1, "1", '12" pipe')]),
        ("a,b\n", []),
    ],
)
def test_encodings_line_ends_and_quotes(data: bytes | str, rows: list[tuple[object, ...]] | None) -> None:
    if rows is None:
        with pytest.raises(UnreadableFileError, match="UTF-16 or UTF-32 without a byte order mark"):
            read(data)
    else:
        assert cells(read(data)) == rows


@pytest.mark.parametrize(
    ("data", "name", "message"),
    [
        (b"", "a.csv", r"a\.csv is empty \(0 bytes\)"),
        (b"\n \n", "a.csv", r"a\.csv is empty"),
        ("a,b\nx,é\n".encode("latin-1"), "a.csv", r"line 2, field 2 has the byte 0xE9.*Save it as UTF-8"),
        (b"a,b,a\n1,2,3\n", "a.csv", r"'a' twice \(fields 1 and 3\)"),
        (b'a,b\n1,2\n3,"4\n5,6\n', "a.csv", r"opened in row 2, column b, and never closed"),
        (b'a,"b\n1,2\n', "a.csv", r"header cannot be read"),
        (b"\x1f\x8b123", "a.csv.gz", r"compressed with gzip"),
        (b"PK\x03\x04123", "a.xlsx", r"Excel workbook.*Save the sheet as CSV"),
        (b"PAR1 and no more", "a.parquet", r"cannot be read as Parquet.*truncated: it has 16 bytes"),
        (b"nothing of the kind", "a.parquet", r"cannot be read as Parquet"),
        (b"{not json", "a.json", r"a\.json is not JSON: line 1, column 2"),
        (b'{"a": 1, "a": 2}', "a.json", r"the name 'a' stands twice"),
    ],
)
def test_a_file_that_cannot_be_read_says_where_and_what_to_do(data: bytes, name: str, message: str) -> None:
    with pytest.raises(UnreadableFileError, match=message):
        read(data, name)


def test_rows_that_cannot_be_read_are_kept_apart_with_their_text() -> None:
    table = read(b'a,b,c\n1,2,3\n4,5\n6,7,8,9\n"x"y,1,2\nn\x00l,1,2\n10,11,12\n')
    assert cells(table) == [(1, "1", "2", "3"), (6, "10", "11", "12")]
    assert [(row.row_number, row.original) for row in table.unreadable] == [
        (2, "4,5"), (3, "6,7,8,9"), (4, '"x"y,1,2'), (5, "n\u2400l,1,2"),
    ]  # fmt: skip
    assert "it has 2 fields, the header has 3" in table.unreadable[0].reason.reason
    assert table.unreadable[3].reason.column == "a"
    assert table.rows == 6


def test_a_field_of_100_megabytes_is_one_cell() -> None:
    big = b"x" * 100_000_000
    table = read(b"a,b\n1," + big + b"\n2,y\n")
    assert table.frame.get_column("b").str.len_bytes().to_list() == [100_000_000, 1]


def test_a_bad_line_of_json_lines_does_not_harm_the_others() -> None:
    table = read(
        '{"a": 1.10, "b": null}\n{"a": \n[1]\n{"a": "x", "c": [1, 2.50]}\n{"a": "\\ud800"}\n', "a.jsonl"
    )
    assert table.columns == ["a", "b", "c"]
    assert cells(table) == [(1, "1.10", None, None), (4, "x", None, "[1,2.50]")]
    assert [row.row_number for row in table.unreadable] == [2, 3, 5]


def test_numbers_keep_their_digits_in_every_format() -> None:
    """No float comes between: 0.1 stays 0.1, and 20 digits stay 20 digits."""
    digits = "12345678901234567.123"
    assert cells(read(f"a\n{digits}\n"))[0][1] == digits
    assert cells(read(f'{{"a": {digits}}}\n', "a.jsonl"))[0][1] == digits
    assert cells(read('{"a": 1.5e3}\n', "a.jsonl"))[0][1] == "1500"
    buffer = io.BytesIO()
    pl.DataFrame({"a": [Decimal(digits)], "f": [1e-7]}).write_parquet(buffer)
    row = cells(read(buffer.getvalue(), "a.parquet"))[0]
    assert row[1:] == (digits, "0.0000001")


def test_parquet_times_become_canonical_text() -> None:
    frame = pl.DataFrame(
        {
            "day": ["2024-01-31"],
            "midnight": ["2024-01-31 00:00:00"],
            "naive": ["2024-01-31 09:30:00"],
            "aware": ["2024-01-31 09:30:00"],
            "flag": [True],
            "list": [[1.5, 2.0]],
        }
    ).with_columns(
        pl.col("day").str.to_date(),
        pl.col("midnight", "naive").str.to_datetime(),
        pl.col("aware").str.to_datetime().dt.replace_time_zone("Europe/Berlin"),
    )
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    assert cells(read(buffer.getvalue(), "a.parquet"))[0][1:] == (
        "2024-01-31", "2024-01-31", "2024-01-31T09:30:00.000000", "2024-01-31T08:30:00.000000+00:00", "true",
        "[1.5, 2.0]",
    )  # fmt: skip


@pytest.mark.parametrize("cut", [10, 200, 400])
def test_a_truncated_parquet_file_is_refused_not_half_read(cut: int) -> None:
    buffer = io.BytesIO()
    pl.DataFrame({"a": [str(i) for i in range(1000)]}).write_parquet(buffer)
    with pytest.raises(UnreadableFileError, match=r"a\.parquet"):
        read(buffer.getvalue()[:-cut], "a.parquet")


def test_a_document_is_kept_whole() -> None:
    text = '{"b": {"n": 1.50, "s": "é\\n"}, "a": [true, null]}'
    table = read(text, "a.json", format="document")
    assert table.columns == ["document"]
    assert json.loads(str(cells(table)[0][1]), parse_float=str) == json.loads(text, parse_float=str)


def test_another_delimiter_and_no_header_are_read_when_said() -> None:
    assert cells(read("1;2,5\n3;4\n", delimiter=";", header=False, columns=("x", "y"))) == [
        (1, "1", "2,5"), (2, "3", "4"),
    ]  # fmt: skip
    assert read("1;2\n", delimiter=";", header=False).columns == ["column_1", "column_2"]
    with pytest.raises(UnreadableFileError, match=r"has 2 fields, expected are 1 \(x\)"):
        read("1;2\n", delimiter=";", header=False, columns=("x",))
