# ruff: noqa: E501 - rows of data read as lines
"""The runner: who is recomputed and when, the same rows whoever else is there, and errors that say what to do."""

import fcntl
import threading
import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from orchestration.lib import dbt_runner
from orchestration.lib.dbt_errors import GuardViolated, ModelsFailed
from orchestration.lib.dbt_invocation import IN_USE, invoke
from tests.conftest import Cluster, clone
from tests.integration.locked_marts import be_patient, become_older, refused_lock, wait_for_lock
from tests.integration.marts_world import flow, platform_rows
from tests.integration.raw_rows import load
from tests.integration.tenants_together import (
    EMPTY_HERE,
    WHEN_KNOWN,
    everything,
    marts,
    new,
    rows_of,
    version,
)
from warehouse import isolation, roles
from warehouse.database import Database
from warehouse.tenants import get_tenant

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def together(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Two tenants with the same ids and different amounts; they have been refreshed together."""
    with clone(cluster, tmp_path_factory.mktemp("together") / "home") as database:
        for slug, k in (("anchor", 10), ("buoy", 7)):
            load(database, new(database, slug).tenant_id, everything(k))
        load(database, 0, platform_rows())
        assert dbt_runner.refresh(database) == ["anchor", "buoy"]
        yield database


def test_a_tenant_alone_has_the_same_rows_as_among_others(together: Database, database: Database) -> None:
    alone = new(database, "lonely")
    load(database, alone.tenant_id, everything(7))
    load(database, 0, platform_rows())
    dbt_runner.refresh(database, ["lonely"])
    expected = rows_of(database, alone, without=WHEN_KNOWN)
    buoy = get_tenant(together, "buoy")
    found = rows_of(together, buoy, without=WHEN_KNOWN)
    assert sorted(expected) == sorted(found) and len(expected) >= 44
    for mart, rows in expected.items():
        assert rows or mart in EMPTY_HERE, mart
        # names in the test rows end with the tenant's number
        own = [row.replace(f' of {alone.tenant_id}"', ' of N"') for row in rows]
        others = [row.replace(f' of {buoy.tenant_id}"', ' of N"') for row in found[mart]]
        assert sorted(own) == sorted(others), mart


def scans_of_every_tenant(connection: psycopg.Connection, query: str) -> set[str]:
    """Relations that the plan of a query reads without a condition on the tenant."""
    row = connection.execute("explain (format json, verbose) " + query).fetchone()
    assert row is not None
    found, plans = set(), [row[0][0]["Plan"]]
    while plans:
        plan = plans.pop()
        parts = plan.get("Plans", [])
        plans += parts
        said = "".join(
            str(node.get(name))
            for node in (plan, *parts)
            for name in ("Filter", "Index Cond", "Recheck Cond")
        )
        if plan.get("Schema") in ("raw", "marts") and "tenant_id" not in said:
            found.add(plan["Relation Name"])
    return found


def test_no_model_of_one_tenant_reads_the_rows_of_the_others(together: Database) -> None:
    anchor = get_tenant(together, "anchor").tenant_id
    command = ["compile", "--select", "config.materialized:incremental", "--indirect-selection", "empty"]
    compiled = invoke(together, command, variables={"tenants": [anchor], "deploy": False})
    assert len(compiled) >= 48
    with together.connect(roles.DBT_BUILDER) as connection:
        connection.execute("select set_config('capstan.tenants', %s, true)", (f"{{{anchor}}}",))
        everyone = "select count(*) from raw.capstan__transactions where _superseded_at = 'infinity'"
        assert scans_of_every_tenant(connection, everyone) == {"capstan__transactions"}
        for node in compiled:
            assert scans_of_every_tenant(connection, node.statement) == set(), node.name


def test_refreshing_again_changes_no_row_and_other_tenants_are_not_touched(together: Database) -> None:
    anchor, buoy = get_tenant(together, "anchor"), get_tenant(together, "buoy")
    before, versions = rows_of(together, anchor), (version(together, anchor), version(together, buoy))
    with together.connect(roles.DBT_BUILDER) as connection:
        places = connection.execute(
            "select ctid from marts.fct_cash_flows where tenant_id = %s", (buoy.tenant_id,)
        ).fetchall()
    assert dbt_runner.refresh(together) == []
    assert dbt_runner.refresh(together, ["anchor"]) == ["anchor"]
    assert rows_of(together, anchor) == before
    assert (version(together, anchor), version(together, buoy)) == (versions[0] + 1, versions[1])
    with together.connect(roles.DBT_BUILDER) as connection:
        assert (
            places
            == connection.execute(
                "select ctid from marts.fct_cash_flows where tenant_id = %s", (buoy.tenant_id,)
            ).fetchall()
        )


def test_only_tenants_with_new_batches_are_recomputed_and_new_rates_concern_all(together: Database) -> None:
    anchor = get_tenant(together, "anchor")
    load(
        together,
        anchor.tenant_id,
        {"transactions": [flow(900, "steady", "ann", "distribution", 7, "2021-08-02")]},
    )
    assert dbt_runner.refresh(together) == ["anchor"]
    load(
        together,
        anchor.tenant_id,
        {"transactions": [flow(900, "steady", "ann", "distribution", 0, "2021-08-02")]},
    )
    assert dbt_runner.refresh(together) == ["anchor"]
    load(together, 0, {"fx_rates": [{"quote_currency_code": "USD", "on_date": "2030-01-01", "rate": 1}]})
    assert dbt_runner.refresh(together) == ["anchor", "buoy"]
    assert dbt_runner.refresh(together) == []


def test_a_refresh_of_rows_does_no_ddl(together: Database) -> None:
    def catalogue() -> list[tuple[Any, ...]]:
        with together.connect(roles.ADMIN) as connection:
            return connection.execute(
                "select c.oid, c.relname, c.relfilenode, c.relacl::text from pg_class c "
                "join pg_namespace n on n.oid = c.relnamespace "
                "where n.nspname in ('marts', 'staging', 'intermediate') order by c.oid"
            ).fetchall()

    before = catalogue()
    dbt_runner.refresh(together, ["anchor"])
    assert catalogue() == before and len(before) > 80


def test_two_refreshes_at_once_both_end_with_the_same_rows(together: Database) -> None:
    anchor, buoy = get_tenant(together, "anchor"), get_tenant(together, "buoy")
    before = rows_of(together, anchor), rows_of(together, buoy)
    failed: list[BaseException] = []

    def run(slugs: list[str]) -> None:
        try:
            dbt_runner.refresh(together, slugs)
        except BaseException as error:
            failed.append(error)

    threads = [
        threading.Thread(target=run, args=(slugs,))
        for slugs in (["anchor", "buoy"], ["buoy", "anchor"], ["buoy"])
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert (rows_of(together, anchor), rows_of(together, buoy)) == before


def test_a_failing_model_is_named_with_the_databases_message_and_keeps_its_rows(together: Database) -> None:
    """A row that was changed by hand has to be written again; once that is possible, the next refresh does it."""
    anchor = get_tenant(together, "anchor")
    whole, counted = rows_of(together, anchor), version(together, anchor)
    with together.connect(roles.ADMIN, autocommit=True) as connection:
        connection.execute(
            "update marts.rpt_investor_engagement set seconds = seconds + 1 where tenant_id = %s",
            (anchor.tenant_id,),
        )
        before = rows_of(together, anchor)
        connection.execute(
            "alter table marts.rpt_investor_engagement add constraint too_small check (seconds < 0) not valid"
        )
        try:
            failed = r"rpt_investor_engagement: .*too_small.*keeps its previous rows"
            with pytest.raises(ModelsFailed, match=failed):
                dbt_runner.refresh(together, ["anchor"])
        finally:
            connection.execute("alter table marts.rpt_investor_engagement drop constraint too_small")
    assert rows_of(together, anchor) == before != whole
    assert version(together, anchor) == counted
    dbt_runner.refresh(together, ["anchor"])
    assert rows_of(together, anchor) == whole


def test_a_relation_that_lost_its_protection_stops_the_refresh(together: Database) -> None:
    with together.connect(roles.ADMIN, autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute("alter event trigger guard_ddl disable")
        try:
            connection.execute("alter table marts.dim_vehicle disable row level security")
            with pytest.raises(GuardViolated, match="dim_vehicle"):
                dbt_runner.refresh(together, ["anchor"])
        finally:
            connection.execute("alter table marts.dim_vehicle enable row level security")
            connection.execute("alter event trigger guard_ddl enable")


def test_deploying_the_same_project_again_does_nothing(together: Database) -> None:
    assert dbt_runner.deploy(together) is False


def test_a_mart_that_is_missing_is_built_again_by_a_deploy_and_refused_before_it(together: Database) -> None:
    """No other table or view of the marts is touched: who reads them need not end for a deploy."""
    anchor = get_tenant(together, "anchor")
    before = rows_of(together, anchor)
    columns = (
        "select c.oid, c.relname, a.attname, a.xmin::text from pg_attribute a join pg_class c on c.oid = a.attrelid "
        "where c.relnamespace = 'marts'::regnamespace and c.relkind in ('r', 'v') and c.relname <> 'rpt_holdings' order by 1, 3"
    )
    with together.connect(roles.DBT_BUILDER, autocommit=True) as connection:
        there = connection.execute(columns).fetchall()
        connection.execute("drop table marts.rpt_holdings")
        with pytest.raises(ModelsFailed, match="deploy the dbt project"):
            dbt_runner.refresh(together, ["anchor"])
        connection.execute("update intermediate.deployed_project set sha256 = 'older'")
        assert dbt_runner.deploy(together) is True
        assert {row[1] for row in there} >= {"fct_payments_versions", "metric_values__investors_versions"}
        assert connection.execute(columns).fetchall() == there
    assert rows_of(together, anchor) == before


def test_a_deploy_waits_for_an_idle_reader_without_making_others_wait_and_gives_up_with_its_name(
    together: Database,
) -> None:
    """The control: a plain lock lets a reader who comes after queue for as long as the idle one stays."""
    anchor = get_tenant(together, "anchor")
    before = rows_of(together, anchor)
    failed: list[ModelsFailed] = []

    def deploy() -> None:
        try:
            dbt_runner.deploy(together)
        except ModelsFailed as error:
            failed.append(error)

    become_older(together, "3s")
    with together.connect(roles.ADMIN) as idle, together.connect(roles.ADMIN, autocommit=True) as other:
        other.execute("set statement_timeout = '1s'")
        count = "select count(*) from marts.rpt_holdings"
        idle.execute(count)
        with together.connect(roles.DBT_BUILDER) as plain:
            waiting = threading.Thread(target=refused_lock, args=(plain,))
            waiting.start()
            wait_for_lock(together, "rpt_holdings")
            with pytest.raises(psycopg.errors.QueryCanceled):
                other.execute(count)
            plain.cancel_safe()
            waiting.join()

        other.execute("set statement_timeout = '20s'")
        deploy()  # the idle reader stays: the builder gives up
        (error,) = failed
        pid = idle.info.backend_pid
        assert f"rpt_holdings is still being read after 00:00:03: process {pid} (" in str(error)
        assert "nothing of this table was changed" in str(error)
        assert not [name for name in marts(together) if name.endswith("__new")]

        other.execute("update intermediate.deployed_project set sha256 = 'older'")
        be_patient(other, "10min")
        building = threading.Thread(target=deploy)
        building.start()
        wait_for_lock(together, "rpt_holdings")
        longest = 0.0
        for _ in range(20):  # attempts last half a second and readers pass between them
            since = time.monotonic()
            other.execute(count)
            longest = max(longest, time.monotonic() - since)
        idle.rollback()  # the reader goes: the deploy ends
        building.join()
    print(f"longest of 20 readings during the wait: {longest:.2f} s")
    assert len(failed) == 1
    assert dbt_runner.deploy(together) is False
    found = rows_of(together, anchor)
    assert found.keys() == before.keys()
    for name, rows in found.items():
        # a column that the history lost makes its rows other rows
        assert rows == before[name] or "fct_capital_account" in name or name.startswith("rpt_restatement"), (
            name
        )


def test_dbt_by_hand_is_refused_and_names_the_command_to_use(together: Database) -> None:
    """Without the runner it would hold no lock, and write clients with a schema of their own into the shared one."""
    anchor = get_tenant(together, "anchor")
    before = rows_of(together, anchor)
    for name in ("dim_vehicle", "stg_capstan__vehicles"):
        (result,) = invoke(together, ["run", "--select", name], variables={})
        assert result.is_bad
        assert f"{name} was not built: run `capstan refresh` instead of dbt by hand" in result.message
    assert rows_of(together, anchor) == before


def test_folders_that_killed_builds_left_go_with_the_next_build(together: Database) -> None:
    """Those of live processes stay, whatever their number says: a lock tells, not the number."""
    folder = together.home / "dbt"
    dead, alive = folder / "process-1", folder / "process-999999"
    for left in (dead, alive):
        (left / "logs").mkdir(parents=True)
        (left / IN_USE).touch()
    (folder / "process-2").mkdir()
    with (alive / IN_USE).open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        dbt_runner.refresh(together, ["anchor"])
        assert [path.name for path in folder.glob("process-*")] == ["process-999999"]
    dbt_runner.refresh(together, ["anchor"])
    assert [*folder.glob("process-*")] == []


def test_readers_get_what_the_audience_says_and_nothing_before_its_policies(together: Database) -> None:
    with together.connect(roles.ADMIN) as connection:
        granted = {
            role: {row[0] for row in connection.execute(
                "select relname from pg_class where relnamespace = 'marts'::regnamespace and relkind = 'r' "
                "and has_table_privilege(%s, oid, 'select')", (role,)
            )}
            for role in (roles.GP_READER, roles.LP_READER)
        }  # fmt: skip
        with_investor = {row[0] for row in connection.execute(
            "select distinct attrelid::regclass::text from pg_attribute where attname = 'investor_id' "
            "and attrelid::regclass::text like 'marts.%%'"
        )}  # fmt: skip
    assert granted[roles.GP_READER] == set(marts(together))
    kept = {name.removesuffix("_versions") for name in granted[roles.LP_READER] if name.endswith("_versions")}
    assert (
        {"fct_cash_flows", "fct_investor_performance", "fct_capital_account"}
        <= kept
        < granted[roles.LP_READER]
    )
    assert granted[roles.LP_READER] - {f"{name}_versions" for name in kept} == {
        "dim_investor", "fct_cash_flows", "fct_commitments", "fct_valuations", "fct_investor_performance",
        "fct_investor_benchmarks", "fct_capital_account",
        "fct_ilpa_nav_reconciliation", "fct_ilpa_commitment", "fct_ilpa_source_allocation", "fct_ilpa_capital_calls",
        "fct_ilpa_cash_flows", "fct_ilpa_amounts", "rpt_ilpa_fund_performance", "rpt_ilpa_portfolio_performance",
        "rpt_ilpa_supplemental_calculations",
        "fct_rates_used", "fct_levels_used",
        "rpt_value_bridge", "fct_constant_currency", "rpt_investor_portfolio", "rpt_portfolio_in_currency",
        "rpt_portfolio_constant_currency", "rpt_restatements", "rpt_restatement_causes", "metric_values",
    }  # fmt: skip
    assert {f"marts.{name}" for name in granted[roles.LP_READER]} <= with_investor


def test_a_regulated_tenants_marts_live_in_its_own_schema_only(database: Database) -> None:
    shared, own = new(database, "shared"), new(database, "own", isolation="schema")
    served = isolation.prepare(database, own.tenant_id)
    for tenant in (shared, own):
        load(database, tenant.tenant_id, everything(7))
    load(database, 0, platform_rows())
    assert dbt_runner.refresh(database) == ["own", "shared"]
    mine, others = rows_of(database, own, served.schema_name), rows_of(database, shared)
    assert any(name.endswith("_versions") for name in mine)
    assert sorted(mine) == sorted(others)
    assert {name for name, rows in mine.items() if not rows} == EMPTY_HERE
    assert not any(rows_of(database, own).values())
    assert not any(rows_of(database, shared, served.schema_name).values())
    assert dbt_runner.refresh(database, ["own"]) == ["own"]
    assert rows_of(database, own, served.schema_name) == mine
    results = dbt_runner.run_tests(database, ["own"])
    # checks of the ILPA templates warn of what this world does not tell them
    assert [(r.name, r.message) for r in results if r.status not in ("pass", "warn")] == []


def test_the_manifest_is_written_once_for_the_orchestrator(together: Database) -> None:
    path = dbt_runner.manifest_path(together.home)
    written = path.stat().st_mtime_ns
    assert dbt_runner.manifest_path(together.home).stat().st_mtime_ns == written
    assert '"fct_investor_performance"' in path.read_text()


def test_no_secret_stays_in_the_environment_or_in_an_error(together: Database) -> None:
    import os

    dbt_runner.refresh(together, ["anchor"])
    assert not [name for name in os.environ if name.startswith("CAPSTAN_DBT")]
    password = psycopg.conninfo.conninfo_to_dict(together.conninfo(roles.DBT_BUILDER))["password"]
    assert not [
        p
        for p in (together.home / "dbt").rglob("*")
        if p.is_file() and password in p.read_text(errors="ignore")
    ]
