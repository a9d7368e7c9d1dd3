"""How a sheet of a template looks: title, header that stays, number formats, print set-up. No figure is
made here.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from reporting.presentation import palette

MONEY = "#,##0_);(#,##0);0_)"
CENTS = "#,##0.00_);(#,##0.00);0.00_)"
PERCENT = "0.00%;-0.00%;0.00%"
MULTIPLE = '0.00"x"'
DAY = "yyyy-mm-dd"
UNKNOWN = "n/a"
FONT = "Calibri"
_THIN = Side(style="thin", color=palette.RULE_STRONG.lstrip("#"))
_HAIR = Side(style="hair", color=palette.RULE_STRONG.lstrip("#"))
_ACCENT = palette.DEFAULT_ACCENT.lstrip("#")


def new_workbook(title: str, prepared_on: date) -> Workbook:
    """A workbook without sheets that names what it is."""
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.title = title
    book.properties.creator = "Capstan"
    return book


def add_sheet(
    book: Workbook, name: str, title: str, facts: Sequence[tuple[str, str]], widths: Sequence[float]
) -> Worksheet:
    """A sheet with its title and facts (label, value) from row 1; the next free row follows a blank one."""
    sheet = book.create_sheet(name)
    sheet.sheet_view.showGridLines = False
    for place, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    put(sheet, 1, 1, title, bold=True, size=14, colour=_ACCENT)
    for row, (label, value) in enumerate(facts, start=2):
        put(sheet, row, 1, f"{label}: {value}", colour=palette.MUTED.lstrip("#"))
    return sheet


def put(
    sheet: Worksheet,
    row: int,
    column: int,
    value: Any,
    number_format: str | None = None,
    *,
    bold: bool = False,
    italic: bool = False,
    size: int = 10,
    colour: str = palette.INK.lstrip("#"),
    wrap: bool = False,
    is_formula: bool = False,
) -> None:
    """Writes a cell. Text is text: only `is_formula` makes a formula. An unknown number is shown as such."""
    cell = sheet.cell(row, column)
    is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    if value is None and number_format:
        value = UNKNOWN
    cell.value = value
    if isinstance(value, str) and not is_formula:
        cell.data_type = "s"
    if number_format and (is_number or is_formula or isinstance(value, date)):
        cell.number_format = number_format
    cell.font = Font(name=FONT, size=size, bold=bold, italic=italic, color=colour)
    is_figure = number_format is not None and not isinstance(value, date)
    cell.alignment = Alignment(
        horizontal="right" if is_figure else "left",
        vertical="top" if wrap else "center",
        wrap_text=wrap,
        indent=_indent(column, is_figure),
    )


def header(
    sheet: Worksheet, row: int, labels: Sequence[str], first_column: int = 1, *, words: int = 1
) -> None:
    """One row of column heads on the accent colour; the first `words` columns hold words, not figures."""
    for place, label in enumerate(labels, start=first_column):
        put(sheet, row, place, label, bold=True, colour="FFFFFF", wrap=True)
        cell = sheet.cell(row, place)
        cell.fill = PatternFill("solid", start_color=_ACCENT)
        side = "left" if place <= words else "right"
        indent = _indent(place, side == "right")
        cell.alignment = Alignment(horizontal=side, vertical="center", wrap_text=True, indent=indent)


def _indent(column: int, is_figure: bool) -> int:
    """Words keep off the figures that may stand to their left."""
    return 0 if is_figure or column == 1 else 1


def group_header(sheet: Worksheet, row: int, label: str, first: int, last: int) -> None:
    """A head over several columns. Cells are merged for the eye only; the row below names each column."""
    header(sheet, row, [label, *[""] * (last - first)], first)
    sheet.merge_cells(start_row=row, start_column=first, end_row=row, end_column=last)
    sheet.cell(row, first).alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)


def block_row(sheet: Worksheet, row: int, label: str, columns: int) -> None:
    """The name of a block of rows."""
    put(sheet, row, 1, label, bold=True, colour=_ACCENT)
    for column in range(1, columns + 1):
        sheet.cell(row, column).border = Border(bottom=_THIN)


def rule(sheet: Worksheet, row: int, columns: int, *, is_sum: bool) -> None:
    """The line under a row: stronger and with a ground where it is a sum."""
    for column in range(1, columns + 1):
        cell = sheet.cell(row, column)
        cell.border = Border(top=_THIN if is_sum else None, bottom=_THIN if is_sum else _HAIR)
        if is_sum:
            cell.fill = PatternFill("solid", start_color=palette.PAPER.lstrip("#"))


def type_words(name: str) -> str:
    """A transaction type as people read it: `capital_call_expenses` is `Capital call: expenses`."""
    kinds = {"capital_call": "Capital call", "distribution": "Distribution", "gross_up": "Gross-up"}
    for kind, title in kinds.items():
        if name.startswith(f"{kind}_"):
            return f"{title}: {name.removeprefix(f'{kind}_').replace('_', ' ')}"
    return name.replace("_", " ").capitalize()


def finish(sheet: Worksheet, header_row: int, *, freeze: str, is_landscape: bool = True) -> None:
    """Frozen and repeated header, one page wide, numbered pages."""
    sheet.freeze_panes = freeze
    sheet.print_title_rows = f"1:{header_row}"
    sheet.page_setup.orientation = "landscape" if is_landscape else "portrait"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.oddFooter.left.text = "Confidential"
    sheet.oddFooter.right.text = "&P / &N"
