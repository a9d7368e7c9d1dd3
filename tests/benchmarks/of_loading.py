"""(a) Loading transactions through `ingest`, against a bare COPY of the same file."""

import csv
import datetime as dt
import random
from pathlib import Path

from ingestion.contracts.portfolio import TRANSACTIONS
from ingestion.loading import ingest
from tests.benchmarks.measuring import Benchmark, Comparison, timed, warehouse
from warehouse.database import Database
from warehouse.roles import ADMIN
from warehouse.tenants import add_tenant

AIM = 4.0
VEHICLES, INVESTORS = 20, 500


def measure(rows: int) -> Benchmark:
    """Loads of a hundredth, a tenth and all of `rows`, the whole again, and the whole with 1 % changed."""
    result = Benchmark(
        f"Loading {rows:,} transactions",
        "`ingest` checks every row against its contract, lands the file, writes the Parquet twin, keeps "
        "hashes and provenance and commits rows and ledger together; the baseline is one COPY of the same "
        "file into an empty table with the same columns, types and key (tenant, transaction).",
    )
    with warehouse() as database:
        folder = database.home / "benchmark"
        folder.mkdir()
        for size in (rows // 100, rows // 10, rows):
            slug = f"size-{size}"
            add_tenant(database, slug, name=slug, kind="manager", currency_code="EUR")
            _parties(database, slug, folder)
            path = folder / f"transactions_{size}.csv"
            _transactions(path, size)
            copied = _bare_copy(database, path)
            loaded = timed(lambda slug=slug, path=path, size=size: _load(database, slug, path, accepted=size))
            is_whole = size == rows
            result.add(
                Comparison(
                    f"{size:,} new rows",
                    loaded,
                    "bare COPY",
                    copied,
                    f"at most {AIM:.0f}x" if is_whole else "",
                    loaded <= AIM * copied if is_whole else None,
                )
            )
        again = timed(lambda: _load(database, slug, path, unchanged=rows))
        result.add(Comparison(f"the same {rows:,} rows again (all unchanged)", again, "bare COPY", copied))
        changed = folder / "transactions_changed.csv"
        _transactions(changed, rows, changed_every=100)
        seconds = timed(lambda: _load(database, slug, changed, accepted=rows // 100))
        result.add(
            Comparison(f"the same rows with 1 % changed ({rows // 100:,})", seconds, "bare COPY", copied)
        )
        result.remark(f"the file of {rows:,} rows has {path.stat().st_size / 2**20:.0f} MB")
    return result


def _parties(database: Database, slug: str, folder: Path) -> None:
    vehicles, investors = folder / "vehicles.csv", folder / "investors.csv"
    vehicles.write_text(
        "vehicle_id,name,kind,currency_code,status\n"
        + "".join(f"V{k},Vehicle {k},fund,EUR,active\n" for k in range(VEHICLES))
    )
    investors.write_text("investor_id,name\n" + "".join(f"I{k},Investor {k}\n" for k in range(INVESTORS)))
    ingest(database, slug, "capstan", [vehicles, investors])


def _transactions(path: Path, rows: int, *, changed_every: int = 0) -> None:
    rng = random.Random(1)
    first = dt.date(2012, 1, 1)
    days = [(first + dt.timedelta(days=k)).isoformat() for k in range(5000)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(TRANSACTIONS.column_names)
        for k in range(rows):
            kind, purpose = ("contribution", "investments") if k % 5 < 3 else ("distribution", "income")
            cents = rng.randrange(100, 500_000_000)
            day = days[rng.randrange(4990)]
            if changed_every and k % changed_every == 0:
                cents += 1
            writer.writerow(
                (
                    f"T{k:08d}", f"V{k % VEHICLES}", f"I{k % INVESTORS}", "", kind, purpose,
                    f"{cents // 100}.{cents % 100:02d}", "EUR", day, day, day, "false", "false",
                    f"Notice {k % 997} of the vehicle", "", "",
                )
            )  # fmt: skip


def _bare_copy(database: Database, path: Path) -> float:
    columns = ", ".join(f"{c.name} {c.type}" for c in TRANSACTIONS.columns)
    names = ", ".join(TRANSACTIONS.column_names)
    with database.connect(ADMIN) as connection:
        connection.execute(
            f"create table public.bare (tenant_id integer not null default 1, {columns},"
            " primary key (tenant_id, transaction_id))"
        )
        connection.commit()

        def copy() -> None:
            statement = f"copy public.bare ({names}) from stdin (format csv, header)"
            with path.open("rb") as file, connection.cursor().copy(statement) as sink:
                while piece := file.read(1 << 20):
                    sink.write(piece)
            connection.commit()

        seconds = timed(copy)
        connection.execute("drop table public.bare")
        connection.commit()
    return seconds


def _load(database: Database, slug: str, path: Path, *, accepted: int = 0, unchanged: int = 0) -> None:
    (batch,) = ingest(database, slug, "capstan", [path], stream="transactions")
    found = (batch.accepted, batch.quarantined)
    if found != (accepted, 0) or (unchanged and batch.unchanged != unchanged):
        raise AssertionError(f"{path.name}: {batch}")
