"""docs/security/attacks.md says which test makes which attack: every test that it names exists, and the
battery of the threat model is in it check by check.
"""

import ast
import importlib
import re
from pathlib import Path
from types import ModuleType

import pytest

from tests.conftest import SHARED

FOLDER = Path(__file__).parent
PAGE = FOLDER.parent.parent / "docs" / "security" / "attacks.md"
ROW = re.compile(r"^\| (?P<check>[^|]+) \| [^|]+ \| `(?P<test>[^`]+)` \| (?P<checks>\d+) \| [^|]+ \|$", re.M)
TEST = re.compile(r"(test_\w+)\.py::(test_\w+)(?:\[(.+)\])?")
CHECKS = 140


def cases(module: ModuleType, function: str) -> set[str]:
    """The ids that a test's parameters were given; empty for a test without parameters."""
    marks = [mark for mark in getattr(module, function).pytestmark if mark.name == "parametrize"]
    return {str(case) for mark in marks for case in (mark.kwargs.get("ids") or mark.args[1])}


def rows() -> list[dict[str, str]]:
    return [match.groupdict() for match in ROW.finditer(PAGE.read_text())]


def test_every_test_that_the_page_names_exists() -> None:
    for row in rows():
        named = TEST.fullmatch(row["test"])
        assert named, row
        file, function, case = named.groups()
        module = importlib.import_module(f"{__package__}.{file}")
        assert callable(getattr(module, function)), row
        assert case is None or case in cases(module, function), row


def test_the_page_accounts_for_every_check_once() -> None:
    assert sum(int(row["checks"]) for row in rows()) == CHECKS
    names = [row["check"] for row in rows()]
    assert len(names) == len(set(names))
    written = [line for line in PAGE.read_text().splitlines() if line.startswith("| ")]
    headers = [line for line in written if line.startswith("| check |")]
    assert len(written) == len(headers) + len(names)


def test_every_named_check_of_the_battery_is_on_the_page() -> None:
    battery = SHARED / "security" / "attack_test.py"
    if not battery.is_file():
        pytest.skip("needs the attack battery of ../shared/security, which is not here")
    named, sabotages = set(), 0
    for loop in (node for node in ast.walk(ast.parse(battery.read_text())) if isinstance(node, ast.For)):
        if not isinstance(loop.iter, ast.Tuple | ast.List):
            continue
        for item in loop.iter.elts:
            if (
                isinstance(item, ast.Tuple)
                and isinstance(label := item.elts[1], ast.Constant)
                and label.value
            ):
                named.add(label.value)
            elif ast.unparse(loop.target) == "sql":
                sabotages += 1
    assert len(named) > 30
    on_page = {row["check"] for row in rows()}
    assert named <= on_page
    assert {f"sabotage {n + 1}" for n in range(sabotages)} <= on_page
