"""The embedded server under different operating-system users: they need root to become somebody else."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from warehouse import embedded, embedded_files
from warehouse.errors import ServerError

REPOSITORY = Path(__file__).resolve().parents[2]
USE = """
import pathlib, sys, psycopg
sys.path.insert(0, sys.argv[2])
from warehouse import embedded
home = pathlib.Path(sys.argv[1])
server = embedded.start(home)
with psycopg.connect(server.conninfo(), autocommit=True) as connection:
    connection.execute("create table if not exists kept (n int)")
    connection.execute("insert into kept values (1)")
    print(connection.execute("select count(*) from kept").fetchone()[0])
"""

STOP = """
import pathlib, sys
sys.path.insert(0, sys.argv[2])
from warehouse import embedded
embedded.stop(pathlib.Path(sys.argv[1]))
"""

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to run as another user")


@pytest.fixture
def ordinary() -> pwd.struct_passwd:
    return pwd.getpwnam("nobody")


@pytest.fixture
def folder(ordinary: pwd.struct_passwd) -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="capstan-ordinary-"))
    os.chown(made, ordinary.pw_uid, ordinary.pw_gid)
    yield made
    if (made / "home").exists():
        as_user(ordinary, STOP, str(made / "home"), str(REPOSITORY))
    shutil.rmtree(made)


def as_user(user: pwd.struct_passwd, code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [python_of(user), "-c", code, *arguments],
        user=user.pw_uid,
        group=user.pw_gid,
        extra_groups=[],
        capture_output=True,
        text=True,
        cwd="/",
        env={"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
    )


def python_of(user: pwd.struct_passwd) -> str:
    """This Python, or the system's of the same version, whichever the user may run; skips without one."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for candidate in (sys.executable, shutil.which(name, path="/usr/local/bin:/usr/bin")):
        if candidate is None:
            continue
        try:
            tried = subprocess.run(
                [candidate, "-c", "import psycopg, pydantic_settings"], user=user.pw_uid, group=user.pw_gid,
                extra_groups=[], cwd="/", env={"PYTHONPATH": os.pathsep.join(sys.path)}, check=False,
                capture_output=True,
            )  # fmt: skip
        except PermissionError:
            continue
        if tried.returncode == 0:
            return candidate
    pytest.skip(f"the user {user.pw_name} can run neither {sys.executable} nor a system {name}")


def test_as_root_the_server_runs_as_a_system_user_and_restarts(home: Path) -> None:
    server = embedded.start(home)
    place = embedded_files.find_place(home)
    assert place is not None
    pid = embedded_files.postmaster_pid(place)
    assert pid is not None
    assert pwd.getpwuid(Path(f"/proc/{pid}").stat().st_uid).pw_name == embedded_files.SYSTEM_USER
    embedded.stop(home)
    assert embedded.start(home).port == server.port


def test_an_ordinary_user_starts_and_uses_a_server_of_their_own(
    ordinary: pwd.struct_passwd, folder: Path
) -> None:
    for expected in ("1", "2"):
        result = as_user(ordinary, USE, str(folder / "home"), str(REPOSITORY))
        assert (result.stdout.strip(), result.returncode) == (expected, 0), result.stderr


def test_another_user_of_the_machine_gets_neither_the_password_nor_a_connection(
    ordinary: pwd.struct_passwd, home: Path
) -> None:
    server = embedded.start(home)
    for secret in (home / "secrets" / "embedded_superuser", home / "postgres" / "data" / "PG_VERSION"):
        reading = subprocess.run(
            ["cat", str(secret)], user=ordinary.pw_uid, group=ordinary.pw_gid, extra_groups=[],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert "Permission denied" in reading.stderr
    psql = embedded_files.binaries(embedded_files.server_account()) / "psql"
    connecting = subprocess.run(
        [str(psql), "-h", "127.0.0.1", "-p", str(server.port), "-U", "postgres", "-w", "-c", "select 1"],
        user=ordinary.pw_uid, group=ordinary.pw_gid, extra_groups=[], cwd="/", env={"HOME": "/nonexistent"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert connecting.returncode != 0
    assert "password" in connecting.stderr


def test_a_home_that_the_system_user_cannot_reach_keeps_its_data_elsewhere_and_no_folder_is_opened(
    home: Path,
) -> None:
    private = home.parent / "private"
    private.mkdir(mode=0o700)
    inside = private / "home"
    server = embedded.start(inside)
    place = embedded_files.find_place(inside)
    assert place is not None
    try:
        assert place.parent == embedded_files.SYSTEM_FOLDER
        assert private.stat().st_mode & 0o777 == 0o700
        with psycopg.connect(server.conninfo()) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
        assert not embedded.start(inside).started
    finally:
        embedded.stop(inside)
        shutil.rmtree(place)


def test_binaries_that_the_system_user_cannot_reach_are_copied_and_work(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = embedded_files.server_account()
    own = embedded_files.binaries(account)
    wheel = own.parents[1]
    hidden = home.parent / "hidden"
    hidden.mkdir(mode=0o700)
    (hidden / wheel.name).mkdir()
    shutil.copytree(own.parent, hidden / wheel.name / own.parent.name, symlinks=True)
    libraries = wheel.parent / f"{wheel.name}.libs"
    if libraries.exists():
        shutil.copytree(libraries, hidden / libraries.name)
    (hidden / wheel.name / "__init__.py").touch()
    monkeypatch.setattr(embedded_files, "SYSTEM_FOLDER", home.parent / "system")
    monkeypatch.syspath_prepend(str(hidden))
    copied = embedded_files.binaries(account)
    assert copied.is_relative_to(home.parent / "system")
    assert embedded.start(home).started


def test_a_home_of_another_user_is_refused_with_the_reason(ordinary: pwd.struct_passwd, home: Path) -> None:
    embedded.start(home)
    embedded.stop(home)
    result = as_user(ordinary, USE, str(home), str(REPOSITORY))
    assert result.returncode != 0
    assert ServerError.__name__ in result.stderr
    assert "belongs to another user" in result.stderr
