"""The dbt source file, written from the contracts: `python -m ingestion.contracts.dbt_sources`.

A test compares the committed file with `render()`, so neither can be changed alone.
"""

from pathlib import Path
from typing import Any

import yaml

from ingestion.contracts.ddl import PROVENANCE, sql_type
from ingestion.contracts.model import Column, Stream
from ingestion.contracts.registry import STREAMS

PATH = Path("dbt_project/models/staging/capstan/_capstan__sources.yml")
HEADER = (
    "# Written by `python -m ingestion.contracts.dbt_sources` from ingestion/contracts; change it there.\n"
)
LEDGER_TABLES = (
    ("batch", "One row per batch: one load of one stream of one tenant from one file."),
    ("quarantine", "One row per refused row of a file and stream, with every reason."),
)


def render() -> str:
    """The whole text of the source file."""
    tables: list[dict[str, Any]] = [_table(stream) for stream in STREAMS]
    tables += [{"name": name, "description": description} for name, description in LEDGER_TABLES]
    source = {
        "name": "capstan",
        "schema": "raw",
        "description": "Rows as loaded, in the canonical streams; current where _superseded_at = infinity.",
        "tables": tables,
    }
    document = {"version": 2, "sources": [source]}
    return HEADER + yaml.safe_dump(document, sort_keys=False, width=110, allow_unicode=True)


def _table(stream: Stream) -> dict[str, Any]:
    columns = [{"name": "tenant_id", "data_type": "integer", "description": "Tenant that owns the row."}]
    columns += [
        {"name": column.name, "data_type": sql_type(column), "description": _describe(column)}
        for column in stream.columns
    ]
    columns += [
        {"name": name, "data_type": definition.split(" not null")[0], "description": description}
        for name, definition, description in PROVENANCE
    ]
    return {
        "name": stream.name,
        "identifier": stream.table,
        "description": f"{stream.grain} Key: {', '.join(stream.key)}.",
        "columns": columns,
    }


def _describe(column: Column) -> str:
    parts = [column.description]
    if column.unit:
        parts.append(f"Unit: {column.unit}.")
    if column.allowed:
        parts.append(f"One of {', '.join(column.allowed)}.")
    return " ".join(parts)


if __name__ == "__main__":
    PATH.parent.mkdir(parents=True, exist_ok=True)
    PATH.write_text(render(), encoding="utf-8")
