"""Renders the few pages outside Streamlit (html/*.html): sign-in, sign-out, not available.

Everything is escaped by the template engine; the pages load nothing but the portal's own assets.
"""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from reporting.presentation.palette import Palette, css_variables


@cache
def _templates() -> Environment:
    folder = Path(__file__).parent / "html"
    made = Environment(loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined)
    made.globals["colours"] = css_variables(Palette())
    return made


def web_page(template: str, *, status: int = 200, **values: str) -> HTMLResponse:
    """The page as an answer; a value that the template needs and did not get is an error."""
    return HTMLResponse(_templates().get_template(template).render(**values), status_code=status)
