"""Rules that the portal's source keeps: what is cached, what runs outside the access check, what touches
SQL."""

import ast
from pathlib import Path

import pytest
import streamlit as st

DASHBOARDS = Path(__file__).parents[2] / "dashboards"
FILES = sorted(DASHBOARDS.rglob("*.py"))
IDENTITY = ("tenant_id", "user_id", "data_version")


def cached_without_identity(source: str) -> list[str]:
    """Names of cached functions that do not take the tenant, the user and the data version, or have no ttl
    or bound."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for decorator in node.decorator_list:
            call = decorator.func if isinstance(decorator, ast.Call) else decorator
            if ast.unparse(call).split(".")[-1] not in ("cache_data", "cache_resource", "cache", "lru_cache"):
                continue
            if ast.unparse(call) == "cache" and not node.args.args:
                continue  # functools.cache of no arguments: a constant of the process
            options = {word.arg for word in decorator.keywords} if isinstance(decorator, ast.Call) else set()
            names = [argument.arg for argument in (*node.args.args, *node.args.kwonlyargs)]
            if (
                not set(IDENTITY) <= set(names)
                or any(name.startswith("_") for name in names)
                or not {"ttl", "max_entries"} <= options
            ):
                found.append(node.name)
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(DASHBOARDS)))
def test_no_cached_function_forgets_who_is_asking(path: Path) -> None:
    assert cached_without_identity(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "@st.cache_data\ndef f(tenant_id, user_id, data_version): ...",
        "@st.cache_data(ttl=1, max_entries=1)\ndef f(tenant_id, data_version): ...",
        "@st.cache_data(ttl=1, max_entries=1)\ndef f(_tenant_id, tenant_id, user_id, data_version): ...",
        "@st.cache_resource(ttl=1, max_entries=1)\ndef f(): ...",
        "@functools.lru_cache\ndef f(tenant_id): ...",
    ],
)
def test_the_rule_finds_a_function_that_forgets(source: str) -> None:
    assert cached_without_identity(source) == ["f"]


def test_a_cache_without_identity_gives_one_person_the_rows_of_another() -> None:
    """Why the rule exists: this is the fault."""
    rows = {"first": "rows of the first", "second": "rows of the second"}
    asking = "first"

    @st.cache_data(ttl=60, max_entries=1)
    def read(query: str) -> str:
        return rows[asking]

    assert read("all") == "rows of the first"
    asking = "second"
    assert read("all") == "rows of the first"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(DASHBOARDS)))
def test_nothing_reruns_past_the_access_check(path: Path) -> None:
    """Fragments and dialogs rerun without `app.py`, where session and membership are checked."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    used = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not used & {"st.fragment", "st.dialog"}


@pytest.mark.parametrize("path", sorted((DASHBOARDS / "queries").glob("*.py")), ids=lambda path: path.name)
def test_queries_send_the_tenant_and_bind_every_value(path: Path) -> None:
    """The tenant is sent for the planner; an f-string may only hold names that are constants or keys of
    constants."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    constants = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    loops = {
        name.id
        for node in ast.walk(tree)
        if isinstance(node, ast.comprehension)
        for name in ast.walk(node.target)
        if isinstance(name, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.FormattedValue):
            root = node.value.value if isinstance(node.value, ast.Subscript) else node.value
            assert isinstance(root, ast.Name)
            assert root.id in constants | loops | {"union"}, ast.unparse(node)
    for function in (
        node for node in tree.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    ):
        assert [argument.arg for argument in function.args.args[:2]] == ["reader", "tenant_id"], function.name
