"""The Footnotes sheet that every ILPA workbook ends with."""

from collections.abc import Sequence

from openpyxl.workbook import Workbook

from reporting.ilpa import sheet as paper


def add_footnotes(book: Workbook, facts: Sequence[tuple[str, str]], notes: Sequence[tuple[str, str]]) -> None:
    """Numbered notes: what each is about, and its words."""
    sheet = paper.add_sheet(book, "Footnotes", "Footnotes", facts, (6, 52, 110))
    row = len(facts) + 3
    paper.header(sheet, row, ["No", "About", "Note"], words=3)
    for number, (about, words) in enumerate(notes, start=1):
        paper.put(sheet, row + number, 1, str(number), wrap=True)
        paper.put(sheet, row + number, 2, about, wrap=True)
        paper.put(sheet, row + number, 3, words, wrap=True)
        sheet.row_dimensions[row + number].height = 14 * max(1, -(-len(words) // 105), -(-len(about) // 48))
        paper.rule(sheet, row + number, 3, is_sum=False)
    paper.finish(sheet, row, freeze=f"A{row + 1}")
