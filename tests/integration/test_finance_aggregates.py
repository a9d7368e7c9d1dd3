"""The finance aggregates as citizens of SQL: groups, windows, parallel plans, long groups, rights, docs."""

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Cluster
from tests.integration.finance_connection import Finance, finance_database
from warehouse.database import Database
from warehouse.roles import DBT_BUILDER, GP_READER

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def database(cluster: Cluster) -> Iterator[Database]:
    with finance_database(cluster) as made:
        yield made


@pytest.fixture(scope="module")
def finance(database: Database) -> Finance:
    return Finance.of(database)


@pytest.fixture(scope="module")
def many(finance: Finance) -> str:
    """A table of 400 series of 30 flows of two tenants whose series have the same ids."""
    finance.connection.execute(
        """
        create table public.finance_many as
        select
            t as tenant_id, s as series, date '2012-01-01' + k * 97 + (s * k) % 31 as on_date,
            (
                case when k < 9 + s % 5 or k % 7 = 3 then -1 else 1.3 end
                * (1000 + (s * 37 + k * 101 * t) % 900)
            )::numeric(18, 2) as amount
        from generate_series(1, 2) t, generate_series(1, 200) s, generate_series(0, 29) k;
        analyze public.finance_many
        """
    )
    return "public.finance_many"


def test_each_group_is_solved_from_its_own_rows_only(finance: Finance, many: str) -> None:
    rows = finance.connection.execute(
        f"select tenant_id, series, finance.xirr(amount, on_date) from {many} group by 1, 2"
    ).fetchall()
    assert len(rows) == 400
    assert all(irr is not None for _, _, irr in rows)
    alone = dict(
        finance.connection.execute(
            f"select series, finance.xirr(amount, on_date) from {many} where tenant_id = 1 group by 1"
        ).fetchall()
    )
    assert {series: irr for tenant, series, irr in rows if tenant == 1} == pytest.approx(alone, abs=1e-14)
    assert any(irr != alone[series] for tenant, series, irr in rows if tenant == 2)


def test_a_parallel_plan_gives_the_same_rates(finance: Finance, many: str) -> None:
    query = f"select tenant_id, series, finance.xirr(amount, on_date) as irr from {many} group by 1, 2"
    serial = {row[:2]: row[2] for row in finance.connection.execute(query).fetchall()}
    with finance.connection.transaction():
        finance.connection.execute(
            "set local parallel_setup_cost = 0; set local parallel_tuple_cost = 0;"
            " set local min_parallel_table_scan_size = 0; set local enable_sort = off"
        )
        plan = str(finance.connection.execute("explain " + query).fetchall())
        parallel = {row[:2]: row[2] for row in finance.connection.execute(query).fetchall()}
    assert "Partial" in plan
    assert parallel == pytest.approx(serial, abs=1e-13)


def test_filters_distinct_rollups_and_running_windows_work(finance: Finance, many: str) -> None:
    row = finance.one(
        f"select count(*) filter (where irr is not null) as solved, count(*) as asked from ("
        f"select finance.xirr(amount, on_date) over (partition by series order by on_date) as irr"
        f" from {many} where tenant_id = 1 and series < 4) s"
    )
    assert row["asked"] == 90
    assert 30 < row["solved"] < 90
    total = finance.one(
        f"select finance.xirr(amount, on_date) filter (where tenant_id = 1) as one,"
        f" finance.xirr(amount, on_date) as both from {many} where series = 5"
    )
    assert total["one"] != total["both"]


def test_a_group_of_twenty_thousand_flows_is_netted_as_it_grows(finance: Finance) -> None:
    """The state is copied by each append: unnetted, this group would copy some 2.6 GB."""
    rows = (
        "from (select date '2010-01-01' + mod(k, 3000) as on_date,"
        " case when mod(k, 3000) < 900 then -1 else 1 end * (100 + mod(k, 77)) + 0.01 as amount"
        " from generate_series(1, 20000) k) f"
    )
    pooled = finance.one(f"select (finance.xirr_detail(amount, on_date)).* {rows}")
    netted = finance.one(
        "select (finance.xirr_detail(n.amount, n.on_date)).*"
        f" from (select sum(amount) as amount, on_date {rows} group by 2) n"
    )
    assert pooled["irr"] == pytest.approx(netted["irr"], abs=1e-13)
    assert (pooled["first_on"], pooled["last_on"]) == (dt.date(2010, 1, 1), dt.date(2018, 3, 19))


def test_a_long_group_keeps_what_the_status_needs(finance: Finance) -> None:
    same_day = finance.one(
        "select (finance.xirr_detail(1, '2020-01-01')).irr_status from generate_series(1, 3000)"
    )
    assert same_day["irr_status"] == "same_day_only"
    unknown = finance.one(
        "select (finance.xirr_detail(case when k <> 2500 then 1 end, '2020-01-01')).irr_status"
        " from generate_series(1, 5000) k"
    )
    assert unknown["irr_status"] is None


@pytest.mark.parametrize("role", [DBT_BUILDER, GP_READER])
def test_builders_and_analysts_may_call_the_aggregates(database: Database, role: str) -> None:
    with database.connect(role) as connection:
        found = connection.execute(
            "select finance.xirr(a, d) from"
            " (values (-100, date '2021-01-01'), (110, date '2022-01-01')) f (a, d)"
        ).fetchone()
    assert found == (pytest.approx(0.1),)


@pytest.mark.parametrize("role", [DBT_BUILDER, GP_READER])
def test_builders_and_analysts_may_call_measures_of_every_kind(database: Database, role: str) -> None:
    with database.connect(role) as connection:
        found = connection.execute(
            """
            select
                ((finance.index_accounts(a, d, l, v)).mpme).mpme_status,
                (finance.twr_detail(a, d, v)).twr_status,
                (finance.mirr_detail(a, d, 0.1, 0.1)).mirr_status,
                (finance.quartiles(a)).quartile_status,
                (finance.concentration(v)).concentration_status,
                (finance.loss_ratio(-a, v) filter (where a < 0)).loss_status,
                (finance.j_curve(a, d)).j_curve_status,
                finance.accrue(100, 0.1, '2021-01-01', '2022-01-01', '30/360'),
                (select count(*) from finance.takahashi_alexander(100, array[0.25], 12, 2.5, 0.13, 0))
            from
                (values (-100, date '2021-01-01', 1.0, 100), (60, date '2022-01-01', 1.1, 50)) f (a, d, l, v)
            """
        ).fetchone()
    assert found == ("ok", "ok", "ok", "too_few", "ok", "ok", "open", 10, 12)


def public_functions(finance: Finance) -> list[str]:
    rows = finance.connection.execute(
        "select distinct p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
        " where n.nspname = 'finance' and p.proname !~ '^_'"
    ).fetchall()
    return sorted(name for (name,) in rows)


def test_every_finance_function_says_what_it_is(finance: Finance) -> None:
    bare = finance.connection.execute(
        "select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
        " where n.nspname = 'finance' and obj_description(p.oid, 'pg_proc') is null"
    ).fetchall()
    assert bare == []


def test_every_public_finance_function_is_on_a_metrics_page(finance: Finance) -> None:
    pages = "\n".join(p.read_text(encoding="utf-8") for p in (REPOSITORY / "docs" / "metrics").glob("*.md"))
    documented = set(re.findall(r"finance\.([a-z0-9_]+)", pages))
    assert set(public_functions(finance)) - documented == set()


def test_every_finance_function_is_safe_in_parallel_plans_and_runs_as_its_caller(finance: Finance) -> None:
    wrong = finance.connection.execute(
        "select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
        " where n.nspname = 'finance' and (p.proparallel <> 's' or p.prosecdef)"
    ).fetchall()
    assert wrong == []
