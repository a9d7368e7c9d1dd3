"""Files as they came, kept by content under `landing/sha256/`, and the lake of accepted rows beside it.

Both are written to a name of their own and renamed, so that a reader never sees half a file. What is in
them is decided elsewhere.
"""

import hashlib
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO


def content_digest(data: bytes) -> str:
    """SHA-256 of a file's content, as hexadecimal text."""
    return hashlib.sha256(data).hexdigest()


def landed_path(home: Path, digest: str) -> Path:
    """Where a content is kept."""
    return home / "landing" / "sha256" / digest[:2] / digest


def land(home: Path, data: bytes, digest: str) -> Path:
    """Keep the content unless it is there already."""
    path = landed_path(home, digest)
    if not path.exists() or path.stat().st_size != len(data):
        write_whole(path, lambda file: file.write(data))
    return path


def lake_path(home: Path, tenant_slug: str, source: str, stream: str, batch_id: str) -> Path:
    """The Parquet twin of a batch: the rows that it brought into the raw table."""
    return home / "lake" / tenant_slug / source / stream / f"{batch_id}.parquet"


def write_whole(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write a file so that it appears complete or not at all; leftovers of killed writers are swept."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for leftover in path.parent.glob(f".{path.name}.*.part"):
        if not _is_running(int(leftover.name.split(".")[-2].split("-")[0])):
            leftover.unlink(missing_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    with part.open("wb") as file:
        write(file)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
