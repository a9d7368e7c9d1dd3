"""Golden cases of the metric register: rows of books, and what a metric of them must be, said beforehand.

They are the files of tests/data/golden. A *book* is rows by stream, in the order of COLUMNS (a mapping at the
end of a row gives further columns), delivered at once and, where it has `later`, in a second delivery. Its
*cases* say where an answer was published or how it was worked out by hand; none is output of this project.
An *answer* names the mart it is read `in`, the row it is `at` (the latest where no date is said) and what
metrics `are` there: to the cent, or to 1e-9 of rates, unless `digits` are printed or `within` is said.
`tenant: company` keeps a book in a tenant of its own.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from reporting.presentation.metric_register import metric

FOLDER = Path(__file__).parents[1] / "data" / "golden"
START = date(2001, 1, 1)
DATES = {"as_of", "quarter", "year"}
UNDATED = {
    "rpt_commitment_progress", "rpt_collections", "rpt_pipeline", "rpt_funnel", "rpt_round_velocity",
    "rpt_investor_engagement", "fct_document_views", "rpt_holdings",
}  # fmt: skip
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "vehicles": ("vehicle_id",),
    "investors": ("investor_id",),
    "holdings": ("holding_id", "vehicle_id"),
    "vehicle_terms": ("vehicle_id",),
    "commitments": ("vehicle_id", "investor_id", "amount", "status", "signed_on"),
    "transactions": ("vehicle_id", "investor_id", "kind", "amount", "effective_on"),
    "valuations": ("vehicle_id", "investor_id", "as_of", "nav_amount"),
    "index_levels": ("index_code", "on_date", "level"),
    "fx_rates": ("base_currency_code", "quote_currency_code", "on_date", "rate"),
    "stage_events": ("vehicle_id", "investor_id", "from_stage", "to_stage", "occurred_at"),
    "payments": ("commitment_id", "amount", "status", "attempted_at"),
    "deal_rooms": ("room_id", "vehicle_id", "name"),
    "documents": ("document_id", "room_id", "name", "type", "pages"),
    "views": ("view_id", "document_id", "investor_id", "started_at", "duration_seconds"),
    "communications": ("vehicle_id", "investor_id", "channel", "occurred_at"),
}
KEYS = {
    "commitments": "commitment_id",
    "transactions": "transaction_id",
    "stage_events": "event_id",
    "payments": "payment_id",
    "communications": "communication_id",
}
"""Streams whose rows are numbered where they give no key."""
DEFAULTS: Mapping[str, Mapping[str, str]] = {
    "vehicles": {"kind": "fund", "status": "active", "currency_code": "USD"},
    "commitments": {"currency_code": "USD"},
    "transactions": {"currency_code": "USD"},
    "valuations": {"currency_code": "USD"},
    "payments": {"currency_code": "USD"},
    "fx_rates": {"source": "golden case"},
    "documents": {"uploaded_at": "2024-01-01T00:00:00Z"},
}
OF_PLATFORM = ("index_levels", "fx_rates")
MONEY_STEP, RATE_STEP = Decimal("0.005"), Decimal("1e-9")
Rows = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Answer:
    """What one metric must be in one row of a mart; `value` None: there must be no number."""

    case: str
    tenant: str
    metric: str
    mart: str
    at: Mapping[str, Any]
    value: Decimal | None
    within: Decimal | None

    @property
    def columns(self) -> list[str]:
        """The column of the mart that holds the metric, by the register; one, unless that is at fault."""
        places = (place.split(".") for place in metric(self.metric).served_by)
        return [column for mart, column in places if mart == self.mart]

    @property
    def as_of(self) -> date | None:
        """The date that is asked for; None: the latest."""
        found: date | None = self.at.get("as_of") or self.at.get("quarter")
        return found

    @property
    def condition(self) -> str:
        """The row, as SQL."""
        said = [f"{column} = '{value}'" for column, value in self.at.items()]
        if not DATES & self.at.keys() and self.mart not in UNDATED:
            said.append("is_latest")
        return " and ".join(said)

    def is_met_by(self, found: Decimal | None, unit: str) -> bool:
        """Whether this number is the answer."""
        if found is None or self.value is None:
            return found is self.value
        step = self.within or (
            MONEY_STEP if unit == "money" else RATE_STEP * max(Decimal(1), abs(self.value))
        )
        return abs(found - self.value) <= step


@cache
def _files() -> dict[str, list[dict[str, Any]]]:
    return {
        path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.yml"))
    }


def books() -> list[dict[str, Any]]:
    """All books, as they are written."""
    return [book for listed in _files().values() for book in listed]


def answers() -> Iterator[Answer]:
    """Every answer of every case."""
    for book in books():
        for case in book["cases"]:
            for group in case["answers"]:
                for name, value in group["are"].items():
                    yield Answer(
                        case["id"],
                        book.get("tenant", "examples"),
                        name,
                        group["in"],
                        group["at"],
                        None if value is None else Decimal(str(value)),
                        _tolerance(group),
                    )


def deliveries(tenant: str) -> tuple[Rows, Rows]:
    """The rows of a tenant's books in two deliveries; `platform` has the rates and levels of all books."""
    first: Rows = defaultdict(list)
    later: Rows = defaultdict(list)
    numbers: dict[str, int] = defaultdict(int)
    for book in books():
        for part, rows in (("rows", first), ("later", later)):
            for stream, listed in book.get(part, {}).items():
                owner = "platform" if stream in OF_PLATFORM else book.get("tenant", "examples")
                for item in listed if owner == tenant else ():
                    numbers[stream] += 1
                    rows[stream].append(_row(stream, item, numbers[stream]))
    return _with_investors(first), _with_investors(later, first)


def _row(stream: str, item: list[Any], number: int) -> dict[str, Any]:
    more = item[-1] if isinstance(item[-1], dict) else {}
    values = item[:-1] if more else item
    row = {**DEFAULTS.get(stream, {}), **dict(zip(COLUMNS[stream], values, strict=True)), **more}
    if stream in KEYS:
        row.setdefault(KEYS[stream], f"golden-{number}")
    if stream in ("vehicles", "investors", "holdings"):
        row.setdefault("name", item[0])
    return {column: _dated(column, value) for column, value in row.items()}


def _dated(column: str, value: Any) -> Any:
    if isinstance(value, int) and (column.endswith("_on") or column in ("on_date", "as_of")):
        return START + timedelta(days=365 * value)
    if column == "occurred_at" and isinstance(value, date):
        return f"{value}T12:00:00Z"
    return value


def _with_investors(rows: Rows, known: Rows | None = None) -> Rows:
    """The rows, with everybody whom they name and who is not told of apart."""
    told = {row["investor_id"] for row in [*rows["investors"], *(known or {}).get("investors", [])]}
    named = {row["investor_id"] for listed in rows.values() for row in listed if row.get("investor_id")}
    rows["investors"] += [{"investor_id": one, "name": one} for one in sorted(named - told)]
    return rows


def _tolerance(group: Mapping[str, Any]) -> Decimal | None:
    if "digits" in group:
        return Decimal("0.5") * Decimal(10) ** -group["digits"]
    return Decimal(str(group["within"])) if "within" in group else None


def page() -> str:
    """The text of docs/metrics/golden_cases.md; run this module to write it, a test compares the two."""
    lines = [
        "# Golden cases",
        "",
        "Written from `tests/data/golden` by `python -m tests.integration.golden_cases`. Each case is rows",
        "of books, loaded from files, and what a mart must then say: to the cent, or 1e-9 of rates, unless",
        "another precision is printed. Where an answer was published its source is named; the others are",
        "worked out here. None is output of Capstan.",
    ]
    for topic, listed in _files().items():
        lines += ["", f"## {topic.capitalize()} (`tests/data/golden/{topic}.yml`)"]
        for book in listed:
            for case in book["cases"]:
                lines += ["", *_case(case, book["book"])]
    return "\n".join(lines) + "\n"


def _case(case: Mapping[str, Any], book: str) -> list[str]:
    lines = [f"### {case['id']}", f"*{case['source'].strip()}.* {case['working'].strip()} Book `{book}`.", ""]
    for group in case["answers"]:
        row = ", ".join(f"{column} {value}" for column, value in group["at"].items())
        said = ", ".join(
            f"{name} {'no number' if value is None else value}" for name, value in group["are"].items()
        )
        lines.append(f"- `{group['in']}` at {row}: {said}")
    return lines


if __name__ == "__main__":
    (Path(__file__).parents[2] / "docs" / "metrics" / "golden_cases.md").write_text(page(), encoding="utf-8")
