"""Webhook events into raw tables: a job for one tenant, and the sensor that asks for it where events wait."""

import dagster as dg

from ingestion.webhooks.processing import process_events
from orchestration.defs.tenants import TENANT_TAG, TENANTS
from orchestration.lib.attempts import attempts
from orchestration.lib.waiting_events import Waiting, waiting_events
from orchestration.resources.warehouse import Warehouse

STATE_TAG = "capstan/webhooks"
ATTEMPTS = 3
"""How often one state of a tenant's inbox is tried; a new event starts the count again."""


class EventsOfSource(dg.Config):
    """Whose events to process: the sender's name, as in the path of its endpoint."""

    source: str = "stripe"


@dg.op(name="process_waiting_events")
def process_webhooks_op(
    context: dg.OpExecutionContext, config: EventsOfSource, warehouse: dg.ResourceParam[Warehouse]
) -> None:
    """Load the newest event of each object with its source's mapping; the rest is marked, none is lost."""
    done = process_events(warehouse.database, context.partition_key, config.source)
    context.add_output_metadata({"applied": done.applied, "outdated": done.outdated, "ignored": done.ignored})


@dg.job(
    name="process_webhooks",
    partitions_def=TENANTS,
    description="Turn the webhook events of one tenant into rows.",
)
def process_webhooks() -> None:
    """The job around the op."""
    process_webhooks_op()


@dg.sensor(
    name="webhooks",
    job=process_webhooks,
    minimum_interval_seconds=10,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Processes webhook events that were stored and answered, and wait.",
)
def webhooks_sensor(
    context: dg.SensorEvaluationContext, warehouse: dg.ResourceParam[Warehouse]
) -> dg.SensorResult:
    """Ask for one run a tenant, source and state of its inbox, again only where that run failed."""
    waiting = waiting_events(warehouse.database)
    requests = [request for found in waiting if (request := _request(context.instance, found))]
    existing = set(context.instance.get_dynamic_partitions(TENANTS.name or ""))
    new_keys = sorted({found.tenant_slug for found in waiting} - existing)
    return dg.SensorResult(
        run_requests=requests,
        skip_reason=None if requests else "no events wait that are not under way or given up",
        dynamic_partitions_requests=[TENANTS.build_add_request(new_keys)] if new_keys else [],
    )


def _request(instance: dg.DagsterInstance, found: Waiting) -> dg.RunRequest | None:
    state = f"{found.tenant_slug}:{found.source}:{found.newest}"
    tried = attempts(instance, STATE_TAG, state)
    if tried.is_under_way or tried.has_succeeded or tried.ended >= ATTEMPTS:
        return None
    return dg.RunRequest(
        run_key=f"{state}:{tried.ended + 1}",
        partition_key=found.tenant_slug,
        tags={TENANT_TAG: found.tenant_slug, STATE_TAG: state},
        run_config={"ops": {"process_waiting_events": {"config": {"source": found.source}}}},
    )
