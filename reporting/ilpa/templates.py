"""Which ILPA templates there are, by name."""

from datetime import date
from functools import partial
from typing import Protocol

from openpyxl.workbook import Workbook

from reporting.errors import UnknownReport
from reporting.ilpa.capital_call import capital_call_template
from reporting.ilpa.performance_template import performance_template
from reporting.ilpa.reporting_template import reporting_template
from reporting.packs.periods import Quarter
from warehouse.sessions import Reader


class Template(Protocol):
    """Makes a workbook in the reader's own session. Raises NothingToReport."""

    def __call__(
        self, reader: Reader, vehicle_id: str, investor_id: str | None, quarter: Quarter, *, prepared_on: date
    ) -> Workbook:
        """The workbook of this holder (None: the whole fund, not for an LP) and quarter."""


def template_named(name: str, method: str = "granular") -> Template:
    """`reporting`, `performance` (with its method, granular or gross-up) or `capital-call`.

    Raises UnknownReport.
    """
    if name == "performance":
        return partial(performance_template, method=method.replace("-", "_"))
    found: dict[str, Template] = {"reporting": reporting_template, "capital-call": capital_call_template}
    if name not in found:
        raise UnknownReport(
            f"there is no ILPA template {name!r}; there are reporting, performance, capital-call"
        )
    return found[name]
