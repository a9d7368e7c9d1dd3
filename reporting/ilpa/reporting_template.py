"""ILPA's Reporting Template v2.0 of one holder and quarter: sections A.1, A.2 and B.1, and its footnotes.

Amounts come from the marts, in the reader's own session; sums are formulas (`formulas.py`).
"""

from datetime import date
from typing import Any

from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from reporting.errors import NothingToReport
from reporting.ilpa import sheet as paper
from reporting.ilpa.footing_checks import add_checks
from reporting.ilpa.footnotes import add_footnotes
from reporting.ilpa.formulas import formula, sums_of
from reporting.ilpa.fund_of_funds import NOTE as UNDERLYING
from reporting.ilpa.fund_of_funds import add_underlying
from reporting.ilpa.reading import (
    COMMITMENT,
    NAV,
    SECTIONS,
    SPANS,
    Row,
    Section,
    missing_rates,
    section_rows,
    there_is_none,
)
from reporting.packs.periods import Quarter
from warehouse.sessions import Reader

COLUMNS = "BCDEFGHIJ"
FIRST_ROW = 9
BLOCKS = {
    "nav": "Net asset value",
    "flows": "Cash / non-cash flows",
    "management_fees": "Management fees",
    "internal": "Partnership expenses - internal & related persons",
    "external": "Partnership expenses - external",
    "offsets": "Offsets to fees & expenses",
    "income": "Income",
    "gains": "Gains & losses",
    "carry": "Carried interest reconciliation",
    "commitment": "Commitment reconciliation",
    "received": "Fees & reimbursements received by the GP & related persons",
}
LATER_PROMISES = "Commitments signed after a holder's first one, and adjustments stated by the administrator."
UNVERIFIED = (
    "Rows and signs follow the guidance of January 2025. Not verified against the official workbook: "
    "its cell "
    "addresses, and which rows its 'Total net expenses' adds (here: management fees, related-person and "
    "external "
    "expenses, all net)."
)


def reporting_template(
    reader: Reader, vehicle_id: str, investor_id: str | None, quarter: Quarter, *, prepared_on: date
) -> Workbook:
    """The workbook; no investor: the whole fund, all limited partners in the first columns.

    Raises NothingToReport where the reader sees no such template, with the periods there are.
    """
    sections = {
        section.name: section_rows(reader, section, vehicle_id, investor_id, quarter) for section in SECTIONS
    }
    if not sections[NAV.name]:
        raise NothingToReport(there_is_none(reader, vehicle_id, investor_id, quarter))
    first = sections[NAV.name][0]
    facts = [
        ("Fund", first["vehicle_name"]),
        ("Holder", first["investor_name"]),
        (
            "Period",
            f"{quarter.title}: QTD from {quarter.first_day}, YTD from {quarter.year}-01-01, all to "
            f"{quarter.last_day}",
        ),
        (
            "Currency",
            f"{first['currency_code']}, signed by the effect on the holder's wealth; prepared on "
            f"{prepared_on}",
        ),
    ]
    book = paper.new_workbook(
        f"ILPA Reporting Template v2.0 - {first['vehicle_name']} - {quarter.name}", prepared_on
    )
    rates = {
        row["line"]: row["offset_rate"] for row in sections["B.1 Sources"] if row["offset_rate"] is not None
    }
    places: dict[str, dict[str, int]] = {}
    for section in SECTIONS:
        places[section.name] = _section(book, section, sections[section.name], facts, rates)
    add_underlying(book, facts, sections[NAV.name])
    add_checks(book, facts, places, is_whole_fund=investor_id is None)
    lacking = missing_rates(reader, vehicle_id, investor_id, quarter)
    add_footnotes(book, facts, _notes(sections, first, lacking))
    return book


def _section(
    book: Workbook, section: Section, rows: list[Row], facts: list[tuple[str, str]], rates: dict[str, float]
) -> dict[str, int]:
    sheet = paper.add_sheet(book, section.name, section.title, facts, (62, *[16] * 9, 18))
    holder = facts[1][1]
    for number, (_, head) in enumerate(section.groups):
        paper.group_header(sheet, FIRST_ROW - 2, head.format(holder=holder), 2 + 3 * number, 4 + 3 * number)
    paper.header(sheet, FIRST_ROW - 2, [""])
    paper.header(sheet, FIRST_ROW - 2, [""], 11)
    notes = "% offset to LP**" if section.name == "A.1 NAV" else "% offset**" if "B.1" in section.name else ""
    paper.header(sheet, FIRST_ROW - 1, ["", *["QTD", "YTD", "ITD"] * 3, notes])
    place = _places(rows)
    sums = sums_of(rows)
    block = None
    for row in rows:
        at = place[row["line"]]
        if row["block"] != block:
            block = row["block"]
            paper.block_row(sheet, at - 1, BLOCKS[block], 11)
        _line(sheet, section, row, at, sums, place)
        rate = rates.get(row["line"].replace("offset_", "received_", 1))
        if rate is not None and row["role"] == "part" and row["block"] in ("offsets", "received"):
            paper.put(sheet, at, 11, rate, paper.PERCENT)
        elif row["is_estimate"]:
            paper.put(sheet, at, 11, "**** estimate", italic=True, colour="8A6116")
    paper.finish(sheet, FIRST_ROW - 1, freeze=f"B{FIRST_ROW}")
    return place


def _places(rows: list[Row]) -> dict[str, int]:
    """The row number of each line; a block that begins leaves one row for its name."""
    place: dict[str, int] = {}
    at, block = FIRST_ROW, None
    for row in rows:
        if row["block"] != block:
            block = row["block"]
            at += 1
        place[row["line"]] = at
        at += 1
    return place


def _line(
    sheet: Worksheet, section: Section, row: Row, at: int, sums: dict[str, Any], place: dict[str, int]
) -> None:
    is_sum = row["role"] == "sum"
    paper.put(sheet, at, 1, row["line_name"], bold=is_sum, italic=row["role"] == "memo")
    columns = iter(COLUMNS)
    for prefix, _ in section.groups:
        for span in SPANS:
            column = next(columns)
            number = COLUMNS.index(column) + 2
            amount = row[f"{prefix}_{span}_amount"]
            if is_sum and amount is not None:
                text = formula(sums[row["line"]], place, column)
                paper.put(sheet, at, number, text, paper.MONEY, bold=True, is_formula=True)
            else:
                paper.put(sheet, at, number, amount, paper.MONEY, bold=is_sum)
    paper.rule(sheet, at, 11, is_sum=is_sum)


def _notes(sections: dict[str, list[Row]], first: Row, lacking: list[str]) -> list[tuple[str, str]]:
    notes = [
        (
            "Fund",
            f"{first['vehicle_name']}: the vehicle as its administrator keeps it; a feeder shows its "
            "own and its share of the master's.",
        ),
        ("Related persons", "The GP and affiliates are the holders whose kind says so among the investors."),
    ]
    for name, rows in sections.items():
        for row in rows:
            if row.get("footnote"):
                notes.append((f"* {name}, {row['line_name']}", row["footnote"]))
            unsplit = [row.get(f"unsplit_{span}_amount") for span in SPANS]
            if any(unsplit):
                told = ", ".join(
                    f"{span.upper()} {amount:,.2f}"
                    for span, amount in zip(SPANS, unsplit, strict=True)
                    if amount is not None
                )
                notes.append(
                    (
                        f"* {name}, {row['line_name']}",
                        "Of the holder's amount, this much is the change in value that no source "
                        f"splits into lines: {told}.",
                    )
                )
    for row in sections[COMMITMENT.name]:
        if row["line"] == "commitment_other" and any(row[f"investor_{span}_amount"] for span in SPANS):
            notes.append((f"* {COMMITMENT.name}, {row['line_name']}", LATER_PROMISES))
    estimates = [row["line_name"] for row in sections["A.1 NAV"] if row["is_estimate"]]
    if estimates:
        notes.append(
            (
                "**** Estimates",
                "The fund's amount shared by commitment, to the cent: " + "; ".join(estimates) + ".",
            )
        )
    unknown = sorted(
        {
            row["line_name"]
            for row in sections["A.1 NAV"]
            if any(row[f"investor_{s}_amount"] is None for s in SPANS)
        }
    )
    if unknown:
        notes.append(
            (
                "n/a",
                "Not known: no value was reported, or a rate of exchange is missing. "
                + "; ".join(unknown)
                + ".",
            )
        )
    if lacking:
        notes.append(("Missing exchange rates", "; ".join(lacking) + ". No rate is ever assumed."))
    notes += [
        ("** Offset to LP", "The current share; it need not explain YTD and ITD."),
        (
            "Optional rows",
            "Zero unless stated: partner transfers, organization costs, due diligence, broken deals, "
            "the split of carried interest.",
        ),
        ("Fund-of-Funds - Underlying", UNDERLYING),
        ("Not verified", UNVERIFIED),
    ]
    return notes
