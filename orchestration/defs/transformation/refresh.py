"""When marts are recomputed: a job for one tenant, and the sensor that asks for it where new data came."""

from typing import TYPE_CHECKING

import dagster as dg

from orchestration.defs.tenants import TENANT_TAG, TENANTS
from orchestration.lib.attempts import attempts
from orchestration.lib.freshness import positions, to_refresh
from orchestration.resources.warehouse import Warehouse

if TYPE_CHECKING:
    from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

STATE_TAG = "capstan/state"
ATTEMPTS = 3
"""How often the marts of one state of a tenant's data are tried; new data starts the count again."""

REFRESH_JOB_NAME = "refresh_marts"


def refresh_job(marts: dg.AssetsDefinition) -> "UnresolvedAssetJobDefinition":
    """The job that recomputes all marts of the tenant of its partition."""
    return dg.define_asset_job(
        REFRESH_JOB_NAME,
        # the marts with their own tests; checks that come from elsewhere have jobs of their own
        selection=dg.AssetSelection.assets(marts).without_checks()
        | dg.AssetSelection.checks(*marts.check_keys),
        description="Recompute, test and reconcile the marts of one tenant.",
    )


@dg.sensor(
    name="changed_tenants",
    job_name=REFRESH_JOB_NAME,
    minimum_interval_seconds=10,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Recomputes the marts of tenants that have loaded something since they were computed.",
)
def changed_tenants_sensor(
    context: dg.SensorEvaluationContext, warehouse: dg.ResourceParam[Warehouse]
) -> dg.SensorResult:
    """Ask for one run a tenant and state of its data, again only where that run was cut off or failed."""
    behind = to_refresh(positions(warehouse.database))
    requests = [
        request for slug, state in behind.items() if (request := _request(context.instance, slug, state))
    ]
    existing = set(context.instance.get_dynamic_partitions(TENANTS.name or ""))
    new_keys = sorted(set(behind) - existing)
    return dg.SensorResult(
        run_requests=requests,
        skip_reason=None if requests else _skip_reason(behind),
        dynamic_partitions_requests=[TENANTS.build_add_request(new_keys)] if new_keys else [],
    )


def _request(instance: dg.DagsterInstance, slug: str, state: str) -> dg.RunRequest | None:
    tried = attempts(instance, STATE_TAG, state)
    if tried.is_under_way or tried.has_succeeded or tried.ended >= ATTEMPTS:
        return None
    return dg.RunRequest(
        run_key=f"{state}:{tried.ended + 1}",
        partition_key=slug,
        tags={TENANT_TAG: slug, STATE_TAG: state},
    )


def _skip_reason(behind: dict[str, str]) -> str:
    if behind:
        return f"behind, with a run under way or failed {ATTEMPTS} times: {', '.join(sorted(behind))}"
    return "the marts of every tenant are up to date"
