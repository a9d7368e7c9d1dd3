"""Assembles the code location and does nothing else. Tests call `build_definitions` with a warehouse."""

import dagster as dg

from orchestration.defs.delivery.outbox import deliver_outbox, outbox_schedule
from orchestration.defs.delivery.statements import (
    STATEMENT_JOB,
    lp_quarterly_statement,
    quarterly_statement_schedule,
)
from orchestration.defs.ingestion.assets import LOAD_JOB, load_files, source_assets
from orchestration.defs.ingestion.sensors import inbox_sensor
from orchestration.defs.ingestion.webhooks import process_webhooks, webhooks_sensor
from orchestration.defs.transformation.assets import model_assets
from orchestration.defs.transformation.refresh import changed_tenants_sensor, refresh_job
from orchestration.defs.transformation.second_computation import (
    COMPUTE_AGAIN_JOB,
    compute_again_schedule,
    computed_alike_twice,
)
from orchestration.lib.dbt_nodes import Project, read_project
from orchestration.lib.dbt_runner import manifest_path
from orchestration.resources.warehouse import Warehouse
from warehouse.settings import WarehouseSettings


def build_definitions(
    *, warehouse: Warehouse | None = None, project: Project | None = None
) -> dg.Definitions:
    """The code location over this warehouse and dbt project; by default those of the environment.

    The manifest is made where there is none; the database is opened by the first run or sensor.
    """
    marts = model_assets(project or read_project(manifest_path(WarehouseSettings().home)))
    return dg.Definitions(
        assets=[*source_assets(), load_files, marts, lp_quarterly_statement],
        asset_checks=[computed_alike_twice],
        jobs=[
            LOAD_JOB,
            refresh_job(marts),
            COMPUTE_AGAIN_JOB,
            STATEMENT_JOB,
            deliver_outbox,
            process_webhooks,
        ],
        schedules=[quarterly_statement_schedule, outbox_schedule, compute_again_schedule],
        sensors=[inbox_sensor, webhooks_sensor, changed_tenants_sensor],
        resources={"warehouse": warehouse or Warehouse()},
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """What `dagster dev` and `capstan up` load."""
    return build_definitions()
