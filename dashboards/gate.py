"""The gate in front of everything the portal serves: known host, living session, safe headers.

Pure ASGI, so that it also stands in front of the websocket. Who may see which page or row is not decided
here:
`app.py` asks the database on every rerun, and the database decides about rows.
"""

import logging
from collections.abc import Callable, MutableMapping
from time import monotonic
from typing import Any
from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboards.references import new_reference
from dashboards.web_pages import web_page

_log = logging.getLogger("capstan.portal")

_SEEN_SECONDS = 10.0
_MOST_SEEN = 10_000
SESSION_COOKIE = "capstan_session"
SIGN_IN_PATH = "/auth/login"
_PUBLIC_PATHS = frozenset({SIGN_IN_PATH, "/auth/logout", "/healthz"})
_PUBLIC_PREFIXES = ("/assets/",)
_CLOSED_PREFIXES = ("/_stcore/metrics", "/_stcore/agent", "/_stcore/upload_file")


def header(scope: MutableMapping[str, Any], name: str) -> str | None:
    """The first value of a request header, or None."""
    wanted = name.encode()
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == wanted), None)


def host_name(host: str | None) -> str | None:
    """The name in a Host header without its port, in lower case; None where it is not a host and port."""
    try:
        parts = urlsplit(f"//{host or ''}")
        _ = parts.port
    except ValueError:
        return None
    if parts.path or parts.query or parts.fragment or parts.username is not None:
        return None
    return parts.hostname.rstrip(".").lower() if parts.hostname else None


def session_token(scope: MutableMapping[str, Any]) -> str | None:
    """The session token in the request's cookies, or None."""
    return cookie_parser(header(scope, "cookie") or "").get(SESSION_COOKIE) or None


def safe_next(path: str | None) -> str:
    """A path of ours to go to after sign-in; anything that could lead elsewhere becomes `/`."""
    if not path or not path.startswith("/") or path.startswith(("//", "/auth/", "/_", "/static/", "/media/")):
        return "/"
    if "\\" in path or any(ord(character) < 32 for character in path):
        return "/"
    return path


class Gate:
    """Refuses foreign hosts and closed routes, sends anonymous visitors to the sign-in page, adds the
    headers.

    Args:
        app: what stands behind the gate.
        is_signed_in: says of a session token whether it is a living session; runs in a thread, may ask the
        database.
        hosts: the host names answered to.
        headers: header pairs added to every answer.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        is_signed_in: Callable[[str], bool],
        hosts: list[str],
        headers: list[tuple[bytes, bytes]],
    ) -> None:
        self._app = app
        self._is_signed_in = is_signed_in
        self._hosts = {host.strip("[]").rstrip(".").lower() for host in hosts}
        self._headers = headers
        self._seen: dict[str, float] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request or websocket: passed on, redirected or closed."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        refusal = await self._refusal(scope)
        if scope["type"] == "websocket":
            if refusal is None:
                await self._app(scope, receive, send)
            else:
                await receive()
                await send({"type": "websocket.close", "code": 4403, "reason": "sign in first"})
            return
        await (refusal or self._app)(scope, receive, self._with_headers(scope, send))

    async def _refusal(self, scope: Scope) -> Response | None:
        path: str = scope["path"]
        if host_name(header(scope, "host")) not in self._hosts:
            return PlainTextResponse("This host name is not served here.", status_code=400)
        if path.startswith(_CLOSED_PREFIXES):
            return PlainTextResponse("Not found.", status_code=404)
        if scope["type"] == "websocket" and not self._same_origin(scope):
            return PlainTextResponse("Foreign origin.", status_code=403)
        if path in _PUBLIC_PATHS or path.startswith(_PUBLIC_PREFIXES):
            return None
        token = session_token(scope)
        if token and path.startswith("/static/") and self._seen.get(token, 0.0) > monotonic():
            return None  # Streamlit's own program files, the same for everybody: some forty a page
        try:
            is_living = await run_in_threadpool(self._is_signed_in, token) if token else False
        except Exception:
            reference = new_reference()
            _log.exception("reference %s: could not look up a session for %s", reference, path)
            return web_page("unavailable.html", status=503, reference=reference)
        if token and is_living:
            if len(self._seen) > _MOST_SEEN:
                self._seen.clear()
            self._seen[token] = monotonic() + _SEEN_SECONDS
            return None
        if scope["type"] == "http" and scope["method"] not in ("GET", "HEAD"):
            return PlainTextResponse("Sign in first.", status_code=401)
        query = scope.get("query_string", b"").decode("latin-1")
        goal = safe_next(f"{path}?{query}" if query else path)
        return RedirectResponse(
            SIGN_IN_PATH if goal == "/" else f"{SIGN_IN_PATH}?next={quote(goal, safe='')}", status_code=303
        )

    @staticmethod
    def _same_origin(scope: Scope) -> bool:
        origin = header(scope, "origin")
        return origin is None or urlsplit(origin).netloc == header(scope, "host")

    def _with_headers(self, scope: Scope, send: Send) -> Send:
        kept_by_browsers = scope["path"].startswith(("/static/", "/assets/"))

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [*message.get("headers", ()), *self._headers]
                if not kept_by_browsers:
                    headers = [pair for pair in headers if pair[0].lower() != b"cache-control"]
                    headers.append((b"cache-control", b"no-store"))
                message = {**message, "headers": headers}
            await send(message)

        return send_with_headers
