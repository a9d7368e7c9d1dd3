"""Dagster's own home under `CAPSTAN_HOME/dagster`: its settings, and tidying up after a crash."""

from pathlib import Path

import dagster as dg
import yaml

CONCURRENT_RUNS = 2


def prepare(home: Path) -> Path:
    """Write `dagster.yaml` where it is not as it should be; returns the folder for `DAGSTER_HOME`.

    Telemetry is off, storage is SQLite in the folder (decision 0003), runs of one tenant follow one another.
    """
    folder = home / "dagster"
    folder.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump(settings(folder), sort_keys=False)
    path = folder / "dagster.yaml"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        partial = folder / "dagster.yaml.partial"
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    return folder


def settings(folder: Path) -> dict[str, object]:
    """The content of `dagster.yaml`."""
    return {
        "telemetry": {"enabled": False},
        "storage": {"sqlite": {"base_dir": str(folder / "storage")}},
        "local_artifact_storage": {
            "module": "dagster.core.storage.root",
            "class": "LocalArtifactStorage",
            "config": {"base_dir": str(folder)},
        },
        "run_coordinator": {
            "module": "dagster.core.run_coordinator",
            "class": "QueuedRunCoordinator",
            "config": {"dequeue_interval_seconds": 1},
        },
        "concurrency": {
            "runs": {
                "max_concurrent_runs": CONCURRENT_RUNS,
                "tag_concurrency_limits": [
                    {"key": "tenant", "value": {"applyLimitPerUniqueValue": True}, "limit": 1}
                ],
            }
        },
        "retention": {
            "sensor": {"purge_after_days": {"skipped": 1, "success": 90, "failure": 90}},
            "schedule": {"purge_after_days": {"skipped": 7, "success": 365, "failure": 365}},
        },
    }


def fail_orphaned_runs(folder: Path) -> list[str]:
    """Mark runs as failed whose processes went down with the machine or the platform; returns their ids.

    Call it only while nothing else works on this home: a run that has started and has nobody to run it would
    hold back its tenant for ever. Queued runs stay; the daemon starts them.
    """
    with dg.DagsterInstance.from_config(str(folder)) as instance:
        running = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
        orphans = instance.get_runs(dg.RunsFilter(statuses=running))
        for run in orphans:
            instance.report_run_failed(run, "The platform stopped while this run was at work.")
        return [run.run_id for run in orphans]
