"""The routes outside Streamlit: sign-in page, sign-out, health and the portal's own font and style files.

Passwords are judged by `warehouse.users`; this module only shows the form, sets the cookie and explains a
refusal
without saying whether the e-mail address is known.
"""

from pathlib import Path
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from dashboards.connection import connection
from dashboards.gate import SESSION_COOKIE, SIGN_IN_PATH, safe_next, session_token
from dashboards.web_pages import web_page
from warehouse import users
from warehouse.errors import SignInRefused
from warehouse.roles import CONTROL_APP

_ASSETS = Path(__file__).parent / "assets"
_MEDIA_TYPES = {".woff2": "font/woff2", ".css": "text/css", ".svg": "image/svg+xml", ".txt": "text/plain"}
_LARGEST_FORM = 8 * 1024


def _from_elsewhere(request: Request) -> bool:
    """True where a browser says that another site caused the request."""
    origin = request.headers.get("origin")
    if origin and origin != "null":
        return urlsplit(origin).netloc != request.headers.get("host")
    return request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none")


class Door:
    """Sign-in and sign-out.

    Args:
        https_only: cookies are marked Secure even where the request came over http from a proxy.
    """

    def __init__(self, *, https_only: bool) -> None:
        self._https_only = https_only

    async def sign_in(self, request: Request) -> Response:
        """GET shows the form; POST checks it, sets the cookie and goes on to where the visitor was
        heading."""
        goal = safe_next(request.query_params.get("next"))
        if request.method != "POST":
            notice = "You have signed out." if request.query_params.get("signed_out") else ""
            return web_page("sign_in.html", next=goal, email="", problem="", notice=notice)
        if _from_elsewhere(request):
            return PlainTextResponse("Sign in from the portal's own page.", status_code=403)
        length = request.headers.get("content-length", "")
        if not length.isdecimal() or int(length) > _LARGEST_FORM:
            return PlainTextResponse("This form is larger than a sign-in can be.", status_code=413)
        form = await request.form(max_files=0, max_fields=8)
        email, password = str(form.get("email", "")).strip(), str(form.get("password", ""))
        totp = str(form.get("totp", "")).replace(" ", "") or None
        goal = safe_next(str(form.get("next", "/")))
        try:
            token = await run_in_threadpool(users.sign_in, connection().database, email, password, totp=totp)
        except SignInRefused as refusal:
            return web_page(
                "sign_in.html", status=401, next=goal, email=email, problem=str(refusal), notice=""
            )
        answer = RedirectResponse(goal, status_code=303)
        answer.set_cookie(
            SESSION_COOKIE, token, httponly=True, samesite="lax", path="/", secure=self._is_https(request)
        )
        return answer

    async def sign_out(self, request: Request) -> Response:
        """Ends the session in the database and forgets the cookie; a link on another site only gets the
        question."""
        if _from_elsewhere(request):
            return web_page("sign_out.html")
        token = session_token(request.scope)
        if token:
            await run_in_threadpool(users.sign_out, connection().database, token)
        answer = RedirectResponse(f"{SIGN_IN_PATH}?signed_out=1", status_code=303)
        answer.delete_cookie(
            SESSION_COOKIE, path="/", httponly=True, samesite="lax", secure=self._is_https(request)
        )
        return answer

    def _is_https(self, request: Request) -> bool:
        return self._https_only or request.url.scheme == "https"


def _database_answers() -> None:
    with connection().database.connect(CONTROL_APP, autocommit=True) as session:
        session.execute("select 1")


async def health(request: Request) -> Response:
    """200 while the database answers, else 503; says nothing about why to a stranger."""
    try:
        await run_in_threadpool(_database_answers)
    except Exception:
        return JSONResponse({"status": "unavailable"}, status_code=503)
    return JSONResponse({"status": "ok"})


async def asset(request: Request) -> Response:
    """A font or style file of the portal, by its exact name."""
    name = request.path_params["name"]
    known = {path.name: path for path in _ASSETS.iterdir() if path.suffix in _MEDIA_TYPES}
    if name not in known:
        return PlainTextResponse("Not found.", status_code=404)
    path = known[name]
    return FileResponse(
        path, media_type=_MEDIA_TYPES[path.suffix], headers={"cache-control": "public, max-age=86400"}
    )


def routes(*, https_only: bool) -> list[Route]:
    """The routes of this module."""
    door = Door(https_only=https_only)
    return [
        Route(SIGN_IN_PATH, door.sign_in, methods=["GET", "POST"]),
        Route("/auth/logout", door.sign_out, methods=["GET", "POST"]),
        Route("/healthz", health),
        Route("/assets/{name}", asset),
    ]
