"""Webhooks are kept once, for the tenant of their path, and turned into payments whatever the order they
come in."""

import hashlib
import hmac
import itertools
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from fastapi.testclient import TestClient
from psycopg import errors

from api.app import create_app
from ingestion.errors import IngestionError
from ingestion.webhooks.endpoints import add_endpoint, revoke_endpoint, roll_secret
from ingestion.webhooks.processing import process_events
from warehouse import roles
from warehouse.batches import loader_transaction
from warehouse.database import Database
from warehouse.tenants import add_tenant, get_tenant

SECRET = "whsec_first"


@pytest.fixture
def served(database: Database) -> Database:
    for slug in ("orrin", "rival"):
        add_tenant(database, slug, name=slug.title(), kind="company", currency_code="USD")
    return database


@pytest.fixture
def client(served: Database) -> Iterator[TestClient]:
    with TestClient(create_app(served), raise_server_exceptions=False) as client:
        yield client


def charge(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"ch_{number}",
        "object": "charge",
        "amount": 1099,
        "amount_refunded": 0,
        "currency": "usd",
        "captured": True,
        "refunded": False,
        "status": "succeeded",
        "created": 1_790_000_000,
        "customer": "cus_1",
        "metadata": {},
        "billing_details": {"name": "Alder Ventures", "email": "a@alder.example"},
        "failure_message": None,
        **changes,
    }


def event(name: str, of: dict[str, Any], kind: str, created: int, **changes: Any) -> bytes:
    body = {
        "id": name,
        "object": "event",
        "type": kind,
        "created": created,
        "data": {"object": of},
        **changes,
    }
    return json.dumps(body).encode()


def post(client: TestClient, path: str, body: bytes, secret: str = SECRET, at: int | None = None):
    stamp = int(time.time()) if at is None else at
    signature = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return client.post(
        f"/v1/webhooks/stripe/{path}", content=body, headers={"Stripe-Signature": f"t={stamp},v1={signature}"}
    )


def stored(database: Database, table: str = "webhook_event") -> list[tuple[Any, ...]]:
    with database.connect(roles.ADMIN) as connection:
        return connection.execute(
            f"select t.slug, w.event_id from raw.{table} w "
            "join control.tenant t using (tenant_id) order by 1, 2"
        ).fetchall()


def payments(database: Database) -> list[tuple[Any, ...]]:
    with database.connect(roles.ADMIN) as connection:
        return connection.execute(
            "select t.slug, p.payment_id, p.amount, p.status from raw.capstan__payments p "
            "join control.tenant t using (tenant_id) where p._superseded_at = 'infinity' order by 1, 2"
        ).fetchall()


SUCCEEDED = event("evt_1", charge(), "charge.succeeded", 1_790_000_001)


def test_an_event_is_committed_before_it_is_answered_and_stored_as_it_came(served, client):
    path = add_endpoint(served, "orrin", "stripe", SECRET)
    answer = post(client, path, SUCCEEDED)
    assert (answer.status_code, answer.json()) == (200, {"event_id": "evt_1", "is_new": True})
    with served.connect(roles.ADMIN) as connection:
        row = connection.execute(
            "select body, body_sha256, event_type, status from raw.webhook_event"
        ).fetchone()
    assert row == (SUCCEEDED.decode(), hashlib.sha256(SUCCEEDED).hexdigest(), "charge.succeeded", "received")


def test_the_same_event_many_times_at_once_is_one_row_and_every_answer_is_a_success(served, client):
    path = add_endpoint(served, "orrin", "stripe", SECRET)
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: post(client, path, SUCCEEDED), range(40)))
    assert {answer.status_code for answer in answers} == {200}
    assert sum(answer.json()["is_new"] for answer in answers) == 1
    assert stored(served) == [("orrin", "evt_1")]


def test_the_same_id_with_another_body_is_an_alarm_and_overwrites_nothing(served, client):
    path = add_endpoint(served, "orrin", "stripe", SECRET)
    post(client, path, SUCCEEDED)
    forged = event("evt_1", charge(amount=999_999), "charge.succeeded", 1_790_000_001)
    for _ in range(2):
        answer = post(client, path, forged)
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "conflicting_event")
    assert stored(served, "webhook_conflict") == [("orrin", "evt_1")]
    process_events(served, "orrin")
    assert payments(served) == [("orrin", "ch_1", Decimal("10.99"), "succeeded")]


def test_the_tenant_is_that_of_the_path_whatever_the_body_says(served, client):
    mine, theirs = (add_endpoint(served, slug, "stripe", SECRET) for slug in ("orrin", "rival"))
    body = event(
        "evt_1",
        charge(metadata={"tenant": "rival", "tenant_id": "2"}),
        "charge.succeeded",
        1_790_000_001,
        account="acct_of_rival",
    )
    assert post(client, mine, body).status_code == 200
    assert stored(served) == [("orrin", "evt_1")]
    assert post(client, theirs, body).json()["is_new"], "the same id of another tenant is another event"
    process_events(served, "orrin")
    assert {slug for slug, *_ in payments(served)} == {"orrin"}


def test_unknown_revoked_and_guessed_paths_look_the_same(served, client):
    path = add_endpoint(served, "orrin", "stripe", SECRET)
    revoked = add_endpoint(served, "orrin", "stripe", SECRET)
    revoke_endpoint(served, revoked)
    answers = [post(client, guess, SUCCEEDED) for guess in (revoked, "orrin", "x" * 43, path[:-1])]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    assert stored(served) == []
    with served.connect(roles.ADMIN) as connection:
        kept = connection.execute(
            "select string_agg(e::text, ' ') from control.webhook_endpoint e"
        ).fetchone()[0]
    assert path not in kept
    assert SECRET not in kept


@pytest.mark.parametrize(
    ("secret", "skew", "status"),
    [
        (SECRET, 0, 200),
        (SECRET, -290, 200),
        (SECRET, 290, 200),
        (SECRET, -310, 400),
        (SECRET, 310, 400),
        ("whsec_no", 0, 400),
    ],
)
def test_only_a_fresh_signature_with_the_endpoints_secret_is_stored(served, client, secret, skew, status):
    path = add_endpoint(served, "orrin", "stripe", SECRET)
    assert post(client, path, SUCCEEDED, secret, int(time.time()) + skew).status_code == status
    assert len(stored(served)) == (status == 200)


def test_both_secrets_are_taken_while_one_is_rolled_and_the_oldest_ends(served, client):
    path = add_endpoint(served, "orrin", "stripe", SECRET)
    for number, (new, accepted) in enumerate(
        (("whsec_second", [SECRET, "whsec_second"]), ("whsec_third", ["whsec_second", "whsec_third"]))
    ):
        roll_secret(served, path, new)
        for secret in accepted:
            body = event(f"evt_{number}_{secret}", charge(), "charge.succeeded", 1_790_000_001)
            assert post(client, path, body, secret).status_code == 200
    assert post(client, path, SUCCEEDED, SECRET).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        b"not json",
        b"[]",
        b'{"object": "v2.core.event", "id": "evt_1", "type": "x"}',
        b'{"object": "event", "type": "x"}',
        b'{"object": "event", "id": "evt_1"}',
        b'{"object": "event", "id": "e\\u0000", "type": "x"}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_a_genuine_signature_over_something_else_is_refused_and_not_stored(served, client, body):
    path = add_endpoint(served, "orrin", "stripe", SECRET)
    answer = post(client, path, body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "malformed_event")
    assert stored(served) == []


def test_a_body_that_is_too_large_is_refused_before_it_is_read(served, client):
    path = add_endpoint(served, "orrin", "stripe", SECRET)
    assert post(client, path, b"x" * 1_100_000).status_code == 400


LIFE = [
    SUCCEEDED.replace(b"evt_1", b"evt_a"),
    event("evt_b", charge(amount_refunded=99), "charge.refunded", 1_790_000_002),
    event("evt_c", charge(refunded=True, amount_refunded=1099), "charge.refunded", 1_790_000_003),
]
FINAL = [
    ("orrin", "ch_1", Decimal("10.99"), "succeeded"),
    ("orrin", "ch_1:refunded", Decimal("10.99"), "refunded"),
]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
def test_events_of_a_charge_in_any_order_end_in_the_same_state(served, client, order):
    path = add_endpoint(served, "orrin", "stripe", SECRET)
    for place in order:
        assert post(client, path, LIFE[place]).status_code == 200
        if place == order[0]:
            process_events(served, "orrin")
    process_events(served, "orrin")
    assert payments(served) == FINAL
    again = process_events(served, "orrin")
    assert (again.applied, again.outdated, again.batches) == (0, 0, ())


def test_what_is_of_no_stream_of_ours_is_kept_and_marked_ignored(served, client):
    path = add_endpoint(served, "orrin", "stripe", SECRET)
    post(client, path, event("evt_x", {"object": "invoice", "id": "in_1"}, "invoice.paid", 1_790_000_001))
    post(
        client,
        path,
        event("evt_y", {"object": "dispute", "id": "dp_1"}, "charge.dispute.created", 1_790_000_001),
    )
    assert process_events(served, "orrin").ignored == 2
    assert payments(served) == []
    assert len(stored(served)) == 2


def test_an_endpoint_needs_a_source_with_webhooks_and_a_secret(served):
    with pytest.raises(IngestionError, match="those that have: stripe"):
        add_endpoint(served, "orrin", "hubspot", SECRET)
    with pytest.raises(IngestionError, match="not blank"):
        add_endpoint(served, "orrin", "stripe", " ")


def test_the_loader_of_one_tenant_cannot_put_an_event_into_anothers_inbox(served):
    other = get_tenant(served, "rival").tenant_id
    insert = (
        "insert into raw.webhook_event "
        "(tenant_id, source, event_id, event_type, body, body_sha256, received_at) "
        "values (%s, 'stripe', 'evt_1', 'x', '{}', 'x', now())"
    )
    with served.connect(roles.ADMIN) as connection:  # without the policy the row would be taken
        connection.execute(insert, (other,))
        connection.rollback()
    with (
        pytest.raises(errors.InsufficientPrivilege),
        loader_transaction(served, get_tenant(served, "orrin")) as connection,
    ):
        connection.execute(insert, (other,))
