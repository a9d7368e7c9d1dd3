"""Pages and reports word no metric themselves: labels, tooltips and units are the register's."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from reporting.packs import statement_view
from reporting.presentation.metric_register import metric, metrics

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "dashboards").rglob("*.py"))
TEMPLATES = sorted((ROOT / "reporting" / "packs" / "templates").iterdir())
PLACES = {"Column": (1, 3), "Figure": (0, 2)}
"""Where a column and a headline figure have their label and their tooltip."""
NAMES = {one.name for one in metrics()}
TITLES = {one.title.lower() for one in metrics()}
BASIS = re.compile(r"^(net|gross|median|mean) ", re.IGNORECASE)
"""Words that say on which basis a metric stands; they may go before its title."""


def text(node: ast.expr) -> str:
    """What is written there, where it is written there; else nothing."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def shown(source: str) -> Iterator[tuple[int, str, str, ast.expr | None]]:
    """Line, key, label and tooltip of every column and figure."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in PLACES and len(node.args) > PLACES[name][0]:
            at, help_at = PLACES[name]
            key = text(node.args[0]) if name == "Column" else ""
            tip = node.args[help_at] if len(node.args) > help_at else None
            yield node.lineno, key, text(node.args[at]), tip


def faults(source: str) -> list[str]:
    """Labels and tooltips of a page that define a metric in words of their own."""
    found = []
    for line, key, said, tip in shown(source):
        if tip is not None and text(tip):
            if key in NAMES or (said and BASIS.sub("", said).lower() in TITLES):
                found.append(f"{line}: {said or key!r} is a metric; its tooltip is helps(…)")
        elif isinstance(tip, ast.Call) and said and text(tip.args[0]):
            title = metric(text(tip.args[0])).title.lower()
            if title not in said.lower() and said.lower() not in title:
                found.append(f"{line}: {said!r} is called {title!r} in the register")
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_page_takes_the_words_of_a_metric_from_the_register(page: Path) -> None:
    assert faults(page.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ('Column("x", "Gross IRR", "number", "Annual return of the holding")', "is a metric"),
        ('Column("dpi", "Back", "number", "Money that came back")', "is a metric"),
        ('Figure("Worth", text, helps("nav_amount"))', "is called 'nav'"),
    ],
)
def test_words_of_its_own_are_found(source: str, fault: str) -> None:
    (found,) = faults(source)
    assert fault in found


def test_the_statement_calls_its_lines_and_columns_as_the_register_does() -> None:
    for name, label, _ in statement_view.LINES:
        assert label == metric(name).title
    heads = set()
    for template in TEMPLATES:
        text = template.read_text(encoding="utf-8")
        for row in re.findall(
            r"table\.header\(\.\.\((.*?)\)|for name, wide in \((.*?)\)\) %\}", text, re.DOTALL
        ):
            heads |= set(re.findall(r'"([^"]+)"', "".join(row)))
    assert {"Commitment", "NAV", "TVPI"} <= heads
    others = {head for head in heads if BASIS.sub("", head).lower() not in TITLES}
    assert others <= {"Vehicle", "Date", "Transaction", "Amount"}, others


def test_no_report_explains_a_metric_in_words_of_its_own() -> None:
    """Definitions stand once, at the end of a statement, and come from the register."""
    written = "\n".join(template.read_text(encoding="utf-8") for template in TEMPLATES)
    assert "definitions" in written
    for one in metrics():
        assert one.formula not in written and one.question not in written, one.name


def test_every_unit_can_be_written() -> None:
    from dashboards import wording

    source = ast.unparse(ast.parse(Path(wording.__file__).read_text(encoding="utf-8")))
    for unit in {one.unit for one in metrics()} - {"count"}:
        assert f"'{unit}':" in source, f"wording.in_unit cannot write {unit}"
