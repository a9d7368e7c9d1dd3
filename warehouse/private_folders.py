"""The folders of a home that hold what tenants sent, what was computed and what was mailed: closed to others.

The home itself stays open to pass through, because the embedded server may run as a system user of its own;
its folders are what is closed. Secrets have a folder and file modes of their own (`secret_files.py`).
"""

import stat
from pathlib import Path

PRIVATE_FOLDERS = ("landing", "lake", "inbox", "mail", "dbt", "dagster", "logs", "demo")
"""Made with mode 0700 before anything is written into them: files inside need no mode of their own."""


def make_private_folders(home: Path) -> None:
    """Make those that are missing. One that exists keeps its mode: an operator may have opened `inbox`."""
    for name in PRIVATE_FOLDERS:
        (home / name).mkdir(mode=0o700, parents=True, exist_ok=True)


def open_to_others(home: Path) -> list[Path]:
    """Those into which another user of this machine can look; `doctor` names them."""
    return [
        folder
        for folder in (home / name for name in PRIVATE_FOLDERS)
        if folder.is_dir() and stat.S_IMODE(folder.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO)
    ]
