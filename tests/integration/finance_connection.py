"""A database with the finance functions for a whole test module, and the questions its tests ask of it.

What a module expects of an answer stays in that module.
"""

import datetime as dt
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from tests.conftest import Cluster, clone
from warehouse.database import Database
from warehouse.roles import ADMIN

Flow = tuple[Decimal, dt.date]


@contextmanager
def finance_database(cluster: Cluster) -> Iterator[Database]:
    """One clone for a module: these tests only read."""
    with (
        tempfile.TemporaryDirectory(prefix="capstan-finance-") as folder,
        clone(cluster, Path(folder) / "home") as database,
    ):
        yield database


@dataclass
class Finance:
    """Questions to the finance schema over one connection."""

    connection: psycopg.Connection[Any]

    @classmethod
    def of(cls, database: Database) -> "Finance":
        return cls(database.connect(ADMIN, autocommit=True))

    def one(self, sql: str, params: tuple[Any, ...] = ()) -> dict[str, Any]:
        with self.connection.cursor(row_factory=dict_row) as cursor:
            row = cursor.execute(sql, params).fetchone()
        assert row is not None
        return row

    def irr(self, flows: Iterable[Flow]) -> dict[str, Any]:
        """finance.xirr_detail of the flows, with finance.xirr as `xirr`: the same for rows and arrays."""
        listed = list(flows)
        found = self.one(
            "select (finance.xirr_detail(f.amount, f.on_date)).*, finance.xirr(f.amount, f.on_date) as xirr, "
            "(finance.xirr_detail(array_agg(f.amount), array_agg(f.on_date)))::text as of_arrays, "
            "(finance.xirr_detail(f.amount, f.on_date))::text as of_rows, "
            "finance.xirr(array_agg(f.amount), array_agg(f.on_date)) as xirr_of_arrays "
            "from unnest(%s::numeric[], %s::date[]) as f (amount, on_date)",
            ([amount for amount, _ in listed], [on_date for _, on_date in listed]),
        )
        assert found.pop("of_arrays") == found.pop("of_rows")
        assert found.pop("xirr_of_arrays") == found["xirr"]
        return found

    def pme(self, flows: Iterable[tuple[Any, dt.date, float | None]]) -> dict[str, Any]:
        """finance.pme_detail of the flows, with ks_pme and direct_alpha on their own as `ks` and `alpha`."""
        listed = list(flows)
        return self.one(
            "select (finance.pme_detail(f.amount, f.on_date, f.level)).*, "
            "finance.ks_pme(f.amount, f.on_date, f.level) as ks, "
            "finance.direct_alpha(f.amount, f.on_date, f.level) as alpha "
            "from unnest(%s::numeric[], %s::date[], %s::float8[]) as f (amount, on_date, level)",
            (
                [Decimal(str(f[0])) for f in listed],
                [f[1] for f in listed],
                [None if f[2] is None else float(f[2]) for f in listed],
            ),
        )


def yearly(amounts: Iterable[float | str], first: dt.date = dt.date(2001, 1, 1)) -> list[Flow]:
    """Amounts 365 days apart: on ACT/365 the periodic IRR of textbooks."""
    return [(Decimal(str(a)), first + dt.timedelta(days=365 * k)) for k, a in enumerate(amounts)]


def dated(*flows: tuple[str | float, str]) -> list[Flow]:
    """Flows from literals: (amount, ISO date)."""
    return [(Decimal(str(amount)), dt.date.fromisoformat(on_date)) for amount, on_date in flows]
