"""Files dropped into the inbox reach the raw tables through the sensor, once, whatever else goes wrong."""

import json
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from orchestration.defs.ingestion.assets import LoadConfig, load_files
from orchestration.defs.ingestion.sensors import ATTEMPTS, CLAIM_TAG, inbox_sensor
from orchestration.defs.tenants import TENANTS
from orchestration.resources.warehouse import Warehouse
from warehouse import roles
from warehouse.database import Database
from warehouse.tenants import add_tenant

VEHICLES = "vehicle_id,name,kind,currency_code,status\nf1,{name},fund,EUR,active\n"
INVESTORS = "investor_id,name\ni1,Isolde Marsh\n"
TRANSACTIONS = (
    "transaction_id,vehicle_id,investor_id,kind,purpose,amount,currency_code,effective_on\n"
    "t1,f1,i1,contribution,investments,100.25,EUR,2020-02-01\n"
)


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


@pytest.fixture
def two_tenants(database: Database) -> Database:
    add_tenant(database, "alder", name="Alder Capital", kind="manager", currency_code="EUR")
    add_tenant(database, "birch", name="Birch Partners", kind="manager", currency_code="EUR")
    return database


def drop(database: Database, tenant: str, name: str, text: str, source: str = "capstan") -> Path:
    path = database.home / "inbox" / tenant / source / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


class Daemon:
    """What the daemon does: evaluates the sensor, keeps its cursor and partition keys, runs what it asks."""

    def __init__(self, database: Database, instance: dg.DagsterInstance) -> None:
        self.warehouse, self.instance = Warehouse(lambda: database), instance
        self.cursor: str | None = None
        self.skipped = ""

    def tick(self) -> list[dg.RunRequest]:
        context = dg.build_sensor_context(
            instance=self.instance, cursor=self.cursor, resources={"warehouse": self.warehouse}
        )
        result = inbox_sensor(context)
        assert isinstance(result, dg.SensorResult)
        for request in result.dynamic_partitions_requests or []:
            self.instance.add_dynamic_partitions(TENANTS.name or "", list(request.partition_keys))
        self.cursor = result.cursor
        self.skipped = str(result.skip_reason)
        return list(result.run_requests or [])

    def run(self, request: dg.RunRequest) -> dg.ExecuteInProcessResult:
        return dg.materialize(
            [load_files],
            instance=self.instance,
            partition_key=request.partition_key,
            run_config=request.run_config,
            tags=request.tags,
            resources={"warehouse": self.warehouse},
            raise_on_error=False,
        )


def count(database: Database, table: str) -> dict[str, int]:
    with database.connect(roles.ADMIN) as connection:
        return dict(
            connection.execute(
                f"select slug, count(*) from raw.capstan__{table} "
                "join control.tenant using (tenant_id) group by 1"
            ).fetchall()
        )


def left_in_inbox(database: Database) -> set[str]:
    inbox = database.home / "inbox"
    return {str(path.relative_to(inbox)) for path in inbox.rglob("*") if path.is_file()}


def test_a_dropped_file_is_in_raw_after_two_looks_and_a_run_and_is_filed_away(
    two_tenants: Database, instance: dg.DagsterInstance
) -> None:
    daemon = Daemon(two_tenants, instance)
    for tenant in ("alder", "birch"):  # the same ids in both tenants
        drop(two_tenants, tenant, "vehicles.csv", VEHICLES.format(name=tenant))
        drop(two_tenants, tenant, "investors.csv", INVESTORS)
        drop(two_tenants, tenant, "transactions.csv", TRANSACTIONS)

    assert daemon.tick() == [], "a file that was seen once may still be growing"
    requests = daemon.tick()
    assert [request.partition_key for request in requests] == ["alder", "birch"], "one run a tenant"
    results = [daemon.run(request) for request in requests]

    assert [result.success for result in results] == [True, True]
    assert count(two_tenants, "transactions") == {"alder": 1, "birch": 1}
    assert left_in_inbox(two_tenants) == {
        f".done/{tenant}/capstan/{stream}.csv"
        for tenant in ("alder", "birch")
        for stream in ("vehicles", "investors", "transactions")
    }
    assert daemon.tick() == []
    assert daemon.skipped.endswith("the inbox is empty')")

    checks = results[0].get_asset_check_evaluations()
    assert len(checks) > 10
    assert all(check.passed for check in checks), "Great Expectations are asset checks"
    (event,) = results[0].asset_materializations_for_node("load_files")[2:]
    assert event.asset_key == dg.AssetKey(["raw", "capstan__transactions"])
    assert event.metadata["accepted"].value == 1


def test_a_file_that_is_still_growing_is_left_alone(
    two_tenants: Database, instance: dg.DagsterInstance
) -> None:
    daemon = Daemon(two_tenants, instance)
    path = drop(two_tenants, "alder", "investors.csv", "investor_id,name\n")
    drop(two_tenants, "alder", "vehicles.csv.part", "half")
    assert daemon.tick() == []
    path.write_text(INVESTORS)
    assert daemon.tick() == []
    (request,) = daemon.tick()
    assert daemon.run(request).success
    assert count(two_tenants, "investors") == {"alder": 1}
    assert "alder/capstan/vehicles.csv.part" in left_in_inbox(two_tenants)


def test_a_tenant_whose_file_is_refused_does_not_stop_another_and_the_reason_lies_beside_it(
    two_tenants: Database, instance: dg.DagsterInstance
) -> None:
    daemon = Daemon(two_tenants, instance)
    drop(two_tenants, "alder", "investors.csv", "who,what\nx,y\n")
    drop(two_tenants, "alder", "mystery.csv", "a,b\n1,2\n")
    drop(two_tenants, "alder", "vehicles.csv", VEHICLES.format(name="Fund"))
    drop(two_tenants, "birch", "investors.csv", INVESTORS)
    daemon.tick()
    alder, birch = (daemon.run(request) for request in daemon.tick())

    assert not alder.success
    assert birch.success
    assert count(two_tenants, "investors") == {"birch": 1}
    assert count(two_tenants, "vehicles") == {"alder": 1}, "the good file beside the bad ones is loaded"
    failed = two_tenants.home / "inbox" / ".failed" / "alder" / "capstan"
    assert "investor_id" in (failed / "investors.csv.reason.txt").read_text()
    assert "mystery.csv" in (failed / "mystery.csv.reason.txt").read_text()
    assert (failed / "investors.csv").read_text() == "who,what\nx,y\n"
    assert daemon.tick() == [], "what was refused is not tried again by itself"


def test_a_folder_of_no_tenant_is_reported_stays_and_loads_once_the_tenant_exists(
    two_tenants: Database, instance: dg.DagsterInstance
) -> None:
    daemon = Daemon(two_tenants, instance)
    drop(two_tenants, "cedar", "investors.csv", INVESTORS)
    daemon.tick()
    assert daemon.tick() == []
    assert "cedar" in daemon.skipped
    note = two_tenants.home / "inbox" / "cedar" / ".unknown-tenant.txt"
    assert "no tenant 'cedar'" in note.read_text()

    add_tenant(two_tenants, "cedar", name="Cedar", kind="company", currency_code="EUR")
    (request,) = daemon.tick()
    assert daemon.run(request).success
    assert count(two_tenants, "investors") == {"cedar": 1}
    assert not note.exists()


def test_a_claim_whose_run_was_cut_off_is_loaded_by_the_next_one_and_given_up_after_three(
    two_tenants: Database, instance: dg.DagsterInstance
) -> None:
    daemon = Daemon(two_tenants, instance)
    drop(two_tenants, "alder", "investors.csv", INVESTORS)
    daemon.tick()
    (first,) = daemon.tick()

    def cut_off(request: dg.RunRequest) -> None:
        job = dg.Definitions(
            assets=[load_files], resources={"warehouse": daemon.warehouse}
        ).resolve_implicit_global_asset_job_def()
        run = instance.create_run_for_job(job, tags=dict(request.tags), status=dg.DagsterRunStatus.STARTED)
        assert daemon.tick() == [], "nothing is asked for while it seems to be at work"
        instance.report_run_failed(run, "killed")

    cut_off(first)
    (second,) = daemon.tick()
    assert second.run_key != first.run_key
    assert second.tags[CLAIM_TAG] == first.tags[CLAIM_TAG]
    for _ in range(ATTEMPTS - 1):
        cut_off(second)
        again = daemon.tick()
    assert again == []
    reason = two_tenants.home / "inbox" / ".failed" / "alder" / "capstan" / "investors.csv.reason.txt"
    assert f"{ATTEMPTS} runs ended" in reason.read_text()


def test_a_link_in_the_inbox_is_not_followed_out_of_it(
    two_tenants: Database, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    secret = tmp_path / "investors.csv"
    secret.write_text(INVESTORS)
    drop(two_tenants, "alder", "vehicles.csv", VEHICLES.format(name="Fund"))
    inbox = two_tenants.home / "inbox" / "alder"
    (inbox / "capstan" / "investors.csv").symlink_to(secret)
    (inbox / "maven").symlink_to(tmp_path, target_is_directory=True)
    daemon = Daemon(two_tenants, instance)
    daemon.tick()
    (request,) = daemon.tick()
    daemon.run(request)
    assert count(two_tenants, "investors") == {}
    assert secret.exists()


def test_files_named_in_the_run_configuration_load_without_moving_and_parents_first(
    two_tenants: Database, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    instance.add_dynamic_partitions(TENANTS.name or "", ["alder"])
    texts = {"transactions": TRANSACTIONS, "investors": INVESTORS, "vehicles": VEHICLES.format(name="Fund")}
    paths = []
    for stream, text in texts.items():
        (tmp_path / f"{stream}.csv").write_text(text)
        paths.append(str(tmp_path / f"{stream}.csv"))
    config = LoadConfig.model_validate({"files": [{"source": "capstan", "paths": paths}]})
    result = dg.materialize(
        [load_files],
        instance=instance,
        partition_key="alder",
        run_config={"ops": {"load_files": {"config": json.loads(config.model_dump_json())}}},
        resources={"warehouse": Warehouse(lambda: two_tenants)},
    )
    assert result.success
    assert count(two_tenants, "transactions") == {"alder": 1}
    assert all(Path(path).exists() for path in paths)
