"""The raw table that a contract asks for, as SQL. Migrations hold frozen text of their own."""

from ingestion.contracts.model import Column, Stream

PROVENANCE: tuple[tuple[str, str, str], ...] = (
    ("_source", "text not null", "Source that owns the key."),
    ("_batch_id", "text not null", "Batch that brought this version; see raw.batch."),
    ("_row_number", "bigint not null", "Row of the file, counted from 1 after the header."),
    ("_row_hash", "bytea not null", "Digest of all columns of the contract, to tell a change from a repeat."),
    ("_loaded_at", "timestamp with time zone not null", "When this version became known."),
    (
        "_superseded_at",
        "timestamp with time zone not null default 'infinity'",
        "When a newer version replaced it.",
    ),
)
SQL_TYPES = {"timestamptz": "timestamp with time zone"}


def sql_type(column: Column) -> str:
    """The Postgres type as the catalogue spells it."""
    return SQL_TYPES.get(column.type, column.type)


def is_not_null(stream: Stream, column: Column) -> bool:
    """Key columns are never null: a blank one is `''`."""
    return not column.nullable or column.name in stream.key


def primary_key(stream: Stream) -> tuple[str, ...]:
    """Tenant first, then the natural key, then the version."""
    return ("tenant_id", *stream.key, "_superseded_at")


def create_table(stream: Stream) -> str:
    """`create table raw.…` for one stream."""
    lines = ["tenant_id integer not null"]
    for column in stream.columns:
        null = " not null" if is_not_null(stream, column) else ""
        lines.append(f"{column.name} {sql_type(column)}{null}")
    lines += [f"{name} {definition}" for name, definition, _ in PROVENANCE]
    lines.append(f"primary key ({', '.join(primary_key(stream))})")
    body = ",\n    ".join(lines)
    return f"create table raw.{stream.table} (\n    {body}\n);"
