"""The portal's small pure parts: safe addresses, hosts, colours, markup, pages by role."""

import re
import tomllib
from pathlib import Path

import pytest

from dashboards import markup
from dashboards.front_page import front_page
from dashboards.gate import host_name, safe_next
from dashboards.navigation import PAGES, pages_for
from dashboards.references import new_reference
from dashboards.security_headers import inline_script_hashes
from dashboards.web_pages import web_page
from reporting.presentation import palette

DASHBOARDS = Path(markup.__file__).parent


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("/portfolio?vehicle=V-1", "/portfolio?vehicle=V-1"),
        ("/", "/"),
        (None, "/"),
        ("//evil.example", "/"),
        ("https://evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("/a\r\nset-cookie: x", "/"),
        ("/auth/logout", "/"),
        ("/_stcore/stream", "/"),
    ],
)
def test_only_paths_of_ours_are_gone_to_after_sign_in(given: str | None, kept: str) -> None:
    assert safe_next(given) == kept


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("localhost:8501", "localhost"),
        ("LOCALHOST.", "localhost"),
        ("[::1]:8501", "::1"),
        ("user@localhost", None),
        ("localhost/evil", None),
        ("localhost:port", None),
        ("", None),
        (None, None),
    ],
)
def test_a_host_header_is_taken_apart_strictly(header: str | None, name: str | None) -> None:
    assert host_name(header) == name


def test_every_value_of_a_table_is_escaped() -> None:
    evil = '<img src=x onerror="alert(1)">'
    text = (
        markup.table(
            [markup.Column("a", evil, help=evil), markup.Column("b", "B", "number")],
            [{"a": evil, "b": evil, "_note": evil, "b_why": evil, "_tone": evil}],
            total={"a": evil},
            caption=evil,
        )
        + markup.page_heading(evil, evil, as_of=evil, aside=evil)
        + markup.note(evil, evil)
    )
    text += markup.board([markup.BoardColumn(evil, evil, evil, evil, [(evil, evil)], tone=evil)])
    text += markup.state_page(evil, evil, evil, evil) + markup.definition([(evil, evil)])
    assert "<img" not in text
    assert 'onerror="' not in text


def test_a_missing_value_is_a_dash_and_not_a_zero() -> None:
    assert '<td class="cap-number">—</td>' in markup.table(
        [markup.Column("a", "A"), markup.Column("b", "B", "number")], [{"a": "x", "b": None}]
    )


def test_every_role_has_a_page_to_start_from_and_no_page_is_left_without_a_role() -> None:
    for role in ("founder", "lp", "manager", "analyst", "operator"):
        assert pages_for(role, "company")
    assert pages_for("analyst", "manager")[0].url_path == "fund"
    assert pages_for("analyst", "company")[0].url_path == "round"
    assert all(page.roles and page.path.is_file() for page in PAGES)


def test_references_are_short_readable_and_do_not_repeat() -> None:
    made = {new_reference() for _ in range(500)}
    assert len(made) == 500
    assert all(len(one) == 9 and not set(one) & set("01ILOU") for one in made)


def test_the_only_inline_scripts_allowed_are_those_of_the_installed_streamlit() -> None:
    hashes = inline_script_hashes(front_page())
    assert hashes
    assert inline_script_hashes("<script>alert(1)</script>")[0] not in hashes


def test_the_portal_takes_its_colours_from_the_one_palette() -> None:
    """Style sheets name colours; the theme of Streamlit, which can only be written out, is compared."""
    for sheet in (DASHBOARDS / "assets").glob("*.css"):
        written = set(re.findall(r"#[0-9a-fA-F]{3,8}\b", sheet.read_text(encoding="utf-8")))
        assert written <= {"#fff", "#000"}, sheet.name
    theme = tomllib.loads((DASHBOARDS / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
    assert theme["primaryColor"] == palette.DEFAULT_ACCENT
    assert theme["textColor"] == palette.INK
    assert theme["secondaryBackgroundColor"] == palette.PAPER
    assert theme["borderColor"] == palette.RULE
    page = bytes(web_page("sign_out.html").body).decode()
    assert f"--ink:{palette.INK}" in page


def test_no_page_writes_numbers_in_a_way_of_its_own() -> None:
    """Formats belong to `reporting.presentation.formats`; only widths of bars are written beside it."""
    for path in DASHBOARDS.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        found = re.findall(r":,[.}]|:\.\df\}(?!%\")|×|\}x\"", source)
        assert not found or path.name == "markup.py", (path.name, found)
