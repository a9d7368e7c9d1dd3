"""The quarterly statement of LPs: an asset a tenant, its job, and the schedule that asks for it."""

import dagster as dg

from orchestration.defs.tenants import TENANT_TAG, TENANTS
from orchestration.lib.due_mail import tenants_scheduled
from orchestration.resources.warehouse import Warehouse
from reporting.errors import ReportingError
from reporting.mail.delivery import deliver_due
from reporting.mail.outbox import NoRecipient, queue_report
from reporting.packs import lp_statement
from reporting.packs.periods import quarter_before

STATEMENT_KEY = dg.AssetKey(["reports", "lp_quarterly_statement"])
STATEMENT_MARTS = (
    "dim_investor",
    "fct_capital_account",
    "fct_cash_flows",
    "fct_investor_performance",
    "rpt_investor_portfolio",
)
DELIVERED_CHECK = "every_statement_is_delivered"


class StatementConfig(dg.Config):
    """Which statements to send: `period` as 2026Q3, by default the last quarter that is over."""

    period: str | None = None


@dg.asset(
    key=STATEMENT_KEY,
    deps=[dg.AssetKey(["marts", mart]) for mart in STATEMENT_MARTS],
    partitions_def=TENANTS,
    group_name="reports",
    kinds={"email", "pdf"},
    check_specs=[
        dg.AssetCheckSpec(
            DELIVERED_CHECK,
            asset=STATEMENT_KEY,
            description="No statement of this run is held back or refused.",
        )
    ],
)
def lp_quarterly_statement(
    context: dg.AssetExecutionContext, config: StatementConfig, warehouse: dg.ResourceParam[Warehouse]
) -> dg.MaterializeResult:
    """The statement of each LP of a tenant, rendered in that LP's own session and mailed once a period."""
    tenant = context.partition_key
    try:
        owed = queue_report(warehouse.database, tenant, lp_statement.NAME, config.period)
    except NoRecipient as nobody:
        return _result(context, {"recipients": 0, "note": str(nobody)}, problems=[])
    except ReportingError as error:
        raise dg.Failure(description=str(error), allow_retries=False) from error
    done = deliver_due(warehouse.database, tenant_slug=tenant)
    metadata: dict[str, str | int] = {
        "recipients": len(owed),
        "period": owed[0].period,
        "new": sum(row.is_new for row in owed),
    }
    return _result(
        context, metadata | {"sent": done.sent, "postponed": done.postponed}, [*done.held, *done.failed]
    )


def _result(
    context: dg.AssetExecutionContext, metadata: dict[str, str | int], problems: list[str]
) -> dg.MaterializeResult:
    for problem in problems:
        context.log.warning(problem)
    return dg.MaterializeResult(
        metadata=metadata,
        check_results=[
            dg.AssetCheckResult(
                check_name=DELIVERED_CHECK,
                passed=not problems,
                severity=dg.AssetCheckSeverity.WARN,
                metadata={"problems": problems},
            )
        ],
    )


STATEMENT_JOB = dg.define_asset_job(
    "lp_quarterly_statement",
    selection=dg.AssetSelection.assets(STATEMENT_KEY),
    description="Render and mail the quarterly statements of one tenant.",
)


@dg.schedule(
    name="lp_quarterly_statement",
    job=STATEMENT_JOB,
    cron_schedule="0 7 15 1,4,7,10 *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="On the 15th after each quarter, 07:00 UTC, for the tenants whose schedule is on.",
)
def quarterly_statement_schedule(
    context: dg.ScheduleEvaluationContext, warehouse: dg.ResourceParam[Warehouse]
) -> list[dg.RunRequest] | dg.SkipReason:
    """One run a tenant and quarter. The sensor of the inbox has made every tenant a partition by then."""
    period = quarter_before(context.scheduled_execution_time.date()).name
    due = tenants_scheduled(warehouse.database, lp_statement.NAME)
    if not due:
        return dg.SkipReason("no tenant has this report scheduled")
    return [
        dg.RunRequest(
            run_key=f"{slug}:{period}",
            partition_key=slug,
            tags={TENANT_TAG: slug},
            run_config={"ops": {STATEMENT_KEY.to_python_identifier(): {"config": {"period": period}}}},
        )
        for slug in due
    ]
