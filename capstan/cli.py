"""The command line `capstan`: finds the command, opens the warehouse, explains every failure in one place.

Commands live in `capstan/commands`, one module each, imported only when used: `capstan --help` loads none.
Exit codes: 0 success, 1 a failure that is explained, 2 wrong usage.
"""

import importlib
import os
import re
import sys
import traceback
from functools import cached_property
from itertools import pairwise
from typing import Any

import click

from capstan.errors import CapstanError
from capstan.terminal import emit_json, say

COMMANDS = {
    "demo": "Make the demo world, compute, send its reports, then serve it.",
    "up": "Serve an existing home: database, Dagster, portal, API.",
    "tenant": "Add, list, show and off-board tenants.",
    "user": "Give people access, and list who has it.",
    "ingest": "Load files of a tenant.",
    "refresh": "Recompute the marts of tenants with new data.",
    "recompute": "Compute a tenant's numbers a second time and compare.",
    "query": "Run SQL in a person's own database session.",
    "quarantine": "List rows that were refused, with every reason.",
    "report": "Render and queue a report.",
    "ilpa": "Write an ILPA template as an Excel workbook.",
    "outbox": "Show what was owed, sent, held and why.",
    "key": "Issue, list and revoke keys of the API.",
    "webhook": "Open endpoints for webhooks and process their events.",
    "explain": "Explain a number down to file and row.",
    "doctor": "Check the health of this installation.",
}


class LazyGroup(click.Group):
    """Imports a command's module when the command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands, in the order of the table above."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"capstan.commands.{cmd_name}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


class Context:
    """What commands share: the warehouse, opened when first needed."""

    @cached_property
    def database(self) -> Any:
        """The warehouse of `CAPSTAN_HOME` and `DATABASE_URL`, migrated."""
        from warehouse.database import open_database

        return open_database()


pass_context = click.make_pass_decorator(Context, ensure=True)


@click.group(
    cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(package_name="capstan")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Investor reporting: private data of many tenants, from files to dashboards and reports.

    State lives under CAPSTAN_HOME (default ./var). DATABASE_URL selects an external Postgres instead of the
    embedded one. CAPSTAN_DEBUG=1 shows the traceback of a failure.

    \b
    Example:
      capstan demo
    """
    ctx.obj = Context()


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; returns the exit code (the console script passes it to the shell)."""
    words = sys.argv[1:] if arguments is None else arguments
    unreadable = next((word for word in words if not _is_text(word)), None)
    if unreadable is not None:
        number = words.index(unreadable) + 1
        say(
            f"Error: argument {number} is not UTF-8: {os.fsencode(unreadable)!r}. Give it in UTF-8; "
            "a file whose name is not needs another name."
        )
        return 2
    try:
        result = cli.main(args=words, prog_name="capstan", standalone_mode=False)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.Abort:
        say("Stopped.")
        return 1
    except click.ClickException as error:
        error.show()
        return 2 if isinstance(error, click.UsageError) else 1
    except BrokenPipeError:
        # The reader of our output went away (`| head`): nothing to explain, and nowhere to say it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        return _explain_failure(error, words)
    return result if isinstance(result, int) else 0


def _is_text(word: str) -> bool:
    """Whether an argument came as UTF-8: other bytes arrive as lone surrogates, which nothing can print."""
    try:
        word.encode()
    except UnicodeEncodeError:
        return False
    return True


def _explain_failure(error: Exception, words: list[str]) -> int:
    from ingestion.errors import WrongUsageError

    if os.environ.get("CAPSTAN_DEBUG"):
        say(without_secrets("".join(traceback.format_exception(error))))
    message = without_secrets(explained(error))
    say(f"Error: {message}")
    if "--json" in words or "--format=json" in words or _asks_for_json(words):
        emit_json({"error": message})
    return 2 if isinstance(error, WrongUsageError) else 1


def _asks_for_json(words: list[str]) -> bool:
    return any(pair == ("--format", "json") for pair in pairwise(words))


def explained(error: Exception) -> str:
    """The message for the person: as it is for our own errors, with a next step for all others."""
    ours = any(type(error).__module__.split(".")[0] == package for package in OUR_PACKAGES)
    if ours or isinstance(error, CapstanError):
        return str(error)
    if type(error).__module__.startswith("pydantic"):
        found = [f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()]  # type: ignore[attr-defined]
        return f"the settings are not usable: {'; '.join(found)}"
    if type(error).__module__.startswith("psycopg"):
        return f"the database refused or could not be reached: {error}. `capstan doctor` says more."
    if isinstance(error, OSError):
        return f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}"
    return (
        f"something that should not happen: {type(error).__name__}: {error}. "
        "CAPSTAN_DEBUG=1 shows where; please report it."
    )


OUR_PACKAGES = ("warehouse", "ingestion", "reporting", "orchestration", "capstan")


def without_secrets(text: str) -> str:
    """The text with passwords of connection strings and URLs blotted out."""
    text = re.sub(r"(://[^:/@\s]*:)[^@\s]+@", r"\1***@", text)
    return re.sub(r"(password\s*=\s*)('[^']*'|\S+)", r"\1***", text, flags=re.IGNORECASE)
