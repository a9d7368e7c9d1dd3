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

    `source` says who defines it so. `golden_cases` are the cases of tests/data/golden that answer it, by
    their ids: inputs with a published answer, or one worked by hand, which a test reads from the mart.
    """

    name: str
    title: str
    question: str
    formula: str
    unit: str
    grain: str
    edge_cases: str
    source: str
    owner: str
    served_by: tuple[str, ...]
    golden_cases: tuple[str, ...]

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
                "golden_cases": tuple(entry["golden_cases"]),
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
        "A golden case is a set of inputs with an answer from elsewhere: [golden_cases.md](golden_cases.md).",
        "",
    ]
    for owner in OWNERS:
        links = (f"[{one.name}](#{_anchor(one)})" for one in metrics() if one.owner == owner)
        lines.append(f"- **{owner.capitalize()}**: {' · '.join(links)}")
    for owner in OWNERS:
        lines += ["", f"## {owner.capitalize()}"]
        for one in metrics():
            if one.owner == owner:
                lines += ["", *_entry(one)]
    return "\n".join(lines) + "\n"


def _entry(one: Metric) -> list[str]:
    cases = ", ".join(f"[`{case}`](golden_cases.md#{case.replace('.', '')})" for case in one.golden_cases)
    return [
        f"### `{one.name}`: {one.title}",
        f"{one.question}",
        "",
        f"- **Formula.** {one.formula}",
        f"- **Edge cases.** {one.edge_cases}",
        f"- **Unit.** {one.unit}. **Grain.** {one.grain}. **Owner.** {one.owner}.",
        f"- **Source.** {one.source}.",
        f"- **Served by.** {', '.join(f'`{place}`' for place in one.served_by)}",
        f"- **Golden cases.** {cases}",
    ]


def _anchor(one: Metric) -> str:
    """The anchor that a heading of this page gets: lower case, blanks as hyphens, no other signs."""
    heading = f"{one.name}: {one.title}".lower().replace(" ", "-")
    return "".join(sign for sign in heading if sign.isalnum() or sign in "-_")


if __name__ == "__main__":
    from pathlib import Path

    page = Path(__file__).parents[2] / "docs" / "metrics" / "register.md"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(register_page(), encoding="utf-8")
