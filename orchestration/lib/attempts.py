"""How often a piece of work was tried, from the runs that carry its tag: a killed run is made up for."""

from dataclasses import dataclass

import dagster as dg


@dataclass(frozen=True)
class Attempts:
    """The runs of one piece of work: how many have ended, and whether one is under way or succeeded."""

    ended: int
    is_under_way: bool
    has_succeeded: bool
    last_run_id: str | None


def attempts(instance: dg.DagsterInstance, tag: str, value: str) -> Attempts:
    """What became of the runs with this tag, the newest first."""
    runs = instance.get_runs(dg.RunsFilter(tags={tag: value}))
    return Attempts(
        ended=sum(run.is_finished for run in runs),
        is_under_way=any(not run.is_finished for run in runs),
        has_succeeded=any(run.is_success for run in runs),
        last_run_id=runs[0].run_id if runs else None,
    )
