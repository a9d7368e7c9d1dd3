"""In which order files are loaded: those that others refer to come first. No Dagster here."""

from collections.abc import Iterable
from pathlib import PurePath

from ingestion.contracts.registry import STREAM_NAMES


def in_order(paths: Iterable[str]) -> list[str]:
    """Paths by the stream that their names begin with, parents before children; others last, by name."""
    return sorted(paths, key=lambda path: (_rank(PurePath(path).name.lower()), path))


def _rank(file_name: str) -> int:
    fitting = [place for place, stream in enumerate(STREAM_NAMES) if file_name.startswith(stream)]
    return max(fitting, key=lambda place: len(STREAM_NAMES[place]), default=len(STREAM_NAMES))
