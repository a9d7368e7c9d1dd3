"""Returns beside what they are compared with: public-market equivalents, and other conventions.

The plain performance tables are in `performance_tables.py`. A return with a subscription line never stands
without the one without it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from dashboards import wording
from dashboards.markup import Column
from dashboards.wording import helps
from reporting.presentation import reasons

Row = Mapping[str, Any]
INDEX_RATES = ("ln_pme", "pme_plus", "mpme")
"""Methods that give the index's own rate, which the return is then held against."""


def market_columns(first: str) -> tuple[Column, ...]:
    """All market comparisons side by side; `first` heads the column of names."""
    return (
        Column("name", first),
        Column("irr", "Net IRR", "number", helps("irr"), fold=True),
        Column("ks_pme", wording.title("ks_pme"), "number", helps("ks_pme")),
        Column("direct_alpha", wording.title("direct_alpha"), "number", helps("direct_alpha")),
        *(Column(name, wording.title(name), "number", helps(name)) for name in INDEX_RATES),
    )


def market_texts(row: Row, name: str) -> dict[str, Any]:
    """One row of market comparisons: under each rate of the index, how far the return is above it."""
    said = {"name": name, "_note": index_words(row), **_cell("irr", wording.irr(row))}
    for key, shown in _compared(row).items():
        said |= _cell(key, shown)
        if (
            key in INDEX_RATES
            and row.get(f"{key}_spread") is not None
            and shown.text != reasons.NOT_MEANINGFUL
        ):
            said[f"{key}_note"] = wording.gain(row[f"{key}_spread"])
    return said


NOTHING_TO_SAY = "\u00a0"
"""For a cell where no figure is missing: there is none to be had."""

METHODS = (
    Column("name", "Comparison"),
    Column("value", "Result", "number"),
    Column("spread", "Net IRR less index", "number", "How far the return is above or below the index's own"),
    Column("meaning", "Question", "quiet", fold=True),
)


def method_texts(row: Row) -> list[dict[str, Any]]:
    """The comparisons of one vehicle, one line a method, with what each asks or why it has no answer."""
    lines = []
    for key, shown in _compared(row).items():
        spread = row.get(f"{key}_spread") if shown.text != reasons.NOT_MEANINGFUL else None
        lines.append(
            {
                "name": wording.title(key),
                "value": shown.text,
                "value_why": shown.why,
                "spread": wording.gain(spread) if key in INDEX_RATES else NOTHING_TO_SAY,
                "meaning": shown.why or wording.question(key),
            }
        )
    return lines


def index_words(row: Row) -> str:
    """Which index a vehicle is compared with."""
    return f"against {row['benchmark_code']}" if row.get("benchmark_code") else "no index named"


def market_remarks(rows: Sequence[Row], name_key: str) -> list[str]:
    """A sentence for each reason why comparisons are missing, naming those that it is the reason of."""
    said = []
    for row in rows:
        missing: dict[str, list[str]] = {}
        for key, shown in _compared(row).items():
            if shown.why:
                missing.setdefault(shown.why, []).append(wording.title(key))
        said += [f"{row[name_key]}, {', '.join(names)}: {why}" for why, names in missing.items()]
        if age := row.get("mpme_nav_age_days"):
            said.append(
                f"{row[name_key]}, {wording.title('mpme')}: rests on values of up to {wording.days(age)} "
                "before a distribution."
            )
    return said


LINE_COLUMNS = (
    ("irr", "Net IRR"),
    ("irr_without_facility", "IRR without line"),
    ("tvpi", "Net TVPI"),
    ("tvpi_without_facility", "TVPI without line"),
    ("unfunded_amount", "Unfunded"),
    ("total_exposure_amount", "Total exposure"),
)


def line_columns(first: str) -> tuple[Column, ...]:
    """Returns with and without a subscription line, and what is and may still come to be at risk."""
    return (
        Column("name", first),
        *(Column(key, label, "number", helps(key)) for key, label in LINE_COLUMNS),
    )


def line_texts(row: Row, name: str) -> dict[str, Any]:
    """One row's returns with and without the line, and its exposure."""
    currency, status = row["currency_code"], row["irr_without_facility_status"]
    no_line = reasons.FACILITY["no_facility_flows"] if not row["has_facility"] else ""
    return {
        "name": name,
        **_cell("irr", wording.irr(row)),
        **_cell("irr_without_facility", wording.rate(row, "irr_without_facility")),
        "tvpi": wording.multiple(row["tvpi"]),
        "tvpi_why": wording.nav_why(row) if row["tvpi"] is None else "",
        "tvpi_without_facility": wording.multiple(row["tvpi_without_facility"]),
        "tvpi_without_facility_why": no_line or (wording.nav_why(row) if status != "ok" else ""),
        "unfunded_amount": wording.money(row["unfunded_amount"], currency),
        "unfunded_amount_why": reasons.unfunded(row.get("unfunded_status")),
        "total_exposure_amount": wording.money(row["total_exposure_amount"], currency),
        "total_exposure_amount_why": ""
        if row["total_exposure_amount"] is not None
        else " ".join(
            part for part in (wording.nav_why(row), reasons.unfunded(row["unfunded_status"])) if part
        ),
    }


def line_remarks(rows: Sequence[Row], name_key: str) -> list[str]:
    """Where no line is known, and the multiples under the other convention for recallable distributions."""
    unknown = [str(row[name_key]) for row in rows if not row["has_facility"]]
    said = [f"{', '.join(unknown)}: {reasons.FACILITY['no_facility_flows']}"] if unknown else []
    return said + [
        f"{row[name_key]}: {wording.money(row['recallable_amount'], row['currency_code'])} may be recalled. "
        f"Were it taken off what was paid in instead of counted as paid out, DPI would be "
        f"{wording.multiple(row['dpi_netted'])} and TVPI {wording.multiple(row['tvpi_netted'])}."
        for row in rows
        if row.get("recallable_amount")
    ]


def _compared(row: Row) -> dict[str, reasons.Shown]:
    """Each comparison of a row as it is written, with the reason where there is none."""
    return {
        "ks_pme": wording.pme(row),
        "direct_alpha": wording.rate({**row, "direct_alpha_status": row.get("pme_status")}, "direct_alpha"),
        **{key: wording.rate(row, key) for key in INDEX_RATES},
    }


def _cell(key: str, shown: reasons.Shown) -> dict[str, str]:
    return {key: shown.text, f"{key}_why": shown.why}
