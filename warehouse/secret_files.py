"""Secrets of an installation: one file each under `CAPSTAN_HOME/secrets`, mode 0600, written atomically.

Nothing here logs, prints or derives a secret.
"""

import os
import secrets as random_source
import tempfile
from pathlib import Path


def read_secret(directory: Path, name: str) -> str | None:
    """The secret's text, or None where it was never made."""
    try:
        return (directory / name).read_text().strip() or None
    except FileNotFoundError:
        return None


def write_secret(directory: Path, name: str, value: str) -> None:
    """Store a secret; readers see the old text or the new one, never half of it."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=directory, prefix=f".{name}.")
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(value + "\n")
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(directory / name)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def forget_secret(directory: Path, name: str) -> None:
    """Remove a secret; one that is not there is no error."""
    (directory / name).unlink(missing_ok=True)


def secret(directory: Path, name: str) -> str:
    """The secret of this name, made from 32 random bytes the first time; safe between processes."""
    existing = read_secret(directory, name)
    if existing is not None:
        return existing
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=directory, prefix=f".{name}.")
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(random_source.token_urlsafe(32) + "\n")
        # A hard link fails when the name exists, so the first of two processes wins and both read its value.
        (directory / name).hardlink_to(temporary)
    except FileExistsError:
        pass
    finally:
        Path(temporary).unlink(missing_ok=True)
    made = read_secret(directory, name)
    if made is None:
        raise OSError(f"{directory / name} is empty; remove the file and run the command again")
    return made
