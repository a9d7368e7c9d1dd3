"""Streamlit's own page, told where its server is.

Without that the browser guesses: at `/portfolio` it asks for `/portfolio/_stcore/health` first, gets 404s and
tells them in its console. Which pages there are is in `navigation.py`.
"""

from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from dashboards.navigation import PAGES

_SERVER = "<script>window.__streamlit = {BACKEND_BASE_URL: window.location.origin}</script>"


@cache
def front_page() -> str:
    """The page of the installed Streamlit with the address of its server in front of its scripts."""
    import streamlit

    index = Path(streamlit.__file__).parent / "static" / "index.html"
    return index.read_text(encoding="utf-8").replace("<head>", f"<head>\n    {_SERVER}", 1)


async def _answer(request: Request) -> Response:
    return HTMLResponse(front_page())


def routes() -> list[Route]:
    """The addresses of all pages, the first one's among them."""
    return [Route(path, _answer) for path in ("/", *(f"/{page.url_path}" for page in PAGES))]
