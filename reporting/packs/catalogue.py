"""The reports that exist: their names in commands and schedules, who gets them, and what renders them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from reporting.errors import UnknownReport
from reporting.packs import lp_statement
from reporting.packs.periods import quarter_before, quarter_named
from reporting.packs.rendered import Brand, Rendered
from warehouse.sessions import Reader


class Renderer(Protocol):
    """Makes a report inside the recipient's own session. Raises NothingToReport, InvalidPeriod."""

    def __call__(self, reader: Reader, period: str, brand: Brand, *, prepared_on: date) -> Rendered:
        """The report for the reader's viewer."""


@dataclass(frozen=True)
class Report:
    """One report: its name, its title, the role that receives it, and how its periods are named."""

    name: str
    title: str
    recipient_role: str
    cadence: str
    render: Renderer
    period_named: Callable[[str], str]
    """The period as it is stored: `2026-q3` becomes `2026Q3`. Raises InvalidPeriod."""
    period_due: Callable[[date], str]
    """The period that is due on a day: the last one that is over."""


REPORTS: dict[str, Report] = {
    lp_statement.NAME: Report(
        name=lp_statement.NAME,
        title=lp_statement.TITLE,
        recipient_role="lp",
        cadence="quarterly",
        render=lp_statement.render,
        period_named=lambda text: quarter_named(text).name,
        period_due=lambda day: quarter_before(day).name,
    ),
}


def report_named(name: str) -> Report:
    """The report of this name; `_` and `-` are the same. Raises UnknownReport, naming those there are."""
    found = REPORTS.get(name.strip().lower().replace("_", "-"))
    if found is None:
        raise UnknownReport(f"there is no report {name!r}; there are {', '.join(sorted(REPORTS))}")
    return found
