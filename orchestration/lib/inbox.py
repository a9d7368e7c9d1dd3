"""The inbox: files dropped into `CAPSTAN_HOME/inbox/<tenant>/<source>/`, claimed by moving, then filed away.

A file is complete when its size and time stayed the same between two looks. Claiming moves it under
`.claimed/<tenant>/<claim>/<source>/`, so nobody loads it twice; loading moves it on to `.done` or, with the
reason beside it, to `.failed`. No Dagster and no database here.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

UNFINISHED_ENDINGS = (".part", ".partial", ".tmp", ".crdownload", ".filepart")
"""Names under which programs write before they rename; left alone."""

Stamp = tuple[int, int]
"""Size in bytes and time of the last change in nanoseconds."""


@dataclass(frozen=True)
class Claim:
    """Files of one tenant that one run loads. `folder` holds a folder a source."""

    tenant_slug: str
    claim_id: str
    folder: Path

    def files(self) -> list[tuple[str, Path]]:
        """Source and path of what is still to be loaded."""
        return sorted(
            (path.parent.name, path)
            for path in self.folder.glob("*/*")
            if path.is_file() and not path.is_symlink()
        )


def look(inbox: Path) -> dict[str, Stamp]:
    """Every dropped file as `<tenant>/<source>/<name>` with its stamp. Makes the inbox if there is none."""
    inbox.mkdir(parents=True, exist_ok=True)
    seen: dict[str, Stamp] = {}
    for path in inbox.glob("*/*/*"):
        parts = path.relative_to(inbox).parts
        if any(part.startswith(".") for part in parts) or path.name.lower().endswith(UNFINISHED_ENDINGS):
            continue
        if not path.is_file() or path.resolve() != inbox.resolve() / path.relative_to(inbox):
            continue  # a link, or below one: what it leads to is not ours to move
        try:
            found = path.stat()
        except FileNotFoundError:  # taken away since we listed it
            continue
        seen["/".join(parts)] = (found.st_size, found.st_mtime_ns)
    return seen


def settled(before: dict[str, Stamp], now: dict[str, Stamp]) -> dict[str, list[str]]:
    """Complete files by tenant: those whose stamp is the same as at the look before."""
    ready: dict[str, list[str]] = {}
    for name, stamp in sorted(now.items()):
        if tuple(before.get(name, ())) == stamp:
            ready.setdefault(name.split("/", 1)[0], []).append(name)
    return ready


def claim(inbox: Path, tenant_slug: str, names: Iterable[str]) -> Claim:
    """Take these files out of the inbox. A file that vanished meanwhile is left out."""
    claim_id = f"{tenant_slug}-{secrets.token_hex(6)}"
    folder = inbox / ".claimed" / tenant_slug / claim_id
    for name in names:
        _, source, file_name = name.split("/")
        target = folder / source / file_name
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            (inbox / name).rename(target)
        except FileNotFoundError:
            continue
    return Claim(tenant_slug, claim_id, folder)


def open_claims(inbox: Path) -> list[Claim]:
    """Claims with files not filed away yet, whether their run is still to come, at work, or was killed."""
    claims = []
    for folder in sorted((inbox / ".claimed").glob("*/*")):
        found = Claim(folder.parent.name, folder.name, folder)
        if found.files():
            claims.append(found)
        else:
            _remove_empty(folder)
    return claims


def claim_named(inbox: Path, tenant_slug: str, claim_id: str) -> Claim:
    """The claim that a run was started for; without files if an earlier attempt filed them all."""
    return Claim(tenant_slug, claim_id, inbox / ".claimed" / tenant_slug / claim_id)


def file_done(inbox: Path, claimed: Claim, path: Path) -> Path:
    """Move a loaded file to `.done/<tenant>/<source>/`; returns where it lies now."""
    return _file_away(inbox / ".done", claimed, path)


def file_failed(inbox: Path, claimed: Claim, path: Path, reason: str) -> Path:
    """Move a refused file to `.failed/<tenant>/<source>/` and write the reason beside it."""
    moved = _file_away(inbox / ".failed", claimed, path)
    moved.with_name(f"{moved.name}.reason.txt").write_text(reason.rstrip() + "\n")
    return moved


def report_unknown_tenant(inbox: Path, tenant_slug: str) -> None:
    """Say beside the files that no tenant has this name; they stay and load once it exists."""
    note = inbox / tenant_slug / ".unknown-tenant.txt"
    text = (
        f"There is no tenant {tenant_slug!r}, so the files in this folder are not loaded.\n"
        f"Add it (capstan tenant add {tenant_slug} …) or move the files to the folder of the right tenant.\n"
    )
    if not note.exists() or note.read_text() != text:
        note.write_text(text)


def clear_unknown_tenant(inbox: Path, tenant_slug: str) -> None:
    """Take that note away."""
    (inbox / tenant_slug / ".unknown-tenant.txt").unlink(missing_ok=True)


def _file_away(place: Path, claimed: Claim, path: Path) -> Path:
    folder = place / claimed.tenant_slug / path.parent.name
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / path.name
    if target.exists():
        target = folder / f"{path.stem}.{claimed.claim_id.rsplit('-', 1)[-1]}{path.suffix}"
    path.rename(target)
    _remove_empty(claimed.folder)
    return target


def _remove_empty(folder: Path) -> None:
    for part in (*folder.glob("*"), folder):
        if part.is_dir() and not any(part.iterdir()):
            part.rmdir()
