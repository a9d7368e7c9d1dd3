"""What can go wrong when the warehouse is computed.

Messages name the model and what the database said, never a secret.
"""


class DbtError(Exception):
    """Base of everything that the dbt runner raises."""


class ProjectNotParsed(DbtError):
    """The dbt project itself is wrong: nothing was run."""

    def __init__(self, reason: str):
        super().__init__(
            f"the dbt project could not be read: {reason}. Nothing was changed; "
            "`python -m orchestration.lib.dbt_runner parse` shows the same without a database."
        )


class ModelsFailed(DbtError):
    """At least one model was not built. Each is its own transaction: one that failed keeps its old rows."""

    def __init__(self, action: str, failures: tuple[tuple[str, str], ...], skipped: int):
        self.failures = failures
        shown = "; ".join(f"{name}: {message}" for name, message in failures)
        waiting = f" {skipped} more waited for them and were skipped." if skipped else ""
        super().__init__(
            f"{action} failed: {shown}.{waiting} What failed keeps its previous rows; "
            "correct the cause and run it again."
        )


class GuardViolated(DbtError):
    """The models ran, but a served relation is not protected as it must be."""

    def __init__(self, violations: tuple[tuple[str, str], ...]):
        self.violations = violations
        shown = "; ".join(f"{name}: {problem}" for name, problem in violations)
        super().__init__(
            f"the row security of the warehouse is broken: {shown}. `capstan doctor` repeats the check; "
            "readers should be stopped until it is clean."
        )
