"""(e) All quarter-end marts of a hundred managers, and the refresh of one of them as the warehouse grows."""

import multiprocessing
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from ingestion.loading import ingest
from orchestration.lib.dbt_runner import deploy, refresh
from tests.benchmarks.copied_tenants import add_copies
from tests.benchmarks.measuring import Benchmark, Comparison, best_of, timed, warehouse
from tests.benchmarks.portfolio_books import Size, write_manager, write_platform
from warehouse.database import Database, open_database
from warehouse.roles import ADMIN
from warehouse.settings import WarehouseSettings
from warehouse.tenants import add_tenant

AIM_OF_ALL, AIM_OF_GROWTH = 0.03, 1.2
SMALL = Size(investors=5, funds=1, quarters=20)
"""Of the managers that only fill the warehouse."""

AT_ONCE, PROCESSES = 5, 2
"""Managers of one refresh, and refreshes side by side."""


def measure(managers: int, size: Size, grown_to: int) -> Benchmark:
    """All marts of so many managers, the refresh of one of them, and the same among `grown_to` managers."""
    result = Benchmark(
        f"Quarter-end marts of {managers} managers of {size.investors} LPs, {size.funds} funds and "
        f"{size.quarters} quarters",
        "Each manager's LPs are in all of its funds, with calls, fees, distributions and a value every "
        "quarter, in two currencies, compared with an index. The first one is loaded through `ingest`, the "
        "others are copies of its rows. *All*: every mart of every manager from nothing, by "
        f"{PROCESSES} processes that refresh {AT_ONCE} managers at a time, as the orchestrator may. *One*: "
        "`refresh` of one manager, in process: all of its marts are computed again. The managers beyond "
        f"{managers} are smaller ({SMALL.investors} LPs, {SMALL.funds} fund, {SMALL.quarters} quarters), "
        "their marts copied from one that was computed.",
    )
    with warehouse() as database:
        result.remark(f"first build of views, tables and grants: {timed(lambda: deploy(database)):.1f} s")
        books = database.home / "benchmark"
        ingest(database, "platform", "capstan", write_platform(books / "platform", size))
        slugs = [f"manager-{k:04d}" for k in range(managers)]
        first = _loaded(database, slugs[0], books / "manager", size)
        refresh(database, slugs[:1])
        alone = best_of(2, lambda: refresh(database, slugs[:1]))
        result.add(Comparison("one manager, alone", alone))
        copying = timed(lambda: add_copies(database, first, slugs[1:]))
        result.remark(f"{managers - 1} copies of its rows made in {copying:.0f} s")
        _settle(database)
        everyone = timed(lambda: _refresh_all(database.home, slugs))
        result.add(Comparison(f"all {managers} managers", everyone))
        _settle(database)
        one = best_of(2, lambda: refresh(database, slugs[:1]))
        is_whole = managers >= 100
        result.add(
            Comparison(
                f"one of {managers}",
                one,
                f"all {managers}",
                everyone,
                f"at most {AIM_OF_ALL:.0%}" if is_whole else "",
                one <= AIM_OF_ALL * everyone if is_whole else None,
            )
        )
        small = _loaded(database, "small-0000", books / "small", SMALL)
        refresh(database, ["small-0000"])
        more = [f"small-{k:04d}" for k in range(managers + 1, grown_to)]
        filling = timed(lambda: _fill(database, small, more))
        result.remark(f"{len(more)} smaller managers copied with their marts in {filling:.0f} s")
        _settle(database)
        among = best_of(2, lambda: refresh(database, slugs[:1]))
        result.add(
            Comparison(
                f"one of {grown_to:,}",
                among,
                f"one of {managers}",
                one,
                f"at most {AIM_OF_GROWTH}x",
                among <= AIM_OF_GROWTH * one,
            )
        )
        _count(database, first, result)
    return result


def _loaded(database: Database, slug: str, folder: Path, size: Size) -> int:
    """A manager whose files went through `ingest`; returns the tenant's id."""
    tenant = add_tenant(database, slug, name=slug, kind="manager", currency_code="EUR")
    for batch in ingest(database, slug, "capstan", write_manager(folder, size)):
        if batch.quarantined:
            raise AssertionError(f"the benchmark's own books are not accepted: {batch}")
    return tenant.tenant_id


def _refresh_all(home: Path, slugs: Sequence[str]) -> None:
    """Refresh all of them in several processes, telling how far it is."""
    groups = [slugs[k : k + AT_ONCE] for k in range(0, len(slugs), AT_ONCE)]
    began, done = time.perf_counter(), 0
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(PROCESSES, len(groups)), mp_context=spawn) as pool:
        for one in as_completed([pool.submit(_refresh_group, home, group) for group in groups]):
            done += one.result()
            print(
                f"   … {done} of {len(slugs)} managers after {time.perf_counter() - began:.0f} s", flush=True
            )


def _refresh_group(home: Path, slugs: Sequence[str]) -> int:
    database = open_database(WarehouseSettings(home=home, database_url=None), migrate=False)
    return len(refresh(database, slugs))


def _fill(database: Database, model: int, slugs: Sequence[str]) -> None:
    for k in range(0, len(slugs), 100):
        add_copies(database, model, slugs[k : k + 100], with_marts=True)
        print(f"   … {min(k + 100, len(slugs))} of {len(slugs)} copied", flush=True)


def _settle(database: Database) -> None:
    """What autovacuum does by and by after rows have come in bulk."""
    with database.connect(ADMIN, autocommit=True) as connection:
        connection.execute("vacuum (analyze)")
        connection.execute("checkpoint")


def _count(database: Database, first: int, result: Benchmark) -> None:
    with database.connect(ADMIN) as connection:
        for mart in ("fct_investor_performance", "metric_values"):
            row = connection.execute(
                f"select count(*), count(*) filter (where tenant_id = %s) from marts.{mart}", (first,)
            ).fetchone()
            assert row is not None
            result.remark(f"{row[0]:,} rows in {mart}, {row[1]:,} of the manager refreshed")
        row = connection.execute("select pg_database_size(current_database())").fetchone()
        assert row is not None
        result.remark(f"{row[0] / 2**30:.1f} GB on disk")
