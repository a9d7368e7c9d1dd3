"""A process that loads and kills itself: run by test_kill.py, one order a line of JSON on standard input.

It imports everything once and forks for each order, so that a kill costs no start-up. The child dies by
SIGKILL at the n-th point: points are the steps that a load tells its progress by, and the moment before a
file is renamed.
"""

import json
import os
import signal
import sys
from pathlib import Path

import great_expectations  # noqa: F401 - imported before the fork, so that children have it

from ingestion.loading import ingest
from warehouse.database import Database


def load(order: dict[str, object]) -> None:
    """Load, and die at the point that the order names; leave with 0 when there is no such point."""
    remaining = int(str(order["die_at"]))

    def reached() -> None:
        nonlocal remaining
        remaining -= 1
        if remaining == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def renaming(event: str, _: object) -> None:
        if event == "os.rename":
            reached()

    sys.addaudithook(renaming)
    database = Database(home=Path(str(order["home"])), admin_conninfo=str(order["conninfo"]))
    ingest(database, "acme", "capstan", [str(order["files"])], progress=lambda _: reached())


def main() -> None:
    """Answer each order with the signal that ended the child, or 0."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            load(json.loads(line))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        ended_by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        print(ended_by, flush=True)


if __name__ == "__main__":
    main()
