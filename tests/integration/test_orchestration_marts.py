"""Marts as assets: recomputed for changed tenants only, tested, and reconciled with the files of the lake."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from ingestion.loading import ingest
from orchestration.definitions import build_definitions
from orchestration.defs.delivery.outbox import deliver_outbox, outbox_schedule
from orchestration.defs.delivery.statements import quarterly_statement_schedule
from orchestration.defs.tenants import TENANTS
from orchestration.defs.transformation.refresh import ATTEMPTS, changed_tenants_sensor
from orchestration.defs.transformation.second_computation import JOB_NAME as COMPUTE_AGAIN
from orchestration.lib import dbt_runner, reconciliation
from orchestration.lib.dbt_nodes import Project, read_project
from orchestration.lib.dbt_runner import manifest_path
from orchestration.lib.due_mail import is_mail_due
from orchestration.lib.freshness import Position, to_refresh
from orchestration.lib.lake import LakeFileMissing
from orchestration.resources.warehouse import Warehouse
from reporting.mail.outbox import queue_report, set_schedule
from tests.conftest import Cluster, clone
from warehouse import roles
from warehouse.database import Database
from warehouse.tenants import add_tenant
from warehouse.users import add_user

pytestmark = pytest.mark.long

FILES = {
    "vehicles": "vehicle_id,name,kind,currency_code,status\nf1,Fund,fund,EUR,active\n",
    "investors": "investor_id,name\ni1,Isolde Marsh\n",
    "commitments": "commitment_id,vehicle_id,investor_id,amount,currency_code,status,signed_on\n"
    "c1,f1,i1,{commitment},EUR,signed,2020-01-01\n",
    "transactions": "transaction_id,vehicle_id,investor_id,kind,purpose,amount,currency_code,effective_on\n"
    "t1,f1,i1,contribution,investments,100.25,EUR,2020-02-01\n"
    "t2,f1,i1,distribution,realized_gain,{gain},EUR,2021-02-01\n",
    "valuations": "vehicle_id,investor_id,as_of,nav_amount,currency_code\nf1,i1,2021-03-31,10.10,EUR\n",
}


@pytest.fixture(scope="module")
def project(cluster: Cluster) -> Project:
    return read_project(manifest_path(cluster.folder / "home"))


@pytest.fixture(scope="module")
def loaded(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with clone(cluster, tmp_path_factory.mktemp("marts") / "home", deployed=True) as database:
        for slug, gain in (("alder", "150.50"), ("birch", "77.07")):
            add_tenant(database, slug, name=slug.title(), kind="manager", currency_code="EUR")
            load(database, tmp_path_factory.mktemp(slug), slug, commitment="1000", gain=gain)
        yield database


@pytest.fixture(scope="module")
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


def load(database: Database, folder: Path, slug: str, **values: str) -> None:
    for stream, text in FILES.items():
        path = folder / f"{stream}.csv"
        path.write_text(text.format(**values))
        assert {result.status for result in ingest(database, slug, "capstan", [path])} <= {
            "loaded",
            "unchanged",
        }


def tick(database: Database, instance: dg.DagsterInstance) -> list[dg.RunRequest]:
    warehouse = Warehouse(lambda: database)
    context = dg.build_sensor_context(instance=instance, resources={"warehouse": warehouse})
    result = changed_tenants_sensor(context)
    assert isinstance(result, dg.SensorResult)
    for request in result.dynamic_partitions_requests or []:
        instance.add_dynamic_partitions(TENANTS.name or "", list(request.partition_keys))
    return list(result.run_requests or [])


def run(
    database: Database, project: Project, instance: dg.DagsterInstance, request: dg.RunRequest
) -> dg.ExecuteInProcessResult:
    definitions = build_definitions(warehouse=Warehouse(lambda: database), project=project)
    return definitions.resolve_job_def("refresh_marts").execute_in_process(
        partition_key=request.partition_key, tags=request.tags, instance=instance, raise_on_error=False
    )


def fct_cash_flows(database: Database) -> dict[int, Decimal]:
    with database.connect(roles.DBT_BUILDER) as connection:
        return dict(
            connection.execute(
                "select tenant_id, sum(amount) from marts.fct_cash_flows group by 1"
            ).fetchall()
        )


def test_definitions_load_with_one_lineage_from_the_inbox_to_the_marts(
    project: Project, database: Database
) -> None:
    definitions = build_definitions(warehouse=Warehouse(lambda: database), project=project)
    dg.Definitions.validate_loadable(definitions)
    graph = definitions.resolve_asset_graph()
    mart = dg.AssetKey(["marts", "fct_investor_performance"])
    upstream, todo = set(), [mart]
    while todo:
        parents = graph.get(todo.pop()).parent_keys - upstream
        upstream |= parents
        todo += parents
    assert dg.AssetKey(["raw", "capstan__transactions"]) in upstream
    assert dg.AssetKey(["inbox", "capstan"]) in upstream
    assert graph.get(mart).partitions_def == TENANTS
    assert any(key.asset_key == mart for key in graph.asset_check_keys), "dbt tests are checks of their model"


def test_changed_tenants_are_computed_tested_and_reconciled_and_nobody_else(
    loaded: Database, project: Project, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    requests = tick(loaded, instance)
    assert [request.partition_key for request in requests] == ["alder", "birch"]
    for request in requests:
        result = run(loaded, project, instance, request)
        assert result.success
        failed = [check.check_name for check in result.get_asset_check_evaluations() if not check.passed]
        assert failed == []
        names = {check.check_name for check in result.get_asset_check_evaluations()}
        assert {total.check_name for total in reconciliation.TOTALS} <= names
    assert sorted(fct_cash_flows(loaded).values()) == [Decimal("-23.18"), Decimal("50.25")]
    assert tick(loaded, instance) == [], "nothing has changed since"

    load(loaded, tmp_path, "birch", commitment="1000", gain="80.00")
    (again,) = tick(loaded, instance)
    assert again.partition_key == "birch"
    assert run(loaded, project, instance, again).success
    assert sorted(fct_cash_flows(loaded).values()) == [Decimal("-20.25"), Decimal("50.25")]


def test_the_second_computation_is_a_job_of_its_own_and_sees_a_wrong_number(
    loaded: Database, project: Project, instance: dg.DagsterInstance
) -> None:
    def compare() -> dg.AssetCheckEvaluation:
        definitions = build_definitions(warehouse=Warehouse(lambda: loaded), project=project)
        job = definitions.resolve_job_def(COMPUTE_AGAIN)
        (found,) = job.execute_in_process(instance=instance).get_asset_check_evaluations()
        return found

    dbt_runner.refresh(loaded, None)
    assert compare().passed
    change = (
        "update marts.metric_values set value = value + %s where metric = 'contributed_amount' "
        "and entity_type = 'vehicle' "
        "and tenant_id = (select tenant_id from control.tenant where slug = 'alder')"
    )
    with loaded.connect(roles.ADMIN) as connection:
        changed = connection.execute(change, (0.01,)).rowcount
    try:
        found = compare()
    finally:
        with loaded.connect(roles.ADMIN) as connection:
            connection.execute(change, (-0.01,))
    assert not found.passed
    assert found.metadata["differing"].value == {"alder": changed}


def test_a_mart_that_is_a_cent_off_has_a_row_too_many_or_lacks_one_does_not_reconcile(
    loaded: Database,
) -> None:
    dbt_runner.refresh(loaded, ["alder"])
    assert all(outcome.agrees for outcome in reconciliation.reconcile(loaded, "alder"))

    def found_after(fault: str) -> dict[str, tuple[str | None, str | None]]:
        with loaded.connect(roles.DBT_BUILDER) as connection:
            connection.execute(fault)  # type: ignore[call-overload]
        return {
            outcome.total.check_name: (totals(difference.lake), totals(difference.mart))
            for outcome in reconciliation.reconcile(loaded, "alder")
            for difference in outcome.differences
        }

    def totals(side: tuple[Decimal, int] | None) -> str | None:
        return f"{side[0]:.2f} in {side[1]}" if side else None

    cent = "update marts.fct_cash_flows set amount = amount + 0.01 where kind = 'contribution'"
    off = {"investor_cash_equals_the_lake": ("-100.25 in 1", "-100.24 in 1")}
    assert found_after(cent) == off
    twice = (
        "insert into marts.fct_valuations "
        "(tenant_id, vehicle_id, investor_id, as_of, vehicle_name, nav_amount, currency_code) "
        "select tenant_id, vehicle_id, investor_id, as_of + 1, vehicle_name, 0, currency_code "
        "from marts.fct_valuations"
    )
    assert found_after(twice) == off | {"valuations_equal_the_lake": ("10.10 in 1", "10.10 in 2")}
    lost = "delete from marts.fct_valuations"
    assert found_after(lost) == off | {"valuations_equal_the_lake": ("10.10 in 1", None)}

    dbt_runner.refresh(loaded, ["alder", "birch"])
    assert all(outcome.agrees for outcome in reconciliation.reconcile(loaded, "alder"))


def test_the_statement_of_a_quarter_is_mailed_once_to_each_lp(
    loaded: Database, project: Project, instance: dg.DagsterInstance
) -> None:
    dbt_runner.refresh(loaded)
    add_user(loaded, "isolde@example.com", tenant="alder", role="lp", investor_ids=["i1"])
    instance.add_dynamic_partitions(TENANTS.name or "", ["alder", "birch"])
    definitions = build_definitions(warehouse=Warehouse(lambda: loaded), project=project)

    def send(tenant: str) -> dict[str, object]:
        result = definitions.resolve_job_def("lp_quarterly_statement").execute_in_process(
            partition_key=tenant,
            instance=instance,
            run_config={"ops": {"reports__lp_quarterly_statement": {"config": {"period": "2021Q1"}}}},
        )
        (check,) = result.get_asset_check_evaluations()
        assert check.passed, check.metadata
        (event,) = result.asset_materializations_for_node("reports__lp_quarterly_statement")
        return {name: value.value for name, value in event.metadata.items()}

    first = send("alder")
    assert (first["recipients"], first["sent"]) == (1, 1)
    assert (send("alder")["new"], len(list((loaded.home / "mail").glob("*.eml")))) == (0, 1)
    assert send("birch")["recipients"] == 0
    assert not is_mail_due(loaded, datetime.now(UTC))


def test_the_schedule_asks_for_each_scheduled_tenant_once_a_quarter(loaded: Database) -> None:
    set_schedule(loaded, "birch", "lp-statement")
    context = dg.build_schedule_context(
        scheduled_execution_time=datetime(2026, 10, 15, 7, tzinfo=UTC),
        resources={"warehouse": Warehouse(lambda: loaded)},
    )
    requests = quarterly_statement_schedule(context)
    assert [(request.partition_key, request.run_key) for request in requests] == [("birch", "birch:2026Q3")]


def test_mail_that_waits_starts_the_outbox_job_and_the_job_sends_it(database: Database) -> None:
    add_tenant(database, "alder", name="Alder", kind="manager", currency_code="EUR")
    add_user(database, "isolde@example.com", tenant="alder", role="lp", investor_ids=["i1"])
    warehouse = Warehouse(lambda: database)
    context = dg.build_schedule_context(resources={"warehouse": warehouse})
    assert isinstance(outbox_schedule(context), dg.SkipReason)
    queue_report(database, "alder", "lp-statement", "2021Q1")
    assert isinstance(outbox_schedule(context), dg.RunRequest)
    assert deliver_outbox.execute_in_process(resources={"warehouse": warehouse}).success
    assert isinstance(outbox_schedule(context), dg.SkipReason), "sent, held or postponed: nothing is due now"


def test_a_file_that_left_the_lake_is_named(loaded: Database) -> None:
    path = next((loaded.home / "lake" / "birch" / "capstan" / "valuations").glob("*.parquet"))
    with duckdb.connect() as lake:
        assert lake.execute(f"select * from '{path}'").fetchall()
    path.rename(path.with_suffix(".away"))
    try:
        with pytest.raises(LakeFileMissing, match=path.name):
            reconciliation.reconcile(loaded, "birch")
    finally:
        path.with_suffix(".away").rename(path)


def test_a_refresh_that_was_cut_off_is_asked_for_again_and_given_up_after_three(
    database: Database, project: Project, tmp_path: Path
) -> None:
    add_tenant(database, "alder", name="Alder", kind="manager", currency_code="EUR")
    load(database, tmp_path, "alder", commitment="1", gain="1")
    definitions = build_definitions(warehouse=Warehouse(lambda: database), project=project)
    job = definitions.resolve_job_def("refresh_marts")
    with dg.DagsterInstance.ephemeral() as instance:
        keys = set()
        for _ in range(ATTEMPTS):
            (request,) = tick(database, instance)
            keys.add(request.run_key)
            made = instance.create_run_for_job(
                job, tags=dict(request.tags), status=dg.DagsterRunStatus.STARTED
            )
            assert tick(database, instance) == []
            instance.report_run_failed(made, "killed")
        assert len(keys) == ATTEMPTS
        assert tick(database, instance) == []


def test_new_rates_of_the_platform_concern_every_tenant_once() -> None:
    def slugs(*positions: Position) -> list[str]:
        return sorted(to_refresh(list(positions)))

    quiet = Position("alder", 3, 3)
    assert slugs(Position("platform", 1, 1), quiet, Position("birch", 5, 4)) == ["birch"]
    assert slugs(Position("platform", 2, 1), quiet) == ["alder", "platform"]
    assert (
        to_refresh([Position("platform", 2, 1), quiet])["alder"]
        != to_refresh([Position("platform", 3, 1), quiet])["alder"]
    )
