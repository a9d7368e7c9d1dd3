"""The quarterly statement of an LP: e-mail, plain text and PDF, rendered only from what the session may read.

It runs in the recipient's own viewer session, so it can hold nobody else's rows. What it says is in
`statement_facts.py` and `statement_view.py`; how it looks in `templates/`.
"""

import json
import re
import unicodedata
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

import typst
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from reporting.errors import NothingToReport
from reporting.packs.periods import Quarter, quarter_named
from reporting.packs.rendered import Attachment, Brand, InlineImage, Rendered
from reporting.packs.statement_facts import StatementFacts, read_statement
from reporting.packs.statement_view import StatementView, view_statement
from reporting.presentation import charts_svg
from reporting.presentation.palette import Palette, named_colours
from warehouse.sessions import Reader

NAME = "lp-statement"
TITLE = "Quarterly capital account statement"


def render(reader: Reader, period: str, brand: Brand, *, prepared_on: date) -> Rendered:
    """The statements of every investor that this viewer may see, as one mail with one PDF an investor.

    Raises InvalidPeriod, and NothingToReport where no investor of the viewer has anything in the quarter.
    """
    quarter = quarter_named(period)
    statements, reasons = [], []
    for investor_id in reader.viewer.investor_ids:
        try:
            statements.append(read_statement(reader, investor_id, quarter))
        except NothingToReport as nothing:
            reasons.append(str(nothing))
    if not statements:
        raise NothingToReport("; ".join(reasons) or "this person is not given any investor to see")
    views = [view_statement(facts, brand, prepared_on) for facts in statements]
    images = tuple(
        InlineImage(f"nav-{place}", charts_svg.png(_nav_for_mail(facts, brand.palette), scale=3))
        for place, facts in enumerate(statements, start=1)
    )
    context = {
        "brand": brand,
        "colour": named_colours(brand.palette),
        "statements": views,
        "legend": charts_svg.nav_legend(brand.palette),
        "recipient": reader.viewer.display_name,
    }
    return Rendered(
        subject=f"{brand.name}: your capital account statement, {quarter.title.lower()}",
        html=_templates().get_template("lp_statement.html.j2").render(context),
        text=_templates().get_template("lp_statement.txt.j2").render(context),
        attachments=tuple(
            Attachment(file_name(facts, brand), "application/pdf", pdf(facts, view, brand, prepared_on))
            for facts, view in zip(statements, views, strict=True)
        ),
        images=images,
    )


def pdf(facts: StatementFacts, view: StatementView, brand: Brand, prepared_on: date) -> bytes:
    """The statement as a tagged PDF. Texts reach the typesetter as JSON: it never reads them as markup."""
    palette = brand.palette
    data = {
        **view.as_data(),
        **named_colours(palette),
        "nav_legend": charts_svg.nav_legend(palette),
        "j_legend": charts_svg.j_curve_legend(palette),
    }
    inputs = {
        "data": json.dumps(data, ensure_ascii=False),
        "nav": charts_svg.svg(charts_svg.nav_spec(facts.history, palette, width=246, height=132)),
        "j_curve": charts_svg.svg(charts_svg.j_curve_spec(facts.history, palette, width=246, height=132)),
    }
    made = typst.compile(
        files("reporting.packs").joinpath("templates/lp_statement.typ").read_bytes(),
        format="pdf",
        sys_inputs=inputs,
        ignore_system_fonts=True,
        timestamp=datetime(prepared_on.year, prepared_on.month, prepared_on.day, tzinfo=UTC),
    )
    if not isinstance(made, bytes):
        raise TypeError("the typesetter gave no single PDF")
    return made


def file_name(facts: StatementFacts, brand: Brand) -> str:
    """A file name of plain letters: `Halden-Capital_2026Q3_Norges-Fond.pdf`."""
    parts = (brand.name, facts.quarter.name, str(facts.investor["name"]))
    return "_".join(_plain(part) for part in parts if _plain(part)) + ".pdf"


# Letters that have no decomposition: without this Sørlie became Srlie.
_PLAIN_LETTERS = str.maketrans(
    {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ß": "ss", "æ": "ae", "Æ": "AE",
     "œ": "oe", "Œ": "OE", "þ": "th", "Þ": "Th", "ð": "d", "Ð": "D", "ı": "i"}
)  # fmt: skip


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.translate(_PLAIN_LETTERS)).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "-", letters).strip("-")[:60]


def _nav_for_mail(facts: StatementFacts, palette: Palette) -> dict[str, Any]:
    return charts_svg.nav_spec(facts.history, palette, width=420, height=160, font=charts_svg.SCREEN_FONT)


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("reporting.packs", "templates"),
        autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def quarter_of(period: str) -> Quarter:
    """The quarter that this report's period names. Raises InvalidPeriod."""
    return quarter_named(period)
