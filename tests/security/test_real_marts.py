"""The project's own marts, built by dbt: each viewer sees its own rows in all, also while they are rebuilt.

Two shared tenants whose ids are all the same, one with a schema of its own; every text loaded is a canary.
"""

import threading
from collections.abc import Iterator
from datetime import date

import psycopg
import pytest

from orchestration.lib import dbt_runner
from tests.conftest import Cluster, clone
from tests.integration.raw_rows import load
from tests.security.watching_readers import readable
from tests.security.world import World, foreign_canaries
from warehouse import isolation
from warehouse.security_checks import lint
from warehouse.sessions import Sessions, Viewer
from warehouse.tenants import add_tenant
from warehouse.users import add_user

pytestmark = pytest.mark.long

TENANTS = ("alpha", "beta", "gamma")
INVESTORS = ("I1", "I2")
FLOWS = (("contribution", 100), ("contribution", 50), ("distribution", 90))


def books(slug: str, scale: int) -> dict[str, list[dict]]:
    """One tenant's files: two funds, a round, two investors, a deal room; the same ids in every tenant."""
    mine = f"CANARY-{slug}-"
    flows = [
        {"transaction_id": f"{v}{i}{n}", "vehicle_id": v, "investor_id": i,
         "effective_on": date(2020 + n, 3, 31), "kind": kind, "amount": scale * amount,
         "description": mine + i}
        for v in ("V1", "V2") for i in INVESTORS
        for n, (kind, amount) in enumerate(FLOWS)
    ]  # fmt: skip
    return {
        "vehicles": [
            {"vehicle_id": v, "name": f"{mine}SHOWN {v}", "kind": kind, "target_amount": scale * 1000}
            for v, kind in (("V1", "fund"), ("V2", "fund"), ("R1", "priced_round"))
        ],
        "investors": [
            {"investor_id": i, "name": mine + i, "email": f"{mine}{i}@example.com"} for i in INVESTORS
        ],
        "holdings": [{"holding_id": "H1", "vehicle_id": "V1", "name": mine + "ALL", "sector": mine + "ALL"}],
        "commitments": [
            {"commitment_id": v + i, "vehicle_id": v, "investor_id": i, "amount": scale * 500,
             "signed_on": date(2020, 1, 1)}
            for v in ("V1", "V2", "R1") for i in INVESTORS
        ],
        "transactions": flows,
        "valuations": [
            {"vehicle_id": v, "investor_id": i, "as_of": date(2022, 12, 31), "nav_amount": scale * 77}
            for v in ("V1", "V2") for i in INVESTORS
        ],
        "stage_events": [
            {"event_id": i + stage, "vehicle_id": "R1", "investor_id": i, "to_stage": stage,
             "occurred_at": f"2022-0{n}-01T00:00:00Z", "amount": scale * 10, "currency_code": "USD",
             "reason": mine + i}
            for i in INVESTORS for n, stage in enumerate(("contacted", "meeting", "committed"), start=1)
        ],
        "deal_rooms": [{"room_id": "D1", "vehicle_id": "R1", "name": mine + "ALL"}],
        "documents": [{"document_id": "P1", "room_id": "D1", "name": mine + "ALL", "pages": 4}],
        "views": [
            {"view_id": i, "document_id": "P1", "investor_id": i, "viewer_email": f"{mine}{i}@example.com",
             "started_at": "2022-04-01T10:00:00Z", "duration_seconds": 60, "page_seconds": [10, 20, 30]}
            for i in INVESTORS
        ],
        "payments": [
            {"payment_id": i, "commitment_id": "R1" + i, "amount": scale * 5, "status": "failed",
             "attempted_at": "2022-05-01T00:00:00Z", "failure_reason": mine + i}
            for i in INVESTORS
        ],
    }  # fmt: skip


@pytest.fixture(scope="module")
def built(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The three tenants, loaded and computed by dbt; the one with its own schema came after the deploy."""
    with clone(cluster, tmp_path_factory.mktemp("real") / "home", deployed=True) as database:
        for number, slug in enumerate(TENANTS, start=1):
            tenant = add_tenant(
                database, slug, name=slug, kind="manager", currency_code="USD",
                isolation="schema" if slug == "gamma" else "shared",
            )  # fmt: skip
            add_user(database, f"gp@{slug}.example", tenant=slug, role="manager", password="not-a-secret-1")
            add_user(
                database, f"lp1@{slug}.example", tenant=slug, role="lp", investor_ids=["I1"],
                password="not-a-secret-1",
            )  # fmt: skip
            load(database, tenant.tenant_id, books(slug, 1000 + number))
        dbt_runner.refresh(database)
        yield World(database)


def everything(world: World, viewer: Viewer) -> dict[str, list[dict]]:
    with Sessions(world.database) as sessions, sessions.read(viewer) as reader:
        return {relation: reader.rows(f"select * from {relation}") for relation in readable(reader)}


def test_a_real_build_leaves_no_violation_and_no_finding(built: World) -> None:
    """Acceptance test A8 after dbt."""
    with built.admin() as admin:
        assert admin.execute("select * from guard.violation").fetchall() == []
    assert [f for f in lint(built.database) if f.lint != "trusted_connections"] == []


@pytest.mark.parametrize("tenant", TENANTS)
@pytest.mark.parametrize("who", ["gp", "lp1"])
def test_every_mart_shows_a_viewer_its_own_rows_and_no_other(built: World, who: str, tenant: str) -> None:
    """Acceptance test A2. An LP has at least the marts of the portfolio, a manager all of them."""
    viewer = built.viewer(who, tenant)
    marts = everything(built, viewer)
    assert len(marts) >= (6 if who == "lp1" else 18)
    filled = {name for name, rows in marts.items() if rows}
    assert {"fct_cash_flows", "fct_investor_performance", "dim_investor", "metric_values"} <= filled
    for name, rows in marts.items():
        assert {row["tenant_id"] for row in rows} <= {viewer.tenant_id}, name
        assert foreign_canaries(repr(rows), viewer) == set(), name
        if who == "lp1":
            assert {row["investor_id"] for row in rows} <= {"I1"}, name


def test_the_tenant_with_its_own_schema_is_nowhere_in_the_shared_one(built: World) -> None:
    gamma = built.tenant("gamma").tenant_id
    own = isolation.served_schema(built.database, gamma).schema_name
    with built.admin() as admin:
        for (name,) in admin.execute(
            "select relname from pg_class where relnamespace = 'marts'::regnamespace and relkind = 'r'"
        ).fetchall():
            assert admin.execute(
                f"select count(*) from marts.{name} where tenant_id = %s", (gamma,)
            ).fetchone() == (0,)
            others = f"select count(*) from {own}.{name} where tenant_id <> %s"
            assert admin.execute(others, (gamma,)).fetchone() == (0,)
    with built.builder() as builder, pytest.raises(psycopg.errors.InsufficientPrivilege):
        builder.execute(
            f"insert into {own}.dim_investor (tenant_id, investor_id) values (%s, 'x')", (gamma - 1,)
        )


def test_no_token_is_an_error_on_every_real_mart(built: World) -> None:
    """Acceptance test A4."""
    for who in ("gp", "lp1"):
        with built.attacker(built.viewer(who, "alpha")) as attacker:
            names = attacker.execute(
                "select relname from pg_class where relnamespace = 'marts'::regnamespace and relkind "
                "in ('r', 'v', 'p') "
                "and has_table_privilege(oid, 'select')"
            ).fetchall()
            attacker.execute("select set_config('app.token', '', false)")
            assert names
            for (name,) in names:
                with pytest.raises(psycopg.errors.InvalidAuthorizationSpecification):
                    attacker.execute(f"select * from marts.{name}")


def test_the_planner_tells_nothing_of_any_text_column_of_any_real_mart(built: World) -> None:
    """Acceptance test A18."""
    with built.admin() as admin:
        admin.execute("analyze")
        columns = admin.execute(
            "select c.relname, a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid "
            "where c.relkind = 'r' and "
            "c.relnamespace = 'marts'::regnamespace and a.attnum > 0 and a.atttypid = "
            "'text'::regtype and not attisdropped"
        ).fetchall()
        beta = built.tenant("beta").tenant_id
        checked = 0
        with built.attacker(built.viewer("gp", "alpha")) as attacker:
            for relation, column in columns:
                foreign = admin.execute(
                    f"select {column} from marts.{relation} where tenant_id = %s and {column} is not "
                    f"null limit 1",
                    (beta,),
                ).fetchone()
                if foreign is None:
                    continue
                plans = [
                    attacker.execute(
                        f"explain (format json) select * from marts.{relation} where {column} = %s", (value,)
                    ).fetchone()[0][0]["Plan"]["Plan Rows"]
                    for value in (foreign[0], "no such value")
                ]
                assert plans[0] == plans[1], f"{relation}.{column}"
                checked += 1
    assert checked > 40


def test_a_refresh_and_a_deploy_run_under_readers(built: World) -> None:
    """Acceptance test A14, here for a tenant with its own schema; see test_dbt_builds_under_readers.py."""
    stop, lock = threading.Event(), threading.Lock()
    seen: dict = {"reads": 0, "foreign": set(), "errors": [], "empty": 0}

    def read(sessions: Sessions, who: str, tenant: str) -> None:
        viewer = built.viewer(who, tenant)
        while not stop.is_set():
            try:
                with sessions.read(viewer) as reader:
                    answers = [
                        reader.rows(f"select * from {mart}")
                        for mart in (
                            "fct_investor_performance",
                            "fct_cash_flows",
                            "dim_investor",
                            "metric_values",
                        )
                    ]
            except Exception as error:  # any error at all is a finding
                with lock:
                    seen["errors"].append(f"{type(error).__name__}: {error}")
                continue
            with lock:
                seen["reads"] += 1
                seen["foreign"] |= foreign_canaries(repr(answers), viewer)
                seen["empty"] += not all(answers)

    with Sessions(built.database) as sessions:
        people = [("gp", "alpha"), ("lp1", "beta"), ("lp1", "gamma")]
        threads = [threading.Thread(target=read, args=(sessions, *person)) for person in people]
        for thread in threads:
            thread.start()
        try:
            dbt_runner.refresh(built.database, ["gamma", "alpha"])
            with built.builder() as builder:
                builder.execute("delete from intermediate.deployed_project")
            assert dbt_runner.deploy(built.database)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
    assert seen["reads"] > 10
    assert (seen["foreign"], seen["errors"], seen["empty"]) == (set(), [], 0)
