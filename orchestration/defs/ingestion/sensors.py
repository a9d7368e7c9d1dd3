"""The sensor that loads what is dropped into the inbox: one run a tenant and claim."""

import json
from pathlib import Path

import dagster as dg

from orchestration.defs.ingestion.assets import LOAD_JOB
from orchestration.defs.tenants import TENANT_TAG, TENANTS
from orchestration.lib import inbox
from orchestration.lib.attempts import attempts
from orchestration.resources.warehouse import Warehouse
from warehouse.tenants import PLATFORM_SLUG, list_tenants

CLAIM_TAG = "capstan/claim"
ATTEMPTS = 3
"""How often a claim is tried when its run ends without filing its files away: it was killed."""


@dg.sensor(
    name="inbox",
    job=LOAD_JOB,
    minimum_interval_seconds=10,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Loads files of CAPSTAN_HOME/inbox/<tenant>/<source>/ once they have stopped changing.",
)
def inbox_sensor(
    context: dg.SensorEvaluationContext, warehouse: dg.ResourceParam[Warehouse]
) -> dg.SensorResult:
    """Claim complete files by moving them, then ask for a run for each claim that has none."""
    folder = warehouse.database.home / "inbox"
    known = {PLATFORM_SLUG, *(tenant.slug for tenant in list_tenants(warehouse.database))}
    now = inbox.look(folder)
    before = {name: tuple(stamp) for name, stamp in json.loads(context.cursor or "{}").items()}
    unknown = sorted({name.split("/", 1)[0] for name in now} - known)
    for slug in unknown:
        context.log.warning(f"inbox/{slug}: there is no tenant {slug!r}; its files stay where they are")
        inbox.report_unknown_tenant(folder, slug)
    for slug, names in inbox.settled(before, now).items():
        if slug in known:
            inbox.clear_unknown_tenant(folder, slug)
            inbox.claim(folder, slug, names)
            now = {name: stamp for name, stamp in now.items() if name not in names}
    requests = [
        request for claim in inbox.open_claims(folder) if (request := _request(context, folder, claim))
    ]
    has_key = set(context.instance.get_dynamic_partitions(TENANTS.name or ""))
    new_keys = sorted(known - has_key)
    return dg.SensorResult(
        run_requests=requests,
        skip_reason=None if requests else _skip_reason(unknown, now),
        dynamic_partitions_requests=[TENANTS.build_add_request(new_keys)] if new_keys else [],
        cursor=json.dumps(now),
    )


def _request(context: dg.SensorEvaluationContext, folder: Path, claimed: inbox.Claim) -> dg.RunRequest | None:
    """A run for this claim unless one is under way; after too many were cut off, its files are refused."""
    tried = attempts(context.instance, CLAIM_TAG, claimed.claim_id)
    if tried.is_under_way:
        return None
    if tried.ended >= ATTEMPTS:
        for _, path in claimed.files():
            last = tried.last_run_id
            reason = f"{path.name}: {tried.ended} runs ended before it was loaded, the last was {last}"
            context.log.error(reason)
            inbox.file_failed(folder, claimed, path, reason)
        return None
    return dg.RunRequest(
        run_key=f"{claimed.claim_id}:{tried.ended + 1}",
        partition_key=claimed.tenant_slug,
        tags={TENANT_TAG: claimed.tenant_slug, CLAIM_TAG: claimed.claim_id},
        run_config={"ops": {"load_files": {"config": {"claim": claimed.claim_id}}}},
    )


def _skip_reason(unknown: list[str], waiting: dict[str, inbox.Stamp]) -> str:
    if unknown:
        return f"no tenant has the name of the folder {', '.join(unknown)}; its files stay where they are"
    if waiting:
        return f"{len(waiting)} file(s) are new or still changing; they load once they stay the same"
    return "the inbox is empty"
