"""Options and argument types that several commands share."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import click

json_option: Callable[[Any], Any] = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document on standard output, and nothing else."
)


class IsoDate(click.ParamType):
    """A date such as 2026-09-30."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The date; wrong usage where the text is none."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a date such as 2026-09-30", param, ctx)


class IsoInstant(click.ParamType):
    """A time with an offset such as 2026-04-20T09:00Z."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The aware time; wrong usage where the text is none or has no offset."""
        if isinstance(value, datetime):
            return value
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a time such as 2026-04-20T09:00Z", param, ctx)
        if found.tzinfo is None:
            self.fail(f"{value!r} needs an offset, such as 2026-04-20T09:00Z or +02:00", param, ctx)
        return found
