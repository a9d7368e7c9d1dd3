# ruff: noqa: E501 - rows read as lines
"""ILPA's templates as workbooks: written by the command, recalculated, equal to the marts, closed to other LPs."""

import re
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from tests.integration.ilpa_world import PERIOD_END, IlpaWorld, ilpa_world
from tests.integration.test_cli import Run, runner

__all__ = ["ilpa_world"]

LP = "lp@investor.example"
SECTIONS = {
    "A.1 NAV": ("fct_ilpa_nav_reconciliation", ("investor", "total", "gp")),
    "A.2 Commitment": ("fct_ilpa_commitment", ("investor", "total", "gp")),
    "B.1 Sources": ("fct_ilpa_source_allocation", ("investor", "lps", "affiliates")),
}


@pytest.fixture
def run(ilpa_world: IlpaWorld, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(ilpa_world.database, monkeypatch, capsys)


def written(run: Run, folder: Path, *words: str, email: str = LP, vehicle: str = "v2") -> Path:
    """The workbook that the command writes for this person."""
    path = folder / "template.xlsx"
    said = run(
        "ilpa",
        "alder",
        "--as",
        email,
        "--vehicle",
        vehicle,
        "--period",
        "2026Q3",
        "--out",
        str(path),
        "--json",
        *words,
    )
    assert said.code == 0, said.err
    assert said.document["file"] == str(path)
    return path


def value(book: Workbook, sheet: str, cell: str) -> Decimal:
    """A cell computed here: numbers, references, sums and differences are all that the sections use."""
    content = book[sheet][cell].value
    if not isinstance(content, str):
        return Decimal(str(content))
    assert content.startswith("="), f"{sheet}!{cell} is text: {content}"
    choice = re.fullmatch(r"=IF\((\d)=1,(\w+),0\)", content)
    if choice:
        return value(book, sheet, choice[2]) if choice[1] == "1" else Decimal(0)
    total = Decimal(0)
    for sign, first, last, single in re.findall(
        r"([+-]?)(?:SUM\(([A-Z]+\d+):([A-Z]+\d+)\)|([A-Z]+\d+))", content[1:]
    ):
        cells = [[book[sheet][single]]] if single else book[sheet][f"{first}:{last}"]
        part = sum(
            (value(book, sheet, c.coordinate) for row in cells for c in row if c.value is not None),
            Decimal(0),
        )
        total += -part if sign == "-" else part
    return total


@pytest.mark.parametrize("vehicle", ["v2", "kpmg", "fees"])
def test_every_amount_of_the_workbook_is_the_marts_and_every_sum_is_a_formula(
    ilpa_world: IlpaWorld, run: Run, tmp_path: Path, vehicle: str
) -> None:
    book = openpyxl.load_workbook(written(run, tmp_path, vehicle=vehicle))
    for sheet, (mart, groups) in SECTIONS.items():
        rows = ilpa_world.read(
            LP,
            f"select * from {mart} where vehicle_id = %s and period_end = %s order by line_order",
            vehicle,
            PERIOD_END,
        )
        names = [cell.value for cell in book[sheet]["A"]]
        at = 0
        for row in rows:
            at = names.index(row["line_name"], at + 1 if at else 0)
            for place, column in enumerate(
                f"{group}_{span}_amount" for group in groups for span in ("qtd", "ytd", "itd")
            ):
                cell = book[sheet].cell(at + 1, place + 2)
                assert value(book, sheet, cell.coordinate) == row[column], (sheet, row["line"], column)
                assert (cell.data_type == "f") == (row["role"] == "sum"), (sheet, row["line"])


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--template", "performance"),
        ("--template", "performance", "--method", "gross-up"),
        ("--template", "capital-call"),
    ],
)
def test_another_program_recalculates_the_workbook_without_an_error(
    run: Run, tmp_path: Path, words: tuple[str, ...]
) -> None:
    """LibreOffice opens the file, computes every formula anew and finds what the marts say."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip(
            "LibreOffice is not installed: the workbook is recalculated by this test's own arithmetic only"
        )
    path = written(run, tmp_path, *words, vehicle="line")
    subprocess.run(
        [office, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "ods", "--outdir", str(tmp_path), str(path)],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    subprocess.run(
        [office, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(tmp_path / "again"), str(tmp_path / "template.ods")],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    ours, computed = (
        openpyxl.load_workbook(path),
        openpyxl.load_workbook(tmp_path / "again" / "template.xlsx", data_only=True),
    )
    assert computed.sheetnames == ours.sheetnames
    checked = 0
    for sheet in ours:
        for cells in sheet.iter_rows():
            for cell in cells:
                result = computed[sheet.title][cell.coordinate].value
                assert not (isinstance(result, str) and result.startswith("#")), (
                    sheet.title,
                    cell.coordinate,
                    result,
                )
                if cell.data_type == "f" and "/" not in cell.value and "IFERROR" not in cell.value:
                    assert Decimal(str(result)) == pytest.approx(value(ours, sheet.title, cell.coordinate)), (
                        cell.coordinate
                    )
                    checked += 1
    assert checked > 5
    if "Checks" in ours.sheetnames:
        assert {cell.value for cells in computed["Checks"]["B9:J15"] for cell in cells} == {0}


def test_what_people_wrote_is_text_and_never_a_formula(ilpa_world: IlpaWorld, tmp_path: Path) -> None:
    from reporting.ilpa.sheet import add_sheet, new_workbook

    book = new_workbook("t", __import__("datetime").date(2026, 9, 30))
    add_sheet(book, "Notes", "=1+1", [("Fund", "x")], (10,))
    book.save(tmp_path / "t.xlsx")
    assert openpyxl.load_workbook(tmp_path / "t.xlsx")["Notes"]["A1"].data_type == "s"


def test_a_workbook_names_no_other_lp(ilpa_world: IlpaWorld, run: Run, tmp_path: Path) -> None:
    words: list[tuple[Any, ...]] = [(), ("--template", "performance"), ("--template", "capital-call")]
    for options in words:
        book = openpyxl.load_workbook(written(run, tmp_path, *options))
        texts = {
            str(cell.value)
            for sheet in book
            for cells in sheet.iter_rows()
            for cell in cells
            if cell.value is not None
        }
        assert not [text for text in texts if "others" in text]


def test_another_lps_allocation_is_not_there_for_an_lp(run: Run, tmp_path: Path) -> None:
    """The same words as for a fund that does not exist: nothing tells an LP who else there is."""
    for vehicle, investor in (("v2", "others"), ("nowhere", "lp5")):
        said = run(
            "ilpa",
            "alder",
            "--as",
            LP,
            "--vehicle",
            vehicle,
            "--investor",
            investor,
            "--period",
            "2026Q3",
            "--out",
            str(tmp_path / "x.xlsx"),
        )
        assert said.code == 1
        assert "you may read none of this vehicle and investor" in said.err
    assert not (tmp_path / "x.xlsx").exists()


def test_a_quarter_without_a_template_is_refused_with_those_there_are(run: Run, tmp_path: Path) -> None:
    said = run(
        "ilpa",
        "alder",
        "--as",
        LP,
        "--vehicle",
        "kpmg",
        "--period",
        "2019Q1",
        "--out",
        str(tmp_path / "x.xlsx"),
    )
    assert said.code == 1
    assert "quarter ends there are: 2026-06-30, 2026-09-30" in said.err


def test_a_manager_is_asked_whose_allocation_it_is(run: Run) -> None:
    said = run("ilpa", "alder", "--as", "office@manager.example", "--vehicle", "v2", "--period", "2026Q3")
    assert said.code == 2
    assert "--investor ID is missing" in said.err
