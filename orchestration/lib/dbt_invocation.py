"""One dbt command inside this process, over a parsed manifest, as the role `dbt_builder`.

The connection reaches dbt through environment variables that exist only while the command runs. What to
run and when is decided in `dbt_runner`.
"""

import contextlib
import fcntl
import json
import os
import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from orchestration.lib import dbt_connections, dbt_manifest
from orchestration.lib.dbt_errors import DbtError
from warehouse import roles
from warehouse.database import Database

IN_USE = "in-use.lock"
_one_at_a_time = threading.Lock()
"""dbt keeps global state: commands of one process run one after the other."""


@dataclass(frozen=True)
class NodeResult:
    """What became of one model or test. `message` never holds a password; `failures` counts rows.

    `statement` is the query that the model or test was compiled to.
    """

    unique_id: str
    name: str
    resource_type: str
    status: str
    seconds: float
    message: str
    failures: int = 0
    statement: str = ""

    @property
    def is_bad(self) -> bool:
        """Whether it failed itself; a skipped one only waited for another."""
        return self.status in ("error", "fail", "runtime error")


def invoke(
    database: Database,
    command: Sequence[str],
    *,
    variables: Mapping[str, Any],
    marts_schema: str = dbt_manifest.SHARED_SCHEMA,
) -> list[NodeResult]:
    """Run a dbt command (`["run", "--select", …]`) and report every node.

    Raises DbtError where dbt itself gave up; a node that failed is a result.
    """
    from dbt.cli.main import dbtRunner

    folder = database.home / "dbt"
    manifest = dbt_manifest.parsed(folder)
    connection = conninfo_to_dict(database.conninfo(roles.DBT_BUILDER))
    with (
        _one_at_a_time,
        _environment(connection),
        dbt_connections.kept_open(),
        _own_folder(folder) as own,
    ):
        dbt_manifest.point_at(manifest, str(connection["dbname"]), marts_schema)
        arguments = [
            *dbt_manifest.common_arguments(own),
            "--no-write-json",
            "--no-populate-cache",
            command[0],
            *dbt_manifest.project_arguments(own),
            "--vars",
            json.dumps(dict(variables)),
            *command[1:],
        ]
        outcome = dbtRunner(manifest=manifest).invoke(arguments)
    if outcome.result is None:
        reason = _clean(str(outcome.exception or "dbt gave no reason"), connection)
        raise DbtError(f"dbt {command[0]} could not run: {reason}")
    return [_node_result(result, connection) for result in outcome.result]  # type: ignore[union-attr]


@contextlib.contextmanager
def _own_folder(folder: Path) -> Iterator[Path]:
    """A folder for the artefacts of one command, gone with it; those that killed processes left go first.

    A folder is in use as long as its lock is held, which the kernel lets go when the process ends.
    """
    own = folder / f"process-{os.getpid()}"
    with dbt_manifest.exclusive(folder / "processes.lock"):
        for left in folder.glob("process-*"):
            if not _is_in_use(left):
                shutil.rmtree(left, ignore_errors=True)
        own.mkdir()
        in_use = (own / IN_USE).open("w")
        fcntl.flock(in_use, fcntl.LOCK_EX)
    try:
        yield own
    finally:
        shutil.rmtree(own, ignore_errors=True)
        in_use.close()


def _is_in_use(folder: Path) -> bool:
    try:
        with (folder / IN_USE).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False


def _node_result(result: Any, connection: Mapping[str, Any]) -> NodeResult:
    return NodeResult(
        unique_id=result.node.unique_id,
        name=result.node.name,
        resource_type=str(result.node.resource_type),
        status=str(result.status),
        seconds=round(result.execution_time, 3),
        message=_clean(result.message or "", connection),
        failures=result.failures or 0,
        statement=getattr(result.node, "compiled_code", None) or "",
    )


def _clean(message: str, connection: Mapping[str, Any]) -> str:
    """The message in one line, without the password should a driver ever repeat it."""
    password = connection.get("password")
    if password:
        message = message.replace(str(password), "…")
    return " ".join(message.split())


@contextlib.contextmanager
def _environment(connection: Mapping[str, Any]) -> Iterator[None]:
    variables = {
        "CAPSTAN_DBT_HOST": connection.get("host", "localhost"),
        "CAPSTAN_DBT_PORT": connection.get("port", "5432"),
        "CAPSTAN_DBT_USER": connection.get("user", roles.DBT_BUILDER),
        "CAPSTAN_DBT_PASSWORD": connection.get("password", ""),
        "CAPSTAN_DBT_DBNAME": connection.get("dbname", ""),
        "DO_NOT_TRACK": "1",
    }
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update({name: str(value) for name, value in variables.items()})
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
