"""What the Capital Call & Distribution Template adds to the notices of a quarter: the unfunded commitment in
the order of the Reporting Template's A.2, and how management fee, carried interest and clawback come about.

The rows are those of the Reporting Template, so that notice and report agree; sums are formulas.
"""

from openpyxl.workbook import Workbook

from reporting.ilpa import sheet as paper
from reporting.ilpa.formulas import formula, sums_of
from reporting.ilpa.reading import COMMITMENT as UNFUNDED
from reporting.ilpa.reading import NAV, Row, Section

HEADER_ROW = 8
COLUMNS = "BCDEFGHIJ"
SPANS = ("qtd", "ytd", "itd")
NOT_THERE = (
    "No Reporting Template is filled for this quarter, so nothing is shown here; zeros would be a statement."
)
CALCULATIONS = (
    (
        "Management fee",
        (
            "management_fees",
            "management_fee_rebates",
            "management_fee_waivers",
            "management_fee_offsets",
            "management_fees_net",
        ),
    ),
    (
        "Carried interest and clawback",
        (
            "carry_start",
            "carry_accrued_unrealized",
            "carry_earned_realized",
            "carry_held_in_escrow",
            "carry_accrued_and_earned",
            "carry_paid",
            "carry_clawback",
            "carry_end",
        ),
    ),
)


def add_supplements(
    book: Workbook, facts: list[tuple[str, str]], commitment: list[Row], nav: list[Row]
) -> None:
    """The sheets `Unfunded commitment` and `Supplemental`, from the rows of sections A.2 and A.1."""
    whole = [("Unfunded commitment", tuple(row["line"] for row in commitment))]
    _sheet(
        book, UNFUNDED, "Unfunded commitment", "LP unfunded commitment, as in A.2", facts, commitment, whole
    )
    _sheet(book, NAV, "Supplemental", "Supplemental calculations, as in A.1", facts, nav, list(CALCULATIONS))


def _sheet(
    book: Workbook,
    section: Section,
    name: str,
    title: str,
    facts: list[tuple[str, str]],
    rows: list[Row],
    blocks: list[tuple[str, tuple[str, ...]]],
) -> None:
    sheet = paper.add_sheet(book, name, title, facts, (62, *[16] * 9))
    paper.header(sheet, HEADER_ROW - 1, [""])
    for number, (_, head) in enumerate(section.groups):
        first = 2 + 3 * number
        paper.group_header(sheet, HEADER_ROW - 1, head.format(holder=facts[1][1]), first, first + 2)
    paper.header(sheet, HEADER_ROW, ["", *["QTD", "YTD", "ITD"] * 3])
    by_line = {row["line"]: row for row in rows}
    sums = sums_of(rows)
    at = HEADER_ROW
    place: dict[str, int] = {}
    for label, lines in blocks:
        at += 1
        paper.block_row(sheet, at, label, 10)
        for line in lines if by_line else ():
            at += 1
            place[line] = at
        at += 1
    for line, row_number in place.items():
        row = by_line[line]
        is_sum = row["role"] == "sum"
        paper.put(sheet, row_number, 1, row["line_name"], bold=is_sum, italic=row["role"] == "memo")
        names = [f"{prefix}_{span}_amount" for prefix, _ in section.groups for span in SPANS]
        for column, amount_name in zip(COLUMNS, names, strict=True):
            amount = row[amount_name]
            content = formula(sums[line], place, column) if is_sum and amount is not None else amount
            paper.put(
                sheet, row_number, COLUMNS.index(column) + 2, content, paper.CENTS,
                bold=is_sum, is_formula=isinstance(content, str),
            )  # fmt: skip
        paper.rule(sheet, row_number, 10, is_sum=is_sum)
    if not by_line:
        paper.put(sheet, at + 1, 1, NOT_THERE, italic=True)
    paper.finish(sheet, HEADER_ROW, freeze=f"B{HEADER_ROW + 1}")
