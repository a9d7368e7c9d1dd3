"""The dbt models as assets of a tenant's partition, their tests as checks, and the check against the lake.

Models and tests are read from the manifest, so this module knows none of them by name except those that the
reconciliation compares.
"""

from collections.abc import Iterator, Sequence

import dagster as dg

from orchestration.defs.tenants import TENANTS
from orchestration.lib import dbt_runner, reconciliation
from orchestration.lib.dbt_errors import DbtError
from orchestration.lib.dbt_invocation import NodeResult
from orchestration.lib.dbt_nodes import Model, Project, Test
from orchestration.resources.warehouse import Warehouse
from warehouse.tenants import PLATFORM_SLUG


def model_assets(project: Project) -> dg.AssetsDefinition:
    """One asset a model, computed together by one dbt run for the tenant of the partition."""
    models = {model.unique_id: model for model in project.models}
    tests = {test.unique_id: test for test in project.tests}

    @dg.multi_asset(
        name="compute_marts",
        specs=[_spec(model) for model in project.models],
        check_specs=[*(_check_spec(test) for test in project.tests), *_reconciliation_specs(project)],
        can_subset=True,
    )
    def compute_marts(
        context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Warehouse]
    ) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
        """Recompute all marts of one tenant, test them, and compare them with the files that were loaded.

        The run always covers the whole tenant, so that its marts agree with each other; a selection limits
        what is reported, not what is computed.
        """
        tenant = context.partition_key
        try:
            computed = dbt_runner.run_models(warehouse.database, [tenant])
            tested = [] if tenant == PLATFORM_SLUG else dbt_runner.run_tests(warehouse.database, [tenant])
        except DbtError as error:
            raise dg.Failure(description=str(error), allow_retries=False) from error
        seconds = {result.unique_id: result.seconds for result in computed}
        for model in models.values():
            if dg.AssetKey(model.key) in context.selected_asset_keys:
                yield dg.MaterializeResult(
                    asset_key=dg.AssetKey(model.key),
                    metadata={
                        "seconds": seconds.get(model.unique_id, 0.0),
                        "materialized": model.materialized,
                    },
                )
        results = [*_test_results(tested, tests)]
        if tenant != PLATFORM_SLUG:
            results += _reconciliation_results(warehouse, tenant)
        for result in results:
            if _key_of(result) in context.selected_asset_check_keys:
                yield result

    return compute_marts


def _spec(model: Model) -> dg.AssetSpec:
    return dg.AssetSpec(
        dg.AssetKey(model.key),
        deps=[dg.AssetKey(parent) for parent in model.parents],
        group_name=model.group,
        kinds={"dbt", "postgres"},
        description=model.description,
        partitions_def=TENANTS,
        skippable=True,
    )


def _check_spec(test: Test) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        test.check_name, asset=dg.AssetKey(test.model), description=test.description or None
    )


def _test_results(results: Sequence[NodeResult], tests: dict[str, Test]) -> Iterator[dg.AssetCheckResult]:
    for result in results:
        test = tests.get(result.unique_id)
        if test is None or result.status == "skipped":
            continue
        is_warning = result.status == "warn"
        yield dg.AssetCheckResult(
            asset_key=dg.AssetKey(test.model),
            check_name=test.check_name,
            passed=result.status in ("pass", "success"),
            severity=dg.AssetCheckSeverity.WARN if is_warning else dg.AssetCheckSeverity.ERROR,
            metadata={"rows": result.failures, "message": result.message or "ok"},
        )


def _key_of(result: dg.AssetCheckResult) -> dg.AssetCheckKey:
    if result.asset_key is None or result.check_name is None:
        raise ValueError(f"a check result without its asset or name: {result}")
    return dg.AssetCheckKey(result.asset_key, result.check_name)


def _reconciliation_specs(project: Project) -> list[dg.AssetCheckSpec]:
    existing = {model.key for model in project.models}
    return [
        dg.AssetCheckSpec(
            total.check_name,
            asset=dg.AssetKey(total.mart_key),
            description=f"{total.question} DuckDB adds up the lake's Parquet files; both agree to the cent.",
        )
        for total in reconciliation.TOTALS
        if total.mart_key in existing
    ]


def _reconciliation_results(warehouse: Warehouse, tenant: str) -> list[dg.AssetCheckResult]:
    return [
        dg.AssetCheckResult(
            asset_key=dg.AssetKey(outcome.total.mart_key),
            check_name=outcome.total.check_name,
            passed=outcome.agrees,
            metadata={
                "groups": outcome.groups,
                "differences": [difference.as_json() for difference in outcome.differences[:20]],
            },
        )
        for outcome in reconciliation.reconcile(warehouse.database, tenant)
    ]
