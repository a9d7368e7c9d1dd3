"""Assembles the portal: Streamlit's ASGI application behind the gate, with our sign-in.

Serve it with `uvicorn --factory dashboards.server:build_app`. Nothing happens at import.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.middleware import Middleware
from streamlit import config
from streamlit.starlette import App

from dashboards import front_page, sign_in
from dashboards.connection import close, connection
from dashboards.gate import Gate
from dashboards.security_headers import security_headers
from dashboards.settings import PortalSettings
from dashboards.states import show_script_error
from warehouse import users

_SCRIPT = Path(__file__).parent / "app.py"


def _is_signed_in(token: str) -> bool:
    return users.signed_in(connection().database, token) is not None


@asynccontextmanager
async def _lifespan(app: App) -> AsyncIterator[dict[str, Any]]:
    yield {}
    close()


def build_app(settings: PortalSettings | None = None) -> App:
    """The portal as an ASGI application.

    Args:
        settings: host names and cookie policy; read from the environment when not given.
    """
    settings = settings or PortalSettings()
    gate = Middleware(
        Gate,
        is_signed_in=_is_signed_in,
        hosts=settings.hosts,
        headers=security_headers(https=settings.https_only),
    )
    app = App(
        _SCRIPT,
        routes=[*sign_in.routes(https_only=settings.https_only), *front_page.routes()],
        middleware=[gate],
        lifespan=_lifespan,
        on_script_error=show_script_error,
    )
    config.set_option("server.allowedHosts", settings.hosts)
    return app
