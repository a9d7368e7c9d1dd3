# ruff: noqa: E501 - rows of data read as lines
"""Two managers whose ids collide, each vehicle one case of the definitions; the rows that tests load and recompute from."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from orchestration.lib import dbt_runner
from tests.conftest import Cluster, clone
from tests.integration.raw_rows import load
from warehouse import roles
from warehouse.database import Database
from warehouse.tenants import Tenant, add_tenant

Rows = dict[str, list[dict[str, Any]]]


@dataclass
class World:
    """A refreshed warehouse with the rows each tenant was given."""

    database: Database
    tenants: dict[str, Tenant]
    rows: dict[str, Rows]

    def select(self, sql: str, *parameters: object) -> list[dict[str, Any]]:
        """Rows of the marts, read as the builder."""
        from psycopg.rows import dict_row

        with self.database.connect(roles.DBT_BUILDER) as connection:
            return connection.cursor(row_factory=dict_row).execute(sql, parameters).fetchall()


def flow(
    number: int, vehicle: str, investor: str | None, kind: str, amount: object, on: str, **more: object
) -> dict[str, Any]:
    """A transaction row."""
    return {
        "transaction_id": f"t{number}", "vehicle_id": vehicle, "investor_id": investor, "kind": kind,
        "amount": Decimal(str(amount)), "effective_on": date.fromisoformat(on), **more,
    }  # fmt: skip


def nav(vehicle: str, investor: str, on: str, amount: object, **more: object) -> dict[str, Any]:
    """A valuation row of a capital account."""
    return {
        "vehicle_id": vehicle, "investor_id": investor, "as_of": date.fromisoformat(on),
        "nav_amount": Decimal(str(amount)), **more,
    }  # fmt: skip


def promise(number: int, vehicle: str, investor: str, amount: object, **more: object) -> dict[str, Any]:
    """A commitment row."""
    return {
        "commitment_id": f"c{number}", "vehicle_id": vehicle, "investor_id": investor,
        "amount": Decimal(str(amount)), "signed_on": date(2019, 1, 2), **more,
    }  # fmt: skip


def manager_rows(scale: int) -> Rows:
    """One manager's books. `scale` multiplies every amount, so that tenants with the same ids differ in all of them."""
    k = Decimal(scale)
    return {
        "vehicles": [
            {"vehicle_id": "steady", "benchmark_code": "SPX"},
            {"vehicle_id": "unvalued"},
            {"vehicle_id": "overdrawn"},
            {"vehicle_id": "ended", "status": "closed", "closed_on": date(2022, 3, 10)},
            {"vehicle_id": "lost", "status": "closed", "closed_on": date(2020, 5, 5)},
            {"vehicle_id": "mixed", "currency_code": "EUR"},
            {"vehicle_id": "rateless", "currency_code": "USD"},
            {"vehicle_id": "shared"},
            {"vehicle_id": "promised", "kind": "spv"},
            {"vehicle_id": "void", "kind": "priced_round"},
            {"vehicle_id": "holder"},
        ],
        "vehicle_terms": [
            {"vehicle_id": "steady", "management_fee_rate": Decimal("0.02"), "management_fee_base": "committed", "carry_rate": Decimal("0.2")},
        ],
        "investors": [{"investor_id": "ann"}, {"investor_id": "bob", "reporting_currency_code": "GBP"}, {"investor_id": "cat"}],
        "commitments": [
            promise(1, "steady", "ann", 1000 * k),
            promise(2, "steady", "bob", 400 * k, status="funded"),
            promise(3, "steady", "bob", 100 * k, signed_on=date(2021, 5, 1)),
            promise(4, "steady", "bob", 900 * k, status="soft_circled"),
            promise(5, "unvalued", "ann", 300 * k),
            promise(6, "promised", "ann", 500 * k, signed_on=date(2021, 6, 30)),
            promise(7, "shared", "ann", 200 * k, status="cancelled"),
            promise(8, "shared", "bob", 300 * k),
            promise(9, "mixed", "ann", 700 * k, currency_code="USD", signed_on=date(2021, 1, 4)),
            promise(10, "void", "cat", 50 * k, status="soft_circled", signed_on=None),
        ],
        "transactions": [
            flow(1, "steady", "ann", "contribution", 400 * k, "2020-02-14", purpose="investments"),
            flow(2, "steady", "bob", "contribution", "150.55", "2020-02-14"),
            flow(3, "steady", "ann", "contribution", 20 * k, "2020-02-14", purpose="management_fees", outside_commitment=True),
            flow(4, "steady", "ann", "distribution", 90 * k, "2020-11-30", recallable=True),
            flow(5, "steady", "ann", "distribution", 55 * k, "2021-03-31", purpose="income"),
            flow(6, "steady", "bob", "distribution", "33.33", "2021-03-31"),
            flow(7, "steady", "ann", "contribution", 110 * k, "2021-08-02"),
            flow(8, "steady", "ann", "fee", 4 * k, "2021-02-01"),
            flow(9, "steady", "ann", "contribution", 0, "2018-01-01"),
            flow(10, "unvalued", "ann", "contribution", 100 * k, "2020-06-15"),
            flow(11, "unvalued", "ann", "distribution", 30 * k, "2021-06-15"),
            flow(12, "overdrawn", "ann", "contribution", 100 * k, "2020-01-10"),
            flow(13, "overdrawn", "ann", "distribution", 80 * k, "2021-02-10"),
            flow(14, "ended", "ann", "contribution", 100 * k, "2019-04-01"),
            flow(15, "ended", "ann", "distribution", 161 * k, "2022-03-01"),
            flow(16, "lost", "ann", "contribution", 100 * k, "2019-04-01"),
            flow(17, "lost", "ann", "contribution", 10 * k, "2019-09-01"),
            flow(18, "mixed", "ann", "contribution", 110 * k, "2021-01-04", currency_code="USD"),
            flow(19, "mixed", "ann", "distribution", 24 * k, "2021-09-18", currency_code="GBP"),
            flow(20, "rateless", "ann", "contribution", 100 * k, "2021-01-04", currency_code="CHF"),
            flow(21, "rateless", "ann", "distribution", 10 * k, "2021-05-04"),
            flow(22, "shared", "ann", "contribution", 50 * k, "2020-01-15"),
            flow(23, "shared", "bob", "contribution", 60 * k, "2020-05-15"),
            flow(24, "shared", None, "distribution", 12 * k, "2020-12-15"),
            flow(25, "holder", None, "investment", 100 * k, "2020-01-20", holding_id="h1"),
            flow(26, "holder", None, "investment", 50 * k, "2020-03-20", holding_id="h2"),
            flow(27, "holder", None, "proceeds", 75 * k, "2021-04-20", holding_id="h2"),
            flow(28, "holder", None, "interest", 5 * k, "2020-08-20", holding_id="h1"),
            flow(29, "holder", "ann", "contribution", 170 * k, "2020-01-10"),
            flow(30, "holder", None, "fee", 9 * k, "2020-07-01"),
        ],
        "holdings": [
            {"holding_id": "h1", "vehicle_id": "holder"},
            {"holding_id": "h2", "vehicle_id": "holder", "status": "Exited"},
        ],
        "valuations": [
            *(
                nav("steady", who, f"{year}-{end}", base * k + n)
                for who, base in (("ann", 400), ("bob", 150))
                for n, (year, end) in enumerate(
                    [(2020, "03-31"), (2020, "06-30"), (2020, "09-30"), (2020, "12-31"), (2021, "03-31"), (2021, "06-30")]
                )
            ),
            nav("overdrawn", "ann", "2020-12-31", 50 * k),
            nav("shared", "ann", "2020-12-31", 55 * k),
            nav("shared", "bob", "2020-12-31", 66 * k),
            nav("shared", "", "2020-12-31", 109 * k),
            nav("mixed", "ann", "2021-09-30", 90 * k, currency_code="USD"),
            nav("rateless", "ann", "2021-06-30", 95 * k),
            nav("holder", "ann", "2021-06-30", 180 * k),
            nav("holder", "", "2021-03-31", 120 * k, holding_id="h1"),
        ],
    }  # fmt: skip


def platform_rows() -> Rows:
    """Rates of weekdays (a fixing on Fridays only for GBP) and a total-return index that grows a little each weekday."""
    days = [date(2019, 12, 31) + timedelta(days=n) for n in range(760)]
    weekdays = [day for day in days if day.weekday() < 5]
    rates = [
        {"quote_currency_code": "USD", "on_date": day, "rate": Decimal("1.1") + Decimal(n) / 10000}
        for n, day in enumerate(weekdays)
    ]
    rates += [
        {"quote_currency_code": "GBP", "on_date": day, "rate": Decimal("0.85") + Decimal(n) / 10000}
        for n, day in enumerate(weekdays)
        if day.weekday() == 4
    ]
    levels = [
        {"index_code": "SPX", "on_date": day, "level": Decimal(3000) + Decimal(n * n) / 50}
        for n, day in enumerate(weekdays)
    ]
    return {"fx_rates": rates, "index_levels": levels}


@pytest.fixture(scope="module")
def marts_world(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Both managers and the platform's reference data, computed."""
    with clone(cluster, tmp_path_factory.mktemp("marts") / "home", deployed=True) as database:
        tenants = {
            "alder": add_tenant(database, "alder", name="Alder", kind="manager", currency_code="USD"),
            "birch": add_tenant(database, "birch", name="Birch", kind="manager", currency_code="EUR"),
        }
        rows = {"alder": manager_rows(10), "birch": manager_rows(7)}
        for slug, streams in rows.items():
            load(database, tenants[slug].tenant_id, streams)
        rows["platform"] = platform_rows()
        load(database, 0, rows["platform"])
        dbt_runner.refresh(database)
        yield World(database, tenants, rows)
