"""The books of one manager of the size that issue 3 names: funds, LPs and quarters, as canonical files.

What is measured with them is in `of_portfolio`; other managers are copies of this one (`copied_tenants`).
"""

import csv
import datetime as dt
import random
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

HOLDINGS_A_FUND = 10
FIRST_YEAR = 2014
INDEX = "SPX"
FUND_CURRENCIES = ("EUR", "USD")
"""Funds in turn; the manager and the LPs account in EUR, so that a part of the flows needs rates."""


@dataclass(frozen=True)
class Size:
    """Of one manager."""

    investors: int = 50
    funds: int = 3
    quarters: int = 40

    @property
    def positions(self) -> int:
        return self.investors * self.funds


def write_manager(folder: Path, size: Size) -> list[Path]:
    """Files of the manager's streams, in the order in which they are loaded.

    Every LP is in every fund. A quarter has a value of each LP's account and a call of 5 % for the first
    20 quarters, a distribution from the 13th on; each fourth call is for management fees. The fund buys its
    holdings in the first years, values them every quarter and sells half of them in the last years.
    """
    folder.mkdir(parents=True, exist_ok=True)
    funds = [f"F{f}" for f in range(1, size.funds + 1)]
    currency = {fund: FUND_CURRENCIES[k % len(FUND_CURRENCIES)] for k, fund in enumerate(funds)}
    investors = [f"LP{i:03d}" for i in range(1, size.investors + 1)]
    ends = [_quarter_end(q) for q in range(size.quarters)]
    rng = random.Random(41)
    promised = {(f, i): rng.randrange(1, 40) * 250_000 for f in funds for i in investors}
    moved: list[tuple[object, ...]] = []
    values: list[tuple[object, ...]] = []
    for fund in funds:
        for k, investor in enumerate(investors):
            paid = received = 0
            for q, end in enumerate(ends):
                amount = promised[fund, investor]
                if q < 20:
                    call = amount // 20 * 100 - rng.randrange(9_000)
                    paid += call
                    purpose = "management_fees" if q % 4 == 3 else "investments"
                    moved.append(
                        (f"C{fund}-{k}-{q}", fund, investor, "", "contribution", purpose, _money(call),
                         currency[fund], end - dt.timedelta(days=70))
                    )  # fmt: skip
                if q >= 12:
                    back = amount * (q + 30) // 1500 * 100 + rng.randrange(9_000)
                    received += back
                    purpose = "realized_gain" if q % 2 else "return_of_capital"
                    moved.append(
                        (f"D{fund}-{k}-{q}", fund, investor, "", "distribution", purpose, _money(back),
                         currency[fund], end - dt.timedelta(days=20))
                    )  # fmt: skip
                worth = max(paid * (100 + 2 * q) // 100 - received, 1_000_00)
                values.append((fund, investor, "", end, _money(worth), currency[fund]))
    holdings: list[tuple[object, ...]] = []
    for f, fund in enumerate(funds):
        for h in range(HOLDINGS_A_FUND):
            holding, bought, sold = f"H{f}-{h}", h % 16, size.quarters - h if h % 2 else size.quarters
            price = rng.randrange(5, 50) * 100_000_00
            holdings.append((holding, fund, f"Company {f}-{h}", f"Sector {h % 4}", ends[bought], "active"))
            moved.append(
                (
                    f"I{holding}",
                    fund,
                    "",
                    holding,
                    "investment",
                    "",
                    _money(price),
                    currency[fund],
                    ends[bought],
                )
            )
            for q in range(bought, size.quarters):
                worth = 0 if q >= sold else price * (100 + 3 * (q - bought)) // 100
                values.append((fund, "", holding, ends[q], _money(worth), currency[fund]))
            if sold < size.quarters:
                moved.append(
                    (
                        f"P{holding}",
                        fund,
                        "",
                        holding,
                        "proceeds",
                        "",
                        _money(price * 2),
                        currency[fund],
                        ends[sold],
                    )
                )
    streams: dict[str, tuple[str, Iterable[tuple[object, ...]]]] = {
        "vehicles": (
            "vehicle_id,name,kind,currency_code,vintage_year,status,opened_on,strategy,benchmark_code",
            [
                (
                    f,
                    f"Fund {f}",
                    "fund",
                    currency[f],
                    FIRST_YEAR,
                    "active",
                    f"{FIRST_YEAR}-01-02",
                    "Venture",
                    INDEX,
                )
                for f in funds
            ],
        ),
        "vehicle_terms": (
            "vehicle_id,management_fee_rate,management_fee_base,carry_rate,hurdle_rate",
            [(f, "0.02", "committed", "0.2", "0.08") for f in funds],
        ),
        "investors": ("investor_id,name,kind", [(i, f"Investor {i}", "pension") for i in investors]),
        "holdings": ("holding_id,vehicle_id,name,sector,invested_on,status", holdings),
        "commitments": (
            "commitment_id,vehicle_id,investor_id,amount,currency_code,status,signed_on",
            [
                (f"S{f}-{i}", f, i, promised[f, i], currency[f], "signed", f"{FIRST_YEAR}-01-02")
                for f in funds
                for i in investors
            ],
        ),
        "transactions": (
            "transaction_id,vehicle_id,investor_id,holding_id,kind,purpose,amount,currency_code,effective_on",
            moved,
        ),
        "valuations": ("vehicle_id,investor_id,holding_id,as_of,nav_amount,currency_code", values),
    }
    return [_write(folder / f"{name}.csv", head, rows) for name, (head, rows) in streams.items()]


def write_platform(folder: Path, size: Size) -> list[Path]:
    """A rate and an index level for every weekday of the books."""
    folder.mkdir(parents=True, exist_ok=True)
    first, last = dt.date(FIRST_YEAR - 1, 12, 2), _quarter_end(size.quarters - 1)
    days = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
    weekdays = [day for day in days if day.weekday() < 5]
    rates = [
        ("EUR", "USD", day, f"{1.1 + (n % 500) / 5000:.4f}", "benchmark") for n, day in enumerate(weekdays)
    ]
    levels = [(INDEX, day, f"{2000 + 1.1 * n + (n % 60) * 3:.2f}") for n, day in enumerate(weekdays)]
    return [
        _write(folder / "fx_rates.csv", "base_currency_code,quote_currency_code,on_date,rate,source", rates),
        _write(folder / "index_levels.csv", "index_code,on_date,level", levels),
    ]


def _quarter_end(q: int) -> dt.date:
    year, quarter = FIRST_YEAR + q // 4, q % 4
    return dt.date(year + (quarter == 3), 3 * quarter % 9 + 4 if quarter < 3 else 1, 1) - dt.timedelta(days=1)


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def _write(path: Path, head: str, rows: Iterable[tuple[object, ...]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(head + "\n")
        csv.writer(file).writerows(rows)
    return path
