"""The register of metrics: one name, title, question, formula and unit each, read from `metrics.yml`.

Pages, reports, the API and docs/metrics/register.md take their words from here. Values come from marts.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

UNITS = ("money", "multiple", "fraction", "count", "days", "seconds")
OWNERS = ("portfolio", "commitments", "fundraising", "engagement")


class UnknownMetric(KeyError):
    """No metric of this name is registered."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True)
class Metric:
    """One metric as it is worded everywhere. `served_by` are the columns that hold it, as `mart.column`.

    `golden_cases` are worked examples whose published or derived answer it meets, by their ids;
    `marts-rounds` is the raise worked by hand in tests/integration/test_marts_rounds.py.
    """

    name: str
    title: str
    question: str
    formula: str
    unit: str
    grain: str
    edge_cases: str
    owner: str
    served_by: tuple[str, ...]
    golden_cases: tuple[str, ...] = ()

    @property
    def help(self) -> str:
        """What a reader needs in two sentences: the question, then the formula."""
        return f"{self.question} {self.formula}"


@cache
def _register() -> dict[str, Metric]:
    text = files("reporting.presentation").joinpath("metrics.yml").read_text(encoding="utf-8")
    found = [
        Metric(
            **{
                **entry,
                "served_by": tuple(entry["served_by"]),
                "golden_cases": tuple(entry.get("golden_cases", ())),
            }
        )
        for entry in yaml.safe_load(text)
    ]
    return {metric.name: metric for metric in found}


def metrics() -> tuple[Metric, ...]:
    """All metrics, in the order of the register."""
    return tuple(_register().values())


def metric(name: str) -> Metric:
    """The metric of this name. Raises UnknownMetric, naming those that exist."""
    found = _register().get(name)
    if found is None:
        raise UnknownMetric(
            f"there is no metric {name!r}; docs/metrics/register.md lists the {len(_register())} there are"
        )
    return found


def register_page() -> str:
    """The text of docs/metrics/register.md; run this module to write it, a test compares the two."""
    lines = [
        "# Register of metrics",
        "",
        "Written from `reporting/presentation/metrics.yml` by its module metric_register.",
        "Fractions are 0.125 for 12.5%. Where there is no number, a status says why; it is never zero.",
    ]
    for owner in OWNERS:
        lines += ["", f"## {owner.capitalize()}"]
        for one in metrics():
            if one.owner == owner:
                lines += [
                    "",
                    f"### `{one.name}`: {one.title}",
                    f"{one.question}  ",
                    f"**Formula.** {one.formula}  ",
                    f"**Edge cases.** {one.edge_cases}  ",
                    f"**Unit.** {one.unit}. **Grain.** {one.grain}. "
                    f"**Served by.** {', '.join(f'`{place}`' for place in one.served_by)}",
                ]
                if one.golden_cases:
                    cases = ", ".join(f"`{case}`" for case in one.golden_cases)
                    lines[-1] += f"  \n**Golden cases.** {cases}"
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    from pathlib import Path

    page = Path(__file__).parents[2] / "docs" / "metrics" / "register.md"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(register_page(), encoding="utf-8")
