"""(c) Refreshing the marts of one tenant, against refreshing all of them."""

import datetime as dt
import random
from pathlib import Path

from ingestion.loading import ingest
from orchestration.lib.dbt_runner import deploy, refresh
from tests.benchmarks.copied_tenants import add_copies
from tests.benchmarks.measuring import Benchmark, Comparison, best_of, timed, warehouse
from warehouse.database import Database
from warehouse.roles import ADMIN
from warehouse.tenants import add_tenant

VEHICLES, INVESTORS, QUARTERS = 3, 12, 24


def measure(tenants: int) -> Benchmark:
    """Refreshes of one tenant and of all, among a hundredth, a tenth and all of `tenants`."""
    result = Benchmark(
        f"Refreshing one tenant of {tenants}",
        "`refresh` recomputes every mart of the tenants named, in process. Each tenant has "
        f"{VEHICLES} vehicles, {INVESTORS} investors and {QUARTERS} quarters of calls, distributions and "
        "values. Baseline: the same for all tenants at once.",
    )
    with warehouse() as database:
        slugs = [f"tenant-{k:03d}" for k in range(tenants)]
        result.remark(f"first build of views, tables and grants: {timed(lambda: deploy(database)):.1f} s")
        first = _first_tenant(database, slugs[0])
        made = 1
        for size in sorted({max(1, tenants // 100), max(1, tenants // 10), tenants}):
            add_copies(database, first, slugs[made:size])
            made = max(made, size)
            everyone = timed(lambda size=size: refresh(database, slugs[:size]))
            one = best_of(2, lambda: refresh(database, slugs[:1]))
            result.add(Comparison(f"one tenant of {size}", one, f"all {size}", everyone))
        with database.connect(ADMIN) as connection:
            row = connection.execute(
                "select count(*), count(*) filter (where tenant_id = %s) from marts.fct_investor_performance",
                (first,),
            ).fetchone()
            assert row is not None
        result.remark(f"{row[0]:,} rows in fct_investor_performance, {row[1]:,} of the tenant refreshed")
    return result


def _first_tenant(database: Database, slug: str) -> int:
    """A tenant loaded through `ingest`, to be copied; returns its id."""
    tenant = add_tenant(database, slug, name=slug, kind="manager", currency_code="EUR")
    folder = database.home / "benchmark"
    folder.mkdir()
    rng = random.Random(3)
    files = {
        "vehicles": ["vehicle_id,name,kind,currency_code,status,opened_on"]
        + [f"V{v},Vehicle {v},fund,EUR,active,2018-01-01" for v in range(VEHICLES)],
        "investors": ["investor_id,name"] + [f"I{i},Investor {i}" for i in range(INVESTORS)],
        "commitments": ["commitment_id,vehicle_id,investor_id,amount,currency_code,status,signed_on"]
        + [
            f"C{v}-{i},V{v},I{i},1000000,EUR,signed,2018-01-01"
            for v in range(VEHICLES)
            for i in range(INVESTORS)
        ],
        "transactions": [
            "transaction_id,vehicle_id,investor_id,kind,purpose,amount,currency_code,effective_on,"
            "recallable,outside_commitment"
        ],
        "valuations": ["vehicle_id,investor_id,as_of,nav_amount,currency_code"],
    }
    for v in range(VEHICLES):
        for i in range(INVESTORS):
            for q in range(QUARTERS):
                day = dt.date(2018 + q // 4, 2 + 3 * (q % 4), 15)
                end = dt.date(2018 + q // 4 + (q % 4 == 3), (4 + 3 * (q % 4) - 1) % 12 + 1, 1) - dt.timedelta(
                    days=1
                )
                paid = rng.randrange(10_000, 90_000)
                kind, purpose = (
                    ("contribution", "investments") if q < 14 else ("distribution", "realized_gain")
                )
                files["transactions"].append(
                    f"T{v}-{i}-{q},V{v},I{i},{kind},{purpose},{paid}.25,EUR,{day},false,false"
                )
                files["valuations"].append(f"V{v},I{i},{end},{500_000 + 20_000 * q}.50,EUR")
    paths: list[Path] = []
    for stream, lines in files.items():
        path = folder / f"{stream}.csv"
        path.write_text("\n".join(lines) + "\n")
        paths.append(path)
    for batch in ingest(database, slug, "capstan", paths):
        if batch.quarantined:
            raise AssertionError(str(batch))
    return tenant.tenant_id
