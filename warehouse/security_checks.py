"""Runs the catalogue lints of warehouse/security/lints: what in this database weakens isolation, as a list.

Each lint is one SQL file that yields object, level, problem and remedy; no row means that all is well. Adding
a file adds a lint. They are read by `capstan doctor`; healing is the guard's work, not theirs.
"""

from dataclasses import dataclass
from pathlib import Path

from warehouse import roles
from warehouse.database import Database

LINTS = Path(__file__).parent / "security" / "lints"
ERROR, WARNING = "error", "warning"


@dataclass(frozen=True)
class Finding:
    """One weakness: `level` is `error` (isolation may not hold) or `warning` (it holds, something is off)."""

    lint: str
    object: str
    level: str
    problem: str
    remedy: str


def lint(database: Database) -> list[Finding]:
    """All findings, errors first; empty for a healthy database. Reads the catalogue as admin."""
    found = []
    with database.connect(roles.ADMIN) as connection:
        connection.execute("set transaction read only")
        for path in sorted(LINTS.glob("*.sql")):
            for row in connection.execute(path.read_bytes()).fetchall():
                found.append(Finding(path.stem, *row))
    return sorted(found, key=lambda finding: (finding.level != ERROR, finding.lint, finding.object))
