"""The API answers with what a key's owner may see: each endpoint anonymous, missing, foreign and valid."""

import csv
import io
from collections.abc import Iterator
from decimal import Decimal

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.auth import issue_key, list_keys, revoke_key
from tests.conftest import Cluster
from tests.integration import reporting_world as world
from tests.integration.portal_world import world_clone
from warehouse import roles
from warehouse.database import Database
from warehouse.errors import AccessDenied
from warehouse.users import disable_user, enable_user


@pytest.fixture(scope="module")
def served(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with world_clone(cluster, tmp_path_factory.mktemp("api") / "home") as database:
        yield database


@pytest.fixture(scope="module")
def client(served: Database) -> Iterator[TestClient]:
    with TestClient(create_app(served), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="module")
def keys(served: Database) -> dict[str, str]:
    people = {"lp": world.LP, "manager": world.MANAGER}
    found = {role: issue_key(served, email, "halden", "test") for role, email in people.items()}
    found["rival"] = issue_key(served, "manager@rival.example", "rival", "test")
    found["rival lp"] = issue_key(served, "lp@rival.example", "rival", "test")
    return found


def get(client: TestClient, path: str, key: str | None, accept: str = "application/json"):
    headers = {"Accept": accept} | ({"Authorization": f"Bearer {key}"} if key else {})
    return client.get(path, headers=headers)


LISTS = [
    "/v1/vehicles",
    "/v1/performance/investors",
    "/v1/performance/vehicles",
    "/v1/cash-flows",
    "/v1/metrics",
    "/v1/metric-values",
]
ITEMS = ["/v1/vehicles/V-1", "/v1/cash-flows/T-0-0-0-c", "/v1/metrics/irr"]


@pytest.mark.parametrize("path", [*LISTS, *ITEMS])
@pytest.mark.parametrize("key", [None, "", "cap_", "cap_" + "x" * 43, "cap_" + "é" * 43, "' or true --"])
def test_without_a_valid_key_every_endpoint_answers_401_in_the_one_shape(client, path, key):
    headers = {} if key is None else {"Authorization": f"Bearer {key}".encode()}
    answer = client.get(path, headers=headers)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "unauthorized"
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("path", LISTS)
def test_a_manager_gets_rows_of_the_own_tenant_and_none_of_the_other(client, keys, path):
    mine, theirs = get(client, path, keys["manager"]), get(client, path, keys["rival"])
    assert mine.status_code == theirs.status_code == 200
    if path not in ("/v1/metrics", "/v1/metric-values"):
        assert mine.json()["data"]
        assert world.CANARY in theirs.text, "the other tenant has the same ids, so its rows would show"
    assert world.CANARY not in mine.text


@pytest.mark.parametrize("path", ["/v1/performance/investors", "/v1/cash-flows"])
def test_an_lp_gets_only_rows_of_the_own_investor(client, keys, path):
    everybody = get(client, f"{path}?limit=1000", keys["manager"]).json()["data"]
    own = get(client, f"{path}?limit=1000", keys["lp"]).json()["data"]
    assert {row["investor_id"] for row in everybody} > {"I-001"}
    assert {row["investor_id"] for row in own} == {"I-001"}
    foreign = get(client, f"{path}?investor_id=I-002", keys["lp"])
    assert foreign.status_code == 200
    assert foreign.json() == get(client, f"{path}?investor_id=nobody", keys["lp"]).json()


def test_what_an_lp_may_not_read_looks_like_what_is_not_there(client, keys):
    forbidden = get(client, "/v1/performance/vehicles", keys["lp"])
    missing = get(client, "/v1/nothing-of-the-kind", keys["lp"])
    assert forbidden.status_code == missing.status_code == 404
    assert forbidden.json() == missing.json()


def test_a_vehicle_of_which_an_lp_has_no_part_is_missing_for_it(served, client, keys):
    world.change(
        served,
        "insert into marts.dim_vehicle (tenant_id, vehicle_id, name, kind, currency_code) "
        "values (%s, 'V-9', 'Secret Fund', 'fund', 'EUR')",
        world.tenant_id(served),
    )
    assert get(client, "/v1/vehicles/V-9", keys["manager"]).json()["name"] == "Secret Fund"
    foreign, missing = (get(client, f"/v1/vehicles/{name}", keys["lp"]) for name in ("V-9", "V-404"))
    assert foreign.status_code == 404
    assert foreign.json() == missing.json()
    assert get(client, "/v1/vehicles/V-9", keys["rival"]).status_code == 404
    own = get(client, "/v1/vehicles", keys["lp"]).json()["data"]
    assert [row["vehicle_id"] for row in own] == ["V-1", "V-2"]
    assert all(row["target_amount"] is None for row in own)


def test_a_cash_flow_is_given_with_its_exact_amount_and_where_it_came_from(client, keys):
    found = get(client, "/v1/cash-flows/T-0-0-0-c", keys["lp"]).json()
    assert Decimal(found["amount"]) == Decimal("-70000.00")
    assert (found["source_file"], found["source_row"]) == ("transactions.csv", 2)
    for key, name in (("lp", "T-0-1-0-c"), ("lp", "nothing"), ("manager", "nothing")):
        assert get(client, f"/v1/cash-flows/{name}", keys[key]).status_code == 404


def test_the_same_transaction_id_gives_each_tenant_its_own_amount(client, keys):
    mine, theirs = (get(client, "/v1/cash-flows/T-0-0-0-c", keys[who]).json() for who in ("lp", "rival lp"))
    assert Decimal(theirs["amount"]) == 3 * Decimal(mine["amount"])


def test_pages_hold_every_row_once_in_order_whatever_their_size(client, keys):
    whole = get(client, "/v1/cash-flows?limit=1000", keys["manager"]).json()
    assert whole["next"] is None
    paged, cursor, pages = [], "", 0
    while cursor is not None:
        page = get(client, f"/v1/cash-flows?limit=37{f'&cursor={cursor}' if cursor else ''}", keys["manager"])
        body = page.json()
        paged += body["data"]
        cursor, pages = body["next"], pages + 1
        assert ('rel="next"' in page.headers.get("link", "")) == (cursor is not None)
    assert paged == whole["data"]
    assert pages > 5


@pytest.mark.parametrize(
    "cursor", ["x", "W10", "WyJhIl0", "bnVsbA", "%00", "WzFd" * 400, "WyJub3QgYSBkYXRlIiwiYSIsImIiLCJjIl0"]
)
def test_a_cursor_that_no_list_gave_is_refused_and_not_guessed_at(client, keys, cursor):
    answer = get(client, f"/v1/cash-flows?cursor={cursor}", keys["lp"])
    assert answer.status_code in (400, 422)
    assert "error" in answer.json()


@pytest.mark.parametrize(
    "value", ["V-1' or '1'='1", "V-1'; drop table marts.fct_cash_flows; --", "%", "V-1\\"]
)
def test_parameters_are_values_and_never_sql(client, keys, value):
    for path in ("/v1/cash-flows", "/v1/performance/investors", "/v1/metric-values"):
        answer = client.get(
            path, params={"vehicle_id": value}, headers={"Authorization": f"Bearer {keys['lp']}"}
        )
        assert (answer.status_code, answer.json()["data"]) == (200, [])


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "from=yesterday", "latest=perhaps"])
def test_a_parameter_that_cannot_be_read_is_named(client, keys, query):
    path = "/v1/performance/investors"
    answer = get(client, f"{path}?{query}", keys["lp"])
    assert answer.status_code == 422
    assert answer.json()["error"]["message"].startswith(query.split("=")[0])


def test_filters_narrow_by_date_kind_vehicle_and_latest(client, keys):
    flows = get(
        client, "/v1/cash-flows?kind=distribution&from=2025-01-01&to=2025-12-31&vehicle_id=V-1", keys["lp"]
    )
    assert {(row["kind"], row["vehicle_id"], row["effective_on"][:4]) for row in flows.json()["data"]} == {
        ("distribution", "V-1", "2025")
    }
    latest = get(client, "/v1/performance/investors?latest=true", keys["lp"]).json()["data"]
    assert [(row["vehicle_id"], row["as_of"]) for row in latest] == [
        ("V-1", "2026-09-30"),
        ("V-2", "2026-09-30"),
    ]
    assert (latest[1]["irr"], latest[1]["irr_status"], latest[1]["irr_roots"]) == (
        None,
        "multiple",
        [0.08, 0.71],
    )


def test_csv_comes_by_accept_header_and_no_cell_of_it_is_a_formula(client, keys):
    answer = get(client, "/v1/cash-flows?limit=1000", keys["lp"], accept="text/csv, application/json;q=0.5")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    as_json = get(client, "/v1/cash-flows?limit=1000", keys["lp"]).json()["data"]
    assert any(row["description"].startswith("=") for row in as_json), "the hostile text is in the data"
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row.values())
    assert [Decimal(row["amount"]) for row in rows] == [Decimal(row["amount"]) for row in as_json]
    assert get(client, "/v1/cash-flows", keys["lp"], accept="text/csv;q=0.1, application/json").json()["data"]


def test_the_register_is_served_with_a_question_a_formula_and_a_unit(client, keys):
    found = get(client, "/v1/metrics", keys["lp"]).json()["data"]
    assert len(found) >= 40
    assert (
        get(client, "/v1/metrics/tvpi", keys["lp"])
        .json()["formula"]
        .startswith("(Distributed + NAV) / paid in")
    )
    assert get(client, "/v1/metrics/nonsense", keys["lp"]).status_code == 404


def test_metric_values_of_others_are_not_shown_to_an_lp(served, client, keys):
    tenant = world.tenant_id(served)
    for investor, value in (("I-001", 1.5), ("I-002", 2.5)):
        world.change(
            served,
            "insert into marts.metric_values (tenant_id, metric, entity_type, entity_id, as_of, vehicle_id, "
            "investor_id, unit, value) "
            "values (%s, 'tvpi', 'investor', %s, '2026-09-30', null, %s, 'multiple', %s)",
            tenant,
            investor,
            investor,
            value,
        )
    path = "/v1/metric-values?metric=tvpi"
    assert [row["value"] for row in get(client, path, keys["manager"]).json()["data"]] == [1.5, 2.5]
    assert [row["value"] for row in get(client, path, keys["lp"]).json()["data"]] == [1.5]
    assert get(client, path, keys["rival"]).json()["data"] == []


def test_only_a_hash_of_a_key_is_kept_and_it_ends_when_it_is_revoked(served, client):
    key = issue_key(served, world.MANAGER, "halden", "to be revoked")
    with served.connect(roles.CONTROL_APP) as connection:
        stored = connection.execute("select string_agg(k::text, ' ') from control.api_key k").fetchone()[0]
    assert key not in stored
    assert key[4:] not in stored
    assert get(client, "/v1/vehicles", key).status_code == 200
    (listed,) = [one for one in list_keys(served, "halden") if one.name == "to be revoked"]
    assert not revoke_key(served, "rival", listed.fingerprint), "another tenant cannot end it"
    assert get(client, "/v1/vehicles", key).status_code == 200
    assert revoke_key(served, "halden", listed.fingerprint)
    assert get(client, "/v1/vehicles", key).status_code == 401


def test_a_key_ends_with_its_owner(served, client):
    key = issue_key(served, "analyst@halden.example", "halden", "analyst")
    assert get(client, "/v1/vehicles", key).status_code == 200
    disable_user(served, "analyst@halden.example")
    assert get(client, "/v1/vehicles", key).status_code == 401
    enable_user(served, "analyst@halden.example")
    assert get(client, "/v1/vehicles", key).status_code == 401, "a key that ended does not come back"


def test_a_key_is_issued_only_where_the_person_has_access(served):
    with pytest.raises(AccessDenied):
        issue_key(served, world.MANAGER, "rival", "no")


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_resources_can_only_be_read(client, keys, method):
    answer = getattr(client, method)("/v1/vehicles", headers={"Authorization": f"Bearer {keys['manager']}"})
    assert answer.status_code == 405
    assert answer.json()["error"]["code"] == "method_not_allowed"


def test_health_needs_no_key_and_answers_are_not_cached(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_every_read_endpoint_documents_its_errors_and_a_key(client):
    document = client.get("/openapi.json").json()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"]
            if path.startswith("/v1/webhooks"):
                assert {"400", "404", "409"} <= set(operation["responses"])
            elif path != "/healthz":
                assert method == "get"
                assert {"200", "401", "404", "422", "503"} <= set(operation["responses"])
                assert operation["security"]
