"""The lake as DuckDB sees it: the files of a stream, and the newest version of each row in them.

What is made of the rows belongs to who asks: control totals (`reconciliation`) or figures (`oracle`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from ingestion.contracts.registry import stream_named
from ingestion.landing import lake_path
from warehouse.batches import loader_transaction
from warehouse.database import Database
from warehouse.tenants import Tenant


class LakeFileMissing(Exception):
    """The ledger of batches names a file that is not in the lake."""


def files_of(database: Database, tenant: Tenant, stream: str) -> list[Path]:
    """Parquet files of a stream, oldest batch first. Raises LakeFileMissing."""
    with loader_transaction(database, tenant) as connection:
        rows = connection.execute(
            "select source, batch_id from raw.batch "
            "where tenant_id = %s and stream = %s and accepted_count > 0 order by batch_seq",
            (tenant.tenant_id, stream),
        ).fetchall()
    files = [lake_path(database.home, tenant.slug, source, stream, batch) for source, batch in rows]
    missing = [str(path) for path in files if not path.exists()]
    if missing:
        raise LakeFileMissing(
            f"{len(missing)} of {len(files)} lake files of {tenant.slug} {stream} are missing, first "
            f"{missing[0]}. Restore the lake folder; the files as they came are in {database.home}/landing."
        )
    return files


@contextmanager
def latest_rows(files: list[Path], stream: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the view `latest`: the newest version of each row of the stream in the files."""
    key = ", ".join(f'"{name}"' for name in stream_named(stream).key)
    with duckdb.connect(":memory:", config={"threads": "2"}) as connection:
        connection.read_parquet([str(path) for path in files], union_by_name=True).create_view("rows")
        connection.execute(
            f"create view latest as select * from rows "
            f"qualify row_number() over (partition by {key} order by _batch_seq desc, _row_number desc) = 1"
        )
        yield connection
