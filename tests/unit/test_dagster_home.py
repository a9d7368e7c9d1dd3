"""Dagster's own home: the settings that it accepts, and runs that a crash left behind."""

from pathlib import Path

import dagster as dg

from orchestration.lib import dagster_home


@dg.op
def nothing() -> None:
    """Does nothing."""


@dg.job
def empty_job() -> None:
    """Has a run to speak of."""
    nothing()


def test_the_settings_are_accepted_and_telemetry_is_off(tmp_path: Path) -> None:
    folder = dagster_home.prepare(tmp_path)
    with dg.DagsterInstance.from_config(str(folder)) as instance:
        assert instance.get_settings("telemetry") == {"enabled": False}
        limits = instance.get_concurrency_config().run_queue_config
    assert limits is not None
    assert [limit["key"] for limit in limits.tag_concurrency_limits] == ["tenant"]
    written = (folder / "dagster.yaml").stat().st_mtime_ns
    dagster_home.prepare(tmp_path)
    assert (folder / "dagster.yaml").stat().st_mtime_ns == written


def test_runs_that_a_crash_cut_off_are_failed_and_others_stay(tmp_path: Path) -> None:
    folder = dagster_home.prepare(tmp_path)
    with dg.DagsterInstance.from_config(str(folder)) as instance:
        made = {
            status: instance.create_run_for_job(empty_job, status=status).run_id
            for status in (
                dg.DagsterRunStatus.STARTED,
                dg.DagsterRunStatus.NOT_STARTED,
                dg.DagsterRunStatus.SUCCESS,
            )
        }
    assert dagster_home.fail_orphaned_runs(folder) == [made[dg.DagsterRunStatus.STARTED]]
    assert dagster_home.fail_orphaned_runs(folder) == []
    with dg.DagsterInstance.from_config(str(folder)) as instance:
        after = [instance.get_run_by_id(run_id) for run_id in made.values()]
    assert [run.status for run in after if run] == [
        dg.DagsterRunStatus.FAILURE,
        dg.DagsterRunStatus.NOT_STARTED,
        dg.DagsterRunStatus.SUCCESS,
    ]
