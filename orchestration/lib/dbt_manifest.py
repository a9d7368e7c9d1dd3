"""The dbt project as one parsed manifest a process, adapted to a database and a schema of marts for each run.

Parsing needs no database. Nothing is executed here; that is `dbt_invocation`.
"""

import contextlib
import fcntl
import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.lib.dbt_errors import ProjectNotParsed

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = ROOT / "dbt_project"
FINANCE = ROOT / "warehouse" / "finance"
SHARED_SCHEMA = "marts"

_parsed: dict[str, "Manifest"] = {}
"""By fingerprint; a manifest is the same for every home."""
_parse_lock = threading.Lock()


def fingerprint() -> str:
    """A hash of all that decides how numbers are computed: the dbt project and the finance functions."""
    total = hashlib.sha256()
    for folder, patterns in ((PROJECT, ("*.sql", "*.yml")), (FINANCE, ("*.sql",))):
        paths = sorted(
            path
            for pattern in patterns
            for path in folder.rglob(pattern)
            if not {"target", "logs"} & set(path.relative_to(folder).parts)
        )
        for path in paths:
            name = path.relative_to(ROOT).as_posix().encode()
            total.update(name + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def common_arguments(folder: Path) -> list[str]:
    """Options that every dbt call gets; artefacts and logs go under `folder`, never into the project."""
    return [
        "--quiet",
        "--log-level",
        "none",
        "--no-version-check",
        "--no-use-colors",
        "--log-level-file",
        "none",
        "--log-path",
        str(folder / "logs"),
    ]


def project_arguments(folder: Path) -> list[str]:
    """Where the project is and where its artefacts go."""
    return ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target-path", str(folder)]


def parsed(folder: Path) -> "Manifest":
    """The manifest, parsed at most once a process as long as the project's files do not change.

    `folder` keeps what lets the next process parse in half a second instead of four. Raises ProjectNotParsed.
    """
    folder = folder.resolve()
    with _parse_lock:
        wanted = fingerprint()
        if wanted not in _parsed:
            _parsed.clear()
            _parsed[wanted] = _parse(folder)
        return _parsed[wanted]


def _parse(folder: Path) -> "Manifest":
    # Imported late: dbt costs more than a second, and most processes of the platform never compute anything.
    from dbt.cli.main import dbtRunner

    folder.mkdir(parents=True, exist_ok=True)
    with exclusive(folder / "parse.lock"):
        result = dbtRunner().invoke([*common_arguments(folder), "parse", *project_arguments(folder)])
    if not result.success or result.result is None:
        raise ProjectNotParsed(str(result.exception or "dbt gave no reason"))
    manifest: Manifest = result.result  # type: ignore[assignment]
    return manifest


@contextlib.contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Only one process at a time holds this file; the kernel lets go of it for one that died."""
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def point_at(manifest: "Manifest", database_name: str, marts_schema: str) -> None:
    """Let every relation of the manifest live in this database, and the marts in this schema.

    A manifest is parsed against no particular database; dbt writes the database's name into each relation.
    """
    nodes: list[Any] = [*manifest.nodes.values(), *manifest.sources.values()]
    for node in nodes:
        if node.resource_type not in ("model", "source", "seed", "snapshot", "test", "unit_test"):
            continue
        node.database = database_name
        if node.resource_type == "model" and node.fqn[1:2] == ["marts"]:
            node.schema = marts_schema
        if getattr(node, "relation_name", None):
            identifier = getattr(node, "identifier", None) or node.alias
            node.relation_name = f'"{database_name}"."{node.schema}"."{identifier}"'
