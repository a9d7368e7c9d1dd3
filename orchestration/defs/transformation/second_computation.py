"""The marts against the second computation: a check with a job of its own, for it costs more than a refresh.

It is one check over all tenants: a job of checks alone cannot have partitions in the pinned Dagster.
"""

import dagster as dg
from pydantic import Field

from orchestration.lib.oracle.comparison import verdict
from orchestration.resources.warehouse import Warehouse
from warehouse.tenants import list_tenants

JOB_NAME = "compute_again"
SHOWN = 20


class Tenants(dg.Config):
    """Which tenants to compare; all of them where none is named."""

    slugs: list[str] = Field(default_factory=list)


@dg.asset_check(
    asset=dg.AssetKey(["marts", "metric_values"]),
    name="computed_alike_twice",
    description="Python computes every number again from the files of the lake: money agrees to the cent, "
    "rates to 1e-9, statuses to the word.",
)
def computed_alike_twice(
    context: dg.AssetCheckExecutionContext, config: Tenants, warehouse: dg.ResourceParam[Warehouse]
) -> dg.AssetCheckResult:
    """Compare all numbers of each tenant."""
    numbers, differing = {}, {}
    for slug in config.slugs or [tenant.slug for tenant in list_tenants(warehouse.database)]:
        found = verdict(warehouse.database, slug)
        numbers[slug] = sum(found.compared.values())
        if not found.agrees:
            differing[slug] = [item.as_json() for item in found.disagreements]
        context.log.info(f"{slug}: {numbers[slug]} numbers, {len(found.disagreements)} differ")
    return dg.AssetCheckResult(
        passed=not differing,
        metadata={
            "numbers": numbers,
            "differing": {slug: len(items) for slug, items in differing.items()},
            "differences": {slug: items[:SHOWN] for slug, items in differing.items()},
        },
    )


COMPUTE_AGAIN_JOB = dg.define_asset_job(
    JOB_NAME,
    selection=dg.AssetSelection.checks(computed_alike_twice),
    description="Compute every number a second time and compare.",
)

compute_again_schedule = dg.ScheduleDefinition(
    name="compute_again_nightly",
    job=COMPUTE_AGAIN_JOB,
    cron_schedule="30 2 * * *",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Asks for the second computation once a night.",
)
