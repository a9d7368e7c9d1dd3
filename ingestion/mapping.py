"""Mappings: one DuckDB select over `input` that yields the rows of one stream.

A mapping file begins with comment lines of the form `-- name: value`:

    -- stream: NAME                the stream it yields; required, and first
    -- format: csv|jsonl|json|document|parquet
    -- delimiter: ;                one character, or the word tab
    -- header: yes|no              whether the first record names the columns
    -- columns: date, amount       the names of the columns of a file without a header
    -- prelude: _NAME.sql          a select in a file beside it that several mappings share: the relation NAME

`input` has the file's columns, all text, and `_row_number` and `_file_name` (without its ending). DuckDB
runs the select in memory, without files, network, extensions or settings.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import get_args

import duckdb
import polars as pl

from ingestion.contracts.model import Stream
from ingestion.contracts.registry import stream_named
from ingestion.errors import MappingError, UnreadableFileError
from ingestion.readers.options import Format, ReadOptions
from ingestion.readers.table import ROW_NUMBER, TextTable

ROW_PART = "_row_part"
DIRECTIVE = re.compile(r"--\s*([a-z]+)\s*:\s*(.*?)\s*$")
PRELUDE = re.compile(r"_([a-z][a-z0-9_]*)\.sql")
KNOWN = ("stream", "format", "delimiter", "header", "columns", "prelude")


@dataclass(frozen=True)
class Prelude:
    """A select over `input` that a mapping reads as `relation`; its text is part of the mapping's digest."""

    name: str
    relation: str
    sql: str


@dataclass(frozen=True)
class Mapping:
    """A mapping that was read and whose SQL is one select."""

    name: str
    stream: Stream
    options: ReadOptions
    sql: str
    sha256: str
    prelude: Prelude | None = None


@dataclass(frozen=True)
class Mapped:
    """Args:
    table: the rows that the select yields, as text, with `_row_number` of the input row.
    silent_rows: how many input rows yield no row.
    """

    table: TextTable
    silent_rows: int


def read_mapping(path: Path) -> Mapping:
    """A mapping file; raises `MappingError` naming the line or the position in the SQL."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise MappingError(f"The mapping {path} cannot be read: {error}.") from error
    directives = _directives(text, path)
    if "stream" not in directives or not re.match(r"--\s*stream\s*:", text):
        raise MappingError(f"The mapping {path} must begin with a line `-- stream: NAME`.")
    options = _options(directives, path)
    stream = stream_named(directives["stream"])
    _require_one_select(text, f"The mapping {path}")
    digest = hashlib.sha256(text.encode("utf-8"))
    prelude = _prelude(directives["prelude"], path) if "prelude" in directives else None
    if prelude is not None:
        digest.update(hashlib.sha256(prelude.sql.encode("utf-8")).digest())
    return Mapping(path.name, stream, options, text, digest.hexdigest(), prelude)


def _prelude(name: str, path: Path) -> Prelude:
    """The file that a mapping names; only one beside it can be named, whatever the name holds."""
    match = PRELUDE.fullmatch(name)
    if match is None:
        raise MappingError(
            f"The mapping {path} names the prelude {name!r}; it must be a file of the same folder, named "
            f"with an underscore, then small letters, digits and underscores, and .sql, such as _charges.sql."
        )
    file = path.with_name(name)
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise MappingError(f"The prelude {file} of the mapping {path} cannot be read: {error}.") from error
    _require_one_select(text, f"The prelude {file}")
    return Prelude(name, match[1], text)


def _require_one_select(text: str, what: str) -> None:
    try:
        statements = duckdb.extract_statements(text)
    except duckdb.Error as error:
        raise MappingError(f"{what} is not valid SQL: {_with_position(error, text)}") from error
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise MappingError(
            f"{what} holds {len(statements)} statements; it must be exactly one select from input."
        )


def _directives(text: str, path: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        match = DIRECTIVE.match(line)
        if match and match[1] in KNOWN:
            if match[1] in found:
                raise MappingError(f"The mapping {path} says `-- {match[1]}:` twice.")
            found[match[1]] = match[2]
    return found


def _options(directives: dict[str, str], path: Path) -> ReadOptions:
    kind = directives.get("format", "auto")
    if kind not in get_args(Format):
        raise MappingError(f"The mapping {path}: format {kind!r} is none of {', '.join(get_args(Format))}.")
    delimiter = directives.get("delimiter", ",")
    delimiter = "\t" if delimiter == "tab" else delimiter
    if len(delimiter.encode()) != 1:
        raise MappingError(
            f"The mapping {path}: the delimiter {delimiter!r} is not one character (or `tab`)."
        )
    header = directives.get("header", "yes")
    if header not in ("yes", "no"):
        raise MappingError(f"The mapping {path}: header is {header!r}; it is yes or no.")
    columns = tuple(name.strip() for name in directives.get("columns", "").split(",") if name.strip())
    if columns and header == "yes":
        raise MappingError(f"The mapping {path} names columns; that needs `-- header: no`.")
    return ReadOptions(kind, delimiter, header == "yes", columns)  # type: ignore[arg-type]


def run_mapping(mapping: Mapping, table: TextTable, file_name: str) -> Mapped:
    """The rows of the mapping over one file; raises `UnreadableFileError` when it does not fit the file."""
    _check_names(table.columns, mapping, file_name)
    source = table.frame.with_columns(pl.lit(PurePath(file_name).stem).alias("_file_name"))
    connection = duckdb.connect(
        ":memory:",
        config={"python_enable_replacements": "false", "threads": "2", "memory_limit": "4GB"},
    )
    try:
        connection.execute("set timezone = 'UTC'")
        connection.register("_source", source.to_arrow())
        connection.execute("create table input as select * from _source")
        connection.unregister("_source")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        if mapping.prelude is not None:
            _run_prelude(mapping.prelude, mapping, connection, file_name)
        try:
            connection.execute(f"explain {mapping.sql}").fetchall()  # its errors name the line
            relation = connection.sql(mapping.sql)
            names, types = relation.columns, [str(kind) for kind in relation.types]
            _check_columns(names, mapping, file_name)
            frame = relation.select(
                *(duckdb.SQLExpression(_as_text(n, t)) for n, t in zip(names, types, strict=True))
            ).pl()
        except duckdb.Error as error:
            raise UnreadableFileError(
                f"The mapping {mapping.name} cannot be applied to {file_name}: "
                f"{_with_position(error, mapping.sql)}{_advice(error)}"
            ) from error
    finally:
        connection.close()
    numbers = frame.get_column(ROW_NUMBER)
    known = table.frame.get_column(ROW_NUMBER)
    if numbers.null_count() or not numbers.is_in(known.implode()).all():
        raise UnreadableFileError(
            f"The mapping {mapping.name} yields a _row_number that is no row of {file_name}; "
            f"it must pass the one of input on."
        )
    frame = _number_parts(frame, mapping.stream)
    silent = known.len() - numbers.n_unique()
    return Mapped(TextTable(frame, table.unreadable), silent)


def _run_prelude(
    prelude: Prelude, mapping: Mapping, connection: duckdb.DuckDBPyConnection, file_name: str
) -> None:
    try:
        connection.execute(f"explain {prelude.sql}").fetchall()
        connection.sql(prelude.sql).create(prelude.relation)
    except duckdb.Error as error:
        raise UnreadableFileError(
            f"The prelude {prelude.name} of the mapping {mapping.name} cannot be applied to {file_name}: "
            f"{_with_position(error, prelude.sql)}{_advice(error)}"
        ) from error


def _check_names(columns: list[str], mapping: Mapping, file_name: str) -> None:
    """SQL tells names in capitals and small letters apart no more than it does `_file_name` from a column."""
    seen: dict[str, str] = {ROW_NUMBER: "that of the row's number", "_file_name": "that of the file's name"}
    for name in columns:
        other = seen.setdefault(name.lower(), repr(name))
        if other != repr(name):
            raise UnreadableFileError(
                f"{file_name}: its column {name!r} has the same name for SQL as {other}, so the mapping "
                f"{mapping.name} could not tell them apart. Rename one.",
                row=0,
                column=name,
            )


def _check_columns(names: list[str], mapping: Mapping, file_name: str) -> None:
    if ROW_NUMBER not in names:
        raise UnreadableFileError(
            f"The mapping {mapping.name} does not yield _row_number, so its rows cannot be traced to "
            f"{file_name}. "
            f"Add _row_number to its select."
        )


def _as_text(name: str, kind: str) -> str:
    quoted = '"' + name.replace('"', '""') + '"'
    if name == ROW_NUMBER:
        return f"{quoted}::bigint as {quoted}"
    if kind == "TIMESTAMP WITH TIME ZONE":
        text = f"strftime({quoted} at time zone 'UTC', '%Y-%m-%dT%H:%M:%S.%f+00:00')"
    elif kind.endswith("[]") or kind.startswith(("STRUCT", "MAP")):
        text = f"to_json({quoted})::varchar"
    else:
        text = f"{quoted}::varchar"
    return f"nullif({text}, '') as {quoted}"


def _number_parts(frame: pl.DataFrame, stream: Stream) -> pl.DataFrame:
    """Orders by input row and key, and numbers the rows that one input row yields."""
    key = [name for name in stream.key if name in frame.columns]
    frame = frame.sort([ROW_NUMBER, *key], nulls_last=True, maintain_order=True)
    return frame.with_columns((pl.int_range(pl.len()).over(ROW_NUMBER) + 1).alias(ROW_PART))


def _advice(error: duckdb.Error) -> str:
    """One value that cannot be converted stops the whole select; what may be blank is refused row by row."""
    if not isinstance(error, duckdb.ConversionException | duckdb.InvalidInputException):
        return ""
    return (
        " One such value stops the whole file: with try_cast or try_strptime it becomes blank, and only rows "
        "that need it are refused."
    )


def _with_position(error: duckdb.Error, sql: str) -> str:
    message = str(error).strip()
    match = re.search(r"LINE (\d+):", message)
    where = f" (line {match[1]} of {len(sql.splitlines())})" if match else ""
    return f"{message.splitlines()[0]}{where}. {' '.join(message.splitlines()[1:])}".strip()
