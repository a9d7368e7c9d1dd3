# ruff: noqa: E501 - rows read as lines
"""ILPA's templates as workbooks: written by the command, recalculated, equal to the marts, closed to other LPs."""

import re
import shutil
import subprocess
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from reporting.ilpa.capital_call import capital_call_template
from reporting.packs.periods import Quarter
from tests.integration.ilpa_world import PERIOD_END, IlpaWorld, ilpa_world
from tests.integration.test_cli import Run, runner
from warehouse.sessions import viewer_for

__all__ = ["ilpa_world"]

LP, OFFICE = "lp@investor.example", "office@manager.example"
TERMS_COLUMNS = ("total_qtd", "total_ytd", "total_itd", "gp_qtd", "gp_ytd", "gp_itd")
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
    share = re.fullmatch(r"=ROUND\(\((\w+)-(\w+)\)\*\$B\$7,2\)", content)
    if share:
        rest = value(book, sheet, share[1]) - value(book, sheet, share[2])
        return round(rest * value(book, sheet, "B7"), 2)
    lesser = re.fullmatch(r"=MIN\(0,(\w+)-(\w+)\)", content)
    if lesser:
        return min(Decimal(0), value(book, sheet, lesser[1]) - value(book, sheet, lesser[2]))
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


WORKBOOKS = {  # file: vehicle, whether the whole fund's, words of the command
    "reporting": ("grossed", False, ()),
    "reporting-whole": ("grossed", True, ("--whole-fund",)),
    "reporting-agreed": ("agreed", False, ()),
    "granular": ("grossed", False, ("--template", "performance")),
    "gross-up": ("agreed", False, ("--template", "performance", "--method", "gross-up")),
    "notices": ("agreed", False, ("--template", "capital-call")),
    "notices-whole": ("grossed", True, ("--template", "capital-call", "--whole-fund")),
}


def test_another_program_recalculates_every_workbook_and_finds_what_the_marts_say(
    ilpa_world: IlpaWorld, run: Run, tmp_path: Path
) -> None:
    """LibreOffice opens each file, computes every formula anew, without an error value, and agrees with the marts."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip(
            "LibreOffice is not installed: the workbooks are recalculated by this test's own arithmetic only"
        )
    paths = []
    for name, (vehicle, is_whole, words) in WORKBOOKS.items():
        email = OFFICE if is_whole else LP
        paths.append(
            written(run, tmp_path, *words, vehicle=vehicle, email=email).rename(tmp_path / f"{name}.xlsx")
        )
    subprocess.run(
        [office, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML",
         "--outdir", str(tmp_path / "again"), *map(str, paths)],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    computed = {}
    for path in paths:
        ours = openpyxl.load_workbook(path)
        computed[path.stem] = openpyxl.load_workbook(tmp_path / "again" / path.name, data_only=True)
        assert computed[path.stem].sheetnames == ours.sheetnames
        _compare(ours, computed[path.stem])
        if "Checks" in ours.sheetnames:
            cells = {cell.value for row in computed[path.stem]["Checks"]["B9:J19"] for cell in row}
            assert cells - {None} == {0, "-"}
    deals = {
        row["holding_name"]: row
        for row in ilpa_world.read(
            LP, "select * from rpt_ilpa_portfolio_performance where vehicle_id = 'agreed' and period_end = %s", PERIOD_END
        )
    }  # fmt: skip
    shown = {
        cells[0].value: [cells[at].value for at in (7, 11)]
        for cells in computed["gross-up"]["Portfolio performance"]["A7:L9"]
    }
    assert shown == {
        name: pytest.approx([row["gross_moic"], row["net_moic"]], rel=1e-12) for name, row in deals.items()
    }
    sheet = computed["notices"]["By the terms"]
    lines = {row[0].value: [cell.value for cell in row[1:10]] for row in sheet.iter_rows(min_row=10)}
    rows = ilpa_world.read(
        LP, "select * from rpt_ilpa_supplemental_calculations where vehicle_id = 'agreed' and period_end = %s", PERIOD_END
    )  # fmt: skip
    for row in rows:
        told = [float(row[f"{column}_amount"]) for column in TERMS_COLUMNS]
        assert lines[row["line_name"]][3:] == pytest.approx(told, abs=1e-9), row["line"]
        part = [0.6 * (total - carry) for total, carry in zip(told[:3], told[3:], strict=True)]
        assert lines[row["line_name"]][:3] == pytest.approx(part, abs=0.03), row["line"]


def _compare(ours: Workbook, computed: Workbook) -> None:
    """No error value, NPVs of 0, and every sum as this file's own arithmetic has it."""
    checked = 0
    for sheet in ours:
        for cells in sheet.iter_rows():
            for cell in cells:
                result = computed[sheet.title][cell.coordinate].value
                at = (sheet.title, cell.coordinate, cell.value, result)
                assert not (isinstance(result, str) and result.startswith(("#", "Err:"))), at
                if cell.data_type != "f":
                    continue
                assert result is not None, at
                if "SUMPRODUCT" in cell.value:
                    assert result == 0, at
                elif not re.search(r"/|IFERROR", cell.value):
                    wanted = value(ours, sheet.title, cell.coordinate)
                    assert Decimal(str(result)) == pytest.approx(wanted), at
                    checked += 1
    assert checked > 5


def test_the_whole_fund_is_all_lps_beside_the_total_and_for_no_lp(
    ilpa_world: IlpaWorld, run: Run, tmp_path: Path
) -> None:
    office = "office@manager.example"
    book = openpyxl.load_workbook(written(run, tmp_path, "--whole-fund", email=office))
    assert book["A.1 NAV"]["B7"].value == "Allocation of all limited partners"
    # LP #5's unfunded commitment was adjusted by -500,000: an Other of A.2 has its footnote, too
    assert "* A.2 Commitment, Other unfunded adjustments" in {cell.value for cell in book["Footnotes"]["B"]}
    for line, name in (
        ("ending_nav_net", "Ending NAV - net of accrued, earned and paid carried interest"),
        ("placement_fees", "(Placement fees)"),
    ):
        lps, = ilpa_world.read(
            office, "select sum(investor_itd_amount) as amount from fct_ilpa_nav_reconciliation where vehicle_id = 'v2' "
            "and not is_general_partner and period_end = %s and line = %s", PERIOD_END, line,
        )  # fmt: skip
        row = [cell.value for cell in book["A.1 NAV"]["A"]].index(name) + 1
        assert value(book, "A.1 NAV", f"D{row}") == lps["amount"] != 0
        assert value(book, "A.1 NAV", f"D{row}") + value(book, "A.1 NAV", f"J{row}") == value(
            book, "A.1 NAV", f"G{row}"
        )
    for template in ("reporting", "performance", "capital-call"):
        said = run(
            "ilpa", "alder", "--as", LP, "--vehicle", "v2", "--whole-fund", "--period", "2026Q3",
            "--template", template, "--out", str(tmp_path / "x.xlsx"),
        )  # fmt: skip
        assert said.code == 1 and "the whole fund is for its manager" in said.err


def test_a_notice_ends_on_the_rows_of_the_reporting_template(
    ilpa_world: IlpaWorld, run: Run, tmp_path: Path
) -> None:
    """Unfunded commitment and carried interest of the quarter are the same cells in both workbooks."""
    path = written(run, tmp_path, "--template", "capital-call", vehicle="grossed")
    notice = openpyxl.load_workbook(path)
    wanted = {
        "Unfunded commitment": ("fct_ilpa_commitment", "unfunded_end"),
        "Supplemental": ("fct_ilpa_nav_reconciliation", "management_fees_net"),
    }
    for sheet, (mart, line) in wanted.items():
        row, = ilpa_world.read(
            LP, f"select * from {mart} where vehicle_id = 'grossed' and line = %s and period_end = %s", line, PERIOD_END
        )  # fmt: skip
        at = [cell.value for cell in notice[sheet]["A"]].index(row["line_name"]) + 1
        assert notice[sheet].cell(at, 4).data_type == "f"
        assert value(notice, sheet, f"D{at}") == row["investor_itd_amount"]


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


def test_the_sheet_by_the_terms_adds_up_to_the_mart_with_the_holders_estimated_part(
    ilpa_world: IlpaWorld, tmp_path: Path
) -> None:
    viewer = viewer_for(ilpa_world.database, LP, "alder")
    with ilpa_world.sessions.read(viewer) as reader:
        book = capital_call_template(reader, "agreed", "lp5", Quarter(2026, 3), prepared_on=date(2026, 10, 1))
    book.save(tmp_path / "notice.xlsx")
    book = openpyxl.load_workbook(tmp_path / "notice.xlsx")
    sheet = book["By the terms"]
    names = [cell.value for cell in sheet["A"]]
    assert sheet["B7"].value == 0.6
    rows = ilpa_world.read(
        LP, "select * from rpt_ilpa_supplemental_calculations where vehicle_id = 'agreed' and period_end = %s order by line_order",
        PERIOD_END,
    )  # fmt: skip
    for row in rows:
        at = names.index(row["line_name"]) + 1
        for place, column in enumerate(TERMS_COLUMNS, start=5):
            cell = sheet.cell(at, place)
            assert (cell.data_type == "f") == (row["role"] in ("sum", "result")), (row["line"], column)
            found = value(book, "By the terms", cell.coordinate)
            assert found == row[f"{column}_amount"], (row["line"], column)
        assert sheet.cell(at, 2).data_type == "f", row["line"]


def test_a_deemed_distribution_moves_outside_the_fund_and_types_say_nothing_of_recalls(
    ilpa_world: IlpaWorld,
) -> None:
    """Version 2.0 of the template: subtotals Inside Fund and Outside Fund; what is recallable shows in the unfunded commitment."""
    viewer = viewer_for(ilpa_world.database, LP, "alder")
    with ilpa_world.sessions.read(viewer) as reader:
        deemed, recalled = (
            capital_call_template(reader, vehicle, "lp5", Quarter(2026, 3), prepared_on=date(2026, 10, 1))["Transactions"]
            for vehicle in ("fees", "line")
        )  # fmt: skip
    labels = [cell.value for cell in deemed["C"]]
    inside, outside = (labels.index(f"Subtotal {word} fund") for word in ("inside", "outside"))
    assert [labels.index(name) > inside for name in ("Deemed contribution", "Deemed distribution")] == [
        True,
        True,
    ]
    assert outside > labels.index("Deemed distribution")
    words = [str(cell.value) for cell in recalled["C"]]
    assert "Distribution: return of capital" in words
    assert not [word for word in words if "recall" in word or "permanent" in word]
