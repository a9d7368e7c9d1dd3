"""The tab Fund-of-Funds - Underlying of the Reporting Template: what funds that this fund holds charge it.

No stream states such charges, so every amount is n/a; zeros would be a statement.
"""

from openpyxl.workbook import Workbook

from reporting.ilpa import sheet as paper
from reporting.ilpa.reading import Row

NAME = "FoF Underlying"
BLOCKS = {
    "management_fees": "Management fees of underlying funds",
    "internal": "Partnership expenses of underlying funds - internal & related persons",
    "external": "Partnership expenses of underlying funds - external",
    "carry": "Carried interest of underlying funds",
}
NOTE = (
    "For a fund that holds other funds. No source states what those charge, so all of it is n/a: not "
    "applicable to a fund that holds none, not available for one that does. The rows of this tab were not "
    "verified against the official workbook; they are those of A.1."
)
HEADER_ROW = 8


def add_underlying(book: Workbook, facts: list[tuple[str, str]], nav: list[Row]) -> None:
    """The sheet, with the rows of A.1 (`nav`) that are charges."""
    sheet = paper.add_sheet(book, NAME, "Fund-of-Funds - Underlying", facts, (62, *[16] * 6))
    paper.header(sheet, HEADER_ROW - 1, [""])
    paper.group_header(sheet, HEADER_ROW - 1, f"Allocation of {facts[1][1]}", 2, 4)
    paper.group_header(sheet, HEADER_ROW - 1, "Total fund (incl. GP)", 5, 7)
    paper.header(sheet, HEADER_ROW, ["", *["QTD", "YTD", "ITD"] * 2])
    at = HEADER_ROW
    for block, title in BLOCKS.items():
        at += 1
        paper.block_row(sheet, at, title, 7)
        for row in (row for row in nav if row["block"] == block and row["line"] != "ending_nav_gross"):
            at += 1
            is_sum = row["role"] == "sum"
            paper.put(sheet, at, 1, row["line_name"], bold=is_sum, italic=row["role"] == "memo")
            for column in range(2, 8):
                paper.put(sheet, at, column, None, paper.MONEY, bold=is_sum)
            paper.rule(sheet, at, 7, is_sum=is_sum)
        at += 1
    paper.put(
        sheet, at + 1, 1, "n/a: no source states what underlying funds charge; see Footnotes.", italic=True
    )
    paper.finish(sheet, HEADER_ROW, freeze=f"B{HEADER_ROW + 1}")
