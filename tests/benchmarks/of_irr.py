"""(d) IRR of many series in SQL, against a pandas and scipy loop and against pyxirr."""

import datetime as dt
import random
import statistics
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import psycopg
import pyxirr
from scipy.optimize import brentq

from tests.benchmarks.measuring import Benchmark, Comparison, processor_time, warehouse
from warehouse.roles import ADMIN

FLOWS = 40
ROUNDS = 7


def measure(series: int) -> Benchmark:
    """Plain series (calls, then distributions) and interleaved ones, in rows that are not sorted by date."""
    result = Benchmark(
        f"IRR of {series:,} series of {FLOWS} flows",
        "Processor seconds, the server's and the client's together, since the machine may be busy; medians "
        f"of {ROUNDS} rounds in which each way has its turn. *Rows*: `select series, "
        "finance.xirr(amount, on_date) … group by series` in one process, from a table of exact amounts in "
        "no order; *arrays*: the same with `finance.xirr(array_agg(amount), array_agg(on_date))`. pandas and "
        "pyxirr start from a sorted frame of floats in memory. pandas: `groupby` and scipy's brentq over "
        "numpy arrays; *in the frame*: the same with the present value "
        "computed on the columns of each group, as it is often written. pyxirr: one call a group of the "
        "frame, and one call a row of ready arrays. *Interleaved*: calls and distributions alternate.",
    )
    with warehouse() as database, database.connect(ADMIN, autocommit=True) as connection:
        connection.execute("set max_parallel_workers_per_gather = 0; set jit = off")
        for name in ("plain", "interleaved"):
            _fill(connection, name, series)
            _compare(result, connection, name, series)
        for size in (series // 100, series // 10):
            sql = f"select finance.xirr(amount, on_date) from plain where series <= {size} group by series"
            seconds = _spent(connection, 20, partial(_all, connection, sql))
            result.add(Comparison(f"plain, rows, {size:,} series", seconds))
    return result


def _compare(result: Benchmark, connection: psycopg.Connection[Any], name: str, series: int) -> None:
    grouped = f"from {name} group by series"
    sql = f"select series, finance.xirr(amount, on_date) {grouped}"
    of_arrays = "array_agg(amount), array_agg(on_date)"
    asked = {
        "xirr, rows": sql,
        "xirr, arrays": f"select series, finance.xirr({of_arrays}) {grouped}",
        "xirr_detail, rows": f"select series, finance.xirr_detail(amount, on_date) {grouped}",
        "xirr_detail, arrays": f"select series, finance.xirr_detail({of_arrays}) {grouped}",
    }
    rows = _all(connection, f"select series, amount::float8, on_date from {name} order by series, on_date")
    frame = pd.DataFrame(rows, columns=["series", "amount", "on_date"])
    frame["on_date"] = pd.to_datetime(frame["on_date"])
    part = max(1, series // 10)
    few = frame[frame["series"] <= part]

    def brent(g: pd.DataFrame) -> float:
        years = (g["on_date"] - g["on_date"].min()).dt.days.to_numpy() / 365
        amounts = g["amount"].to_numpy()
        return float(brentq(lambda r: np.sum(amounts / (1 + r) ** years), -0.9, 10, xtol=1e-12))

    def brent_in_frame(g: pd.DataFrame) -> float:
        years = (g["on_date"] - g["on_date"].min()).dt.days / 365
        return float(brentq(lambda r: (g["amount"] / (1 + r) ** years).sum(), -0.9, 10, xtol=1e-12))

    pandas = _spent(connection, 1, lambda: [brent(g) for _, g in few.groupby("series")]) * series / part
    tenth = few[few["series"] <= max(1, part // 10)]
    in_frame = _spent(connection, 1, lambda: [brent_in_frame(g) for _, g in tenth.groupby("series")])
    in_frame *= series / max(1, part // 10)
    by_group = _spent(
        connection, 1, lambda: [pyxirr.xirr(g["on_date"], g["amount"]) for _, g in frame.groupby("series")]
    )
    amounts = frame["amount"].to_numpy().reshape(-1, FLOWS)
    days = frame["on_date"].to_numpy().astype("datetime64[D]").reshape(-1, FLOWS)

    def pyxirr_of_each() -> object:
        return [pyxirr.xirr(d, a) for d, a in zip(days, amounts, strict=True)]

    spent: dict[str, list[float]] = {way: [] for way in (*asked, "ready")}
    for _ in range(ROUNDS):
        for way, statement in asked.items():
            spent[way].append(_spent(connection, 1, partial(_all, connection, statement)))
        spent["ready"].append(_spent(connection, 5, pyxirr_of_each))
    taken = {way: statistics.median(seconds) for way, seconds in spent.items()}
    ready = taken["ready"]

    theirs = [pyxirr.xirr(d, a) for d, a in zip(days, amounts, strict=True)]
    found = dict(_all(connection, sql))
    apart = max(
        abs(found[k + 1] - rate)
        for k, rate in enumerate(theirs)
        if rate is not None and found[k + 1] is not None
    )
    missing = sum(rate is None for rate in found.values())
    for way in ("xirr, rows", "xirr, arrays"):
        what, ours = f"{name}, {way}", taken[way]
        result.add(Comparison(what, ours, f"pandas and brentq (from {part:,})", pandas))
        result.add(
            Comparison(
                what,
                ours,
                f"pandas and brentq in the frame (from {max(1, part // 10):,})",
                in_frame,
                "at most 1/20",
                ours * 20 <= in_frame,
            )
        )
        result.add(Comparison(what, ours, "pyxirr by group", by_group))
        result.add(Comparison(what, ours, "pyxirr on ready arrays", ready, "at most 15x", ours <= 15 * ready))
    for way in ("xirr_detail, rows", "xirr_detail, arrays"):
        result.add(Comparison(f"{name}, {way}", taken[way], "pyxirr on ready arrays", ready))
    result.remark(
        f"{name}: {missing} of {series:,} without a single rate; the others within {apart:.1e} of pyxirr"
    )


def _spent(connection: psycopg.Connection[Any], times: int, action: Callable[[], object]) -> float:
    return processor_time(times, action, connection.info.backend_pid)


def _all(connection: psycopg.Connection[Any], sql: str) -> list[tuple[Any, ...]]:
    return connection.execute(sql).fetchall()


def _fill(connection: psycopg.Connection[Any], name: str, series: int) -> None:
    rng = random.Random(5)
    first = dt.date(2010, 1, 1)
    connection.execute(f"create table {name} (series int, amount numeric(18, 2), on_date date)")
    with connection.cursor().copy(f"copy {name} from stdin") as copy:
        for s in range(1, series + 1):
            order = list(range(FLOWS))
            rng.shuffle(order)
            for k in order:
                calls = k < 16 if name == "plain" else k < 9 or (k < 26 and k % 2 == 0)
                cents = rng.randrange(1_000_00, 100_000_00) * (1 if calls else 2)
                day = first + dt.timedelta(days=90 * k + rng.randrange(60))
                copy.write_row((s, f"{-cents if calls else cents}e-2", day))
    connection.execute(f"vacuum (analyze) {name}")
