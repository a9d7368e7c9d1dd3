"""Finds the mappings that ship: `ingestion/connectors/<source>/*.sql`, in the order of loading.

Files whose names begin with an underscore are preludes: what several mappings of the folder share.
"""

from pathlib import Path

from ingestion.contracts.registry import load_rank
from ingestion.mapping import Mapping, read_mapping

FOLDER = Path(__file__).parent


def connector_names() -> tuple[str, ...]:
    """The sources that have mappings of their own."""
    return tuple(sorted({path.parent.name for path in FOLDER.glob("*/[!_]*.sql")}))


def connector_mappings(source: str) -> list[Mapping]:
    """All mappings of a source, parents before children; empty when it is not shipped."""
    mappings = [read_mapping(path) for path in sorted(FOLDER.glob(f"{source}/[!_]*.sql"))]
    return sorted(mappings, key=lambda mapping: load_rank(mapping.stream.name))
