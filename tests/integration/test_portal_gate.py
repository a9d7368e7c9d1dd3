"""The way into the portal over HTTP and websocket: sign-in, sign-out, and everything that is refused before
it."""

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from streamlit import config
from streamlit.runtime import Runtime

from dashboards import connection
from dashboards.gate import SESSION_COOKIE
from dashboards.security_headers import _INLINE_SCRIPT, security_headers
from dashboards.server import build_app
from dashboards.settings import PortalSettings
from dashboards.sign_in import routes
from tests.conftest import Cluster, clone
from warehouse import users
from warehouse.database import Database
from warehouse.pooled import PooledDatabase
from warehouse.tenants import add_tenant

EMAIL, PASSWORD = "ada@harbour.example", "a long enough password"
STREAM = "/_stcore/stream"


@pytest.fixture(scope="module")
def served(
    cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Database, TestClient]]:
    folder = tmp_path_factory.mktemp("portal")
    with clone(cluster, folder / "home") as database:
        add_tenant(database, "harbour", name="Harbour", kind="manager", currency_code="EUR")
        users.add_user(database, EMAIL, tenant="harbour", role="manager", password=PASSWORD)
        connection.use(database)
        config._config_options = None  # as in a process of its own: no other test's app was run in it before
        portal = build_app(PortalSettings(hosts=["testserver", "127.0.0.1"]))
        with TestClient(portal, follow_redirects=False) as client:
            yield database, client
        connection.close()
        Runtime._instance = None  # Streamlit allows one a process, also after it has stopped


@pytest.fixture
def client(served: tuple[Database, TestClient]) -> TestClient:
    served[1].cookies.clear()
    return served[1]


def sign_in(client: TestClient, **form: str) -> object:
    return client.post("/auth/login", data={"email": EMAIL, "password": PASSWORD, **form})


@pytest.mark.parametrize(
    "path",
    ["/", "/portfolio", "/_stcore/host-config", "/static/js/index.js", "/media/abc.csv", "/_stcore/health"],
)
def test_a_stranger_is_sent_to_the_sign_in_page_whatever_the_address(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/auth/login")


@pytest.mark.parametrize("path", ["/", "/portfolio", "/track-record"])
def test_every_page_says_where_its_server_is_so_that_the_browser_need_not_guess(
    client: TestClient, path: str
) -> None:
    """It asked for `/portfolio/_stcore/health` before `/_stcore/health`: 404s at every page but the first."""
    sign_in(client)
    answer = client.get(path)
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/html")
    (said,) = [text for text in _INLINE_SCRIPT.findall(answer.text) if "BACKEND_BASE_URL" in text]
    digest = base64.b64encode(hashlib.sha256(said.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"


def test_after_sign_in_the_visitor_arrives_where_they_were_heading(client: TestClient) -> None:
    asked = client.get("/transactions?vehicle=V-1")
    assert asked.headers["location"] == "/auth/login?next=%2Ftransactions%3Fvehicle%3DV-1"
    answer = sign_in(client, next="/transactions?vehicle=V-1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/transactions?vehicle=V-1")
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    "goal", ["https://evil.example", "//evil.example", "/\\evil.example", "/auth/logout", "x"]
)
def test_sign_in_never_leads_to_another_site(client: TestClient, goal: str) -> None:
    assert sign_in(client, next=goal).headers["location"] == "/"


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client: TestClient) -> None:
    cookie = sign_in(client).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie


def test_over_https_the_cookie_is_secure(served: tuple[Database, TestClient]) -> None:
    behind_a_proxy = Starlette(routes=routes(https_only=True))
    answer = sign_in(TestClient(behind_a_proxy, follow_redirects=False))
    assert "secure" in answer.headers["set-cookie"].lower()
    assert b"strict-transport-security" in dict(security_headers(https=True))
    assert b"strict-transport-security" not in dict(security_headers(https=False))


def test_a_wrong_password_and_an_unknown_address_get_the_same_page(client: TestClient) -> None:
    wrong = client.post("/auth/login", data={"email": EMAIL, "password": "not the password"})
    unknown = client.post(
        "/auth/login", data={"email": "nobody@harbour.example", "password": "not the password"}
    )
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text.replace(EMAIL, "") == unknown.text.replace("nobody@harbour.example", "")
    assert "is not right" in wrong.text
    assert SESSION_COOKIE not in client.cookies


def test_what_was_typed_is_shown_again_as_text_only(client: TestClient) -> None:
    answer = client.post("/auth/login", data={"email": '"><script>alert(1)</script>', "password": "x" * 12})
    assert "<script>" not in answer.text


def test_signing_out_ends_the_session_and_not_only_the_cookie(client: TestClient) -> None:
    sign_in(client)
    token = client.cookies[SESSION_COOKIE]
    answer = client.get("/auth/logout")
    assert answer.headers["location"] == "/auth/login?signed_out=1"
    client.cookies.set(SESSION_COOKIE, token)
    assert client.get("/").status_code == 303


def test_another_site_can_neither_sign_in_nor_sign_out_for_the_visitor(client: TestClient) -> None:
    foreign = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    form = {"email": EMAIL, "password": PASSWORD}
    assert client.post("/auth/login", data=form, headers=foreign).status_code == 403
    sign_in(client)
    asked = client.get("/auth/logout", headers={"sec-fetch-site": "cross-site"})
    assert "Sign out?" in asked.text
    assert client.get("/").status_code == 200


def test_a_websocket_needs_a_living_session(served: tuple[Database, TestClient], client: TestClient) -> None:
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(STREAM):
        pass
    client.cookies.set(SESSION_COOKIE, "forged")
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(STREAM):
        pass
    client.cookies.clear()
    sign_in(client)
    with client.websocket_connect(STREAM, subprotocols=["streamlit"]):
        pass
    users.sign_out(served[0], client.cookies[SESSION_COOKIE])
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(STREAM):
        pass


def test_a_websocket_from_another_origin_or_host_is_refused(client: TestClient) -> None:
    sign_in(client)
    for headers in (
        {"origin": "https://evil.example"},
        {"host": "evil.example", "origin": "http://evil.example"},
    ):
        with pytest.raises(WebSocketDisconnect), client.websocket_connect(STREAM, headers=headers):
            pass


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "testserver@evil.example", "testserver/x", ""]
)
def test_a_foreign_host_is_refused_even_with_a_session(client: TestClient, host: str) -> None:
    sign_in(client)
    assert client.get("/", headers={"host": host}).status_code == 400


@pytest.mark.parametrize(
    "path", ["/_stcore/metrics", "/_stcore/agent/openapi.json", "/_stcore/upload_file/x/y"]
)
def test_routes_that_nobody_needs_are_closed_to_everybody(client: TestClient, path: str) -> None:
    sign_in(client)
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/", "/auth/login", "/healthz", "/assets/portal.css", "/_stcore/metrics"])
def test_every_answer_carries_the_security_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe-eval" not in headers["content-security-policy"]
    assert "script-src 'self' 'sha256-" in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == (
        "public, max-age=86400" if path.startswith("/assets/") else "no-store"
    )


def test_a_disabled_user_loses_the_portal_at_once(
    served: tuple[Database, TestClient], client: TestClient
) -> None:
    users.add_user(served[0], "eve@harbour.example", tenant="harbour", role="manager", password=PASSWORD)
    client.post("/auth/login", data={"email": "eve@harbour.example", "password": PASSWORD})
    assert client.get("/").status_code == 200
    users.disable_user(served[0], "eve@harbour.example")
    assert client.get("/").status_code == 303


def test_a_form_larger_than_a_sign_in_is_not_read(client: TestClient) -> None:
    assert client.post("/auth/login", data={"email": "x" * 10_000}).status_code == 413


def test_without_its_database_the_portal_says_so_with_a_reference(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(*_: object) -> None:
        raise ConnectionError("password of the database")

    sign_in(client)
    monkeypatch.setattr(users, "signed_in", unreachable)
    monkeypatch.setattr(PooledDatabase, "connect", unreachable)
    answer = client.get("/")
    assert answer.status_code == 503
    assert "Back shortly" in answer.text
    assert "password of" not in answer.text
    assert client.get("/healthz").status_code == 503


def test_the_portal_tells_nobody_else_anything_and_shows_no_tracebacks(client: TestClient) -> None:
    """The options come from the file beside the script, so the working directory and the environment do not
    matter."""
    assert Path(str(config._main_script_path)).name == "app.py"
    assert config.get_option("browser.gatherUsageStats") is False
    assert config.get_option("client.showErrorDetails") == "none"
    assert config.get_option("server.enableAgentApi") is False
    assert config.get_option("server.allowedHosts")
