"""Events that were stored and answered become rows without anybody asking, once."""

import hashlib
import hmac
import json
import time

import dagster as dg

from ingestion.webhooks.endpoints import add_endpoint
from ingestion.webhooks.inbox import accept
from orchestration.defs.ingestion.webhooks import ATTEMPTS, STATE_TAG, process_webhooks, webhooks_sensor
from orchestration.defs.tenants import TENANTS
from orchestration.lib.waiting_events import waiting_events
from orchestration.resources.warehouse import Warehouse
from warehouse import roles
from warehouse.database import Database
from warehouse.tenants import add_tenant

SECRET = "whsec_one"
CHARGE = {
    "id": "ch_1",
    "object": "charge",
    "amount": 1099,
    "amount_refunded": 0,
    "currency": "usd",
    "captured": True,
    "refunded": False,
    "status": "succeeded",
    "created": 1_790_000_000,
    "metadata": {},
    "billing_details": {"name": "Alder Ventures"},
}


def receive(database: Database, path: str, event_id: str) -> None:
    event = {"id": event_id, "object": "event", "type": "charge.succeeded", "created": 1_790_000_000}
    body = json.dumps(event | {"data": {"object": CHARGE}}).encode()
    now = time.time()
    stamp = f"{int(now)}.".encode()
    signature = hmac.new(SECRET.encode(), stamp + body, hashlib.sha256).hexdigest()
    accept(database, "stripe", path, body, f"t={int(now)},v1={signature}", now=now)


def tick(database: Database, instance: dg.DagsterInstance) -> list[dg.RunRequest]:
    context = dg.build_sensor_context(instance=instance, resources={"warehouse": Warehouse(lambda: database)})
    result = webhooks_sensor(context)
    assert isinstance(result, dg.SensorResult)
    for request in result.dynamic_partitions_requests or []:
        instance.add_dynamic_partitions(TENANTS.name or "", list(request.partition_keys))
    return list(result.run_requests or [])


def run(database: Database, instance: dg.DagsterInstance, request: dg.RunRequest) -> bool:
    return process_webhooks.execute_in_process(
        instance=instance,
        partition_key=request.partition_key,
        run_config=request.run_config,
        tags=request.tags,
        resources={"warehouse": Warehouse(lambda: database)},
        raise_on_error=False,
    ).success


def payments(database: Database) -> list[tuple[str, str]]:
    with database.connect(roles.ADMIN) as connection:
        return connection.execute(
            "select t.slug, p.payment_id from raw.capstan__payments p join control.tenant t using (tenant_id)"
        ).fetchall()


def test_waiting_events_of_a_tenant_are_processed_in_one_run_of_that_tenant(database: Database) -> None:
    for slug in ("orrin", "rival"):
        add_tenant(database, slug, name=slug.title(), kind="company", currency_code="USD")
    path = add_endpoint(database, "orrin", "stripe", SECRET)
    with dg.DagsterInstance.ephemeral() as instance:
        assert tick(database, instance) == [], "nothing waits"
        receive(database, path, "evt_1")
        receive(database, path, "evt_2")
        (request,) = tick(database, instance)
        assert request.partition_key == "orrin"
        assert run(database, instance, request)
        assert payments(database) == [("orrin", "ch_1")]
        assert tick(database, instance) == [], "nothing waits any more"
        assert waiting_events(database) == []


def test_a_state_of_the_inbox_that_keeps_failing_is_given_up_until_a_new_event_comes(
    database: Database,
) -> None:
    add_tenant(database, "orrin", name="Orrin", kind="company", currency_code="USD")
    path = add_endpoint(database, "orrin", "stripe", SECRET)
    receive(database, path, "evt_1")
    with dg.DagsterInstance.ephemeral() as instance:
        broken = {"ops": {"process_waiting_events": {"config": {"source": "nobody"}}}}
        for _ in range(ATTEMPTS):
            (request,) = tick(database, instance)
            instance.create_run_for_job(
                process_webhooks, run_config=broken, tags=request.tags, status=dg.DagsterRunStatus.FAILURE
            )
        assert tick(database, instance) == []
        receive(database, path, "evt_2")
        (request,) = tick(database, instance)
        assert request.tags[STATE_TAG].startswith("orrin:stripe:")
