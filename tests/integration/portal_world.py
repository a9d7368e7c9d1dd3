"""A small served world for the portal's tests: marts made by SQL as dbt would make them, for two tenants
whose ids collide.

Holds rows only. The real pipeline is exercised by the end-to-end test; here each page gets exactly what it
must show.
"""

import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import streamlit as st
import yaml

from dashboards import connection
from tests.conftest import Cluster, clone
from warehouse import roles
from warehouse.database import Database
from warehouse.tenants import Tenant, add_tenant, list_tenants
from warehouse.users import add_user

STAGES = ("contacted", "meeting", "dd", "term_sheet", "committed", "passed")
PASSWORD = "correct horse battery staple"


MODELS = Path(__file__).parents[2] / "dbt_project" / "models" / "marts"


def make_marts(database: Database) -> None:
    """The served tables, empty, with the columns of the models' contracts and their grants; the guard
    protects them."""
    with database.connect(roles.DBT_BUILDER) as builder:
        for path in sorted(MODELS.rglob("*.yml")):
            for model in yaml.safe_load(path.read_text()).get("models", []):
                columns = ", ".join(f"{column['name']} {column['data_type']}" for column in model["columns"])
                keyed = columns.replace("tenant_id integer", "tenant_id integer not null", 1)
                builder.execute(f"create table marts.{model['name']} ({keyed})")
                config = path.with_name(f"{model['name']}.sql").read_text()
                readers = "gp_reader, lp_reader" if "'lp'" in config else "gp_reader"
                builder.execute(f"grant select on marts.{model['name']} to {readers}")


Filling = dict[tuple[str, tuple[str, ...]], list[tuple[Any, ...]]]
"""Rows to be copied, by mart and columns."""


def fill(filling: Filling, mart: str, tenant: Tenant, rows: list[dict[str, Any]]) -> None:
    """Remember rows of a mart; columns not named are null."""
    for row in rows:
        filling[mart, ("tenant_id", *row)].append((tenant.tenant_id, *row.values()))


def write_all(loading: psycopg.Connection, filling: Filling) -> None:
    """Write what was remembered. Not by COPY: Postgres refuses that under row-level security."""
    for (mart, columns), rows in filling.items():
        places = ", ".join(["%s"] * len(columns))
        loading.cursor().executemany(
            f"insert into marts.{mart} ({', '.join(columns)}) values ({places})", rows
        )


_made: dict[str, str] = {}
"""The database that holds the world, by the template it was made from; made when a test first needs it."""


def world_clone(cluster: Cluster, home: Path) -> clone:
    """A copy of the world with a home of its own: `with world_clone(cluster, home) as database:`."""
    if cluster.template not in _made:
        original = clone(cluster, cluster.folder / "served-world").__enter__()
        make_world(original)
        _made[cluster.template] = original.name
    return clone(replace(cluster, template=_made[cluster.template]), home)


@contextmanager
def served_world(cluster: Cluster) -> Iterator[tuple[Database, dict[str, Tenant]]]:
    """The world in a database of its own, which the portal of this process then serves."""
    folder = Path(tempfile.mkdtemp(prefix="capstan-portal-"))
    folder.chmod(0o755)
    try:
        with world_clone(cluster, folder / "home") as database:
            tenants = {tenant.slug: tenant for tenant in list_tenants(database)}
            connection.use(database)
            st.cache_data.clear()
            yield database, tenants
            connection.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def quarter_ends(first_year: int, quarters: int) -> list[date]:
    """Consecutive quarter ends from the first of a year on."""
    ends = []
    for number in range(quarters):
        year, quarter = first_year + number // 4, number % 4 + 1
        following = date(year + (quarter == 4), quarter * 3 % 12 + 1, 1)
        ends.append(following - timedelta(days=1))
    return ends


def make_world(database: Database) -> dict[str, Tenant]:
    """Tenants `orrin` (company), `halden` and `rival` (managers with the same ids), one user a role in
    each."""
    make_marts(database)
    tenants = {
        "orrin": add_tenant(
            database,
            "orrin",
            name="Orrin Robotics",
            kind="company",
            currency_code="USD",
            brand_colour="#3b5bdb",
        ),
        "halden": add_tenant(
            database,
            "halden",
            name="Halden Capital",
            kind="manager",
            currency_code="EUR",
            brand_colour="#7a2e3a",
        ),
        "rival": add_tenant(database, "rival", name="Rival Partners", kind="manager", currency_code="EUR"),
        "empty": add_tenant(database, "empty", name="Empty Ventures", kind="company", currency_code="GBP"),
    }
    for slug, tenant in tenants.items():
        for role in ("founder", "operator") if tenant.kind == "company" else ("manager", "analyst"):
            add_user(
                database,
                f"{role}@{slug}.example",
                tenant=slug,
                role=role,
                password=PASSWORD,
                display_name=f"{role.title()} {tenant.name.split()[0]}",
            )
        if tenant.kind == "company":
            continue
        add_user(
            database,
            f"lp@{slug}.example",
            tenant=slug,
            role="lp",
            investor_ids=["I-001"],
            password=PASSWORD,
            display_name=f"Lp {tenant.name.split()[0]}",
        )
    filling: Filling = defaultdict(list)
    _fill_round(filling, tenants["orrin"])
    _fill_funds(filling, tenants["halden"], "Halden", Decimal(1))
    _fill_funds(filling, tenants["rival"], "CANARY-RIVAL", Decimal(3))
    with database.connect(roles.DBT_BUILDER) as loading:
        write_all(loading, filling)
    return tenants


def _fill_funds(filling: Filling, tenant: Tenant, name: str, scale: Decimal) -> None:
    vehicles = (
        ("V-1", f"{name} Growth Fund I", 2018, "Growth", "EUR"),
        ("V-2", f"{name} Credit II", 2021, "Credit", "USD"),
    )
    investors = [(f"I-{number:03}", f"{name} Investor {number}") for number in range(1, 8)]
    fill(
        filling,
        "dim_investor",
        tenant,
        [
            {
                "investor_id": key,
                "name": title,
                "firm": f"{title} LLP",
                "email": f"{key.lower()}@{tenant.slug}.example",
                "kind": "pension",
                "country_code": "DE",
            }
            for key, title in investors
        ],
    )
    fill(
        filling,
        "dim_vehicle",
        tenant,
        [
            {
                "vehicle_id": key,
                "name": title,
                "kind": "fund",
                "currency_code": currency,
                "vintage_year": vintage,
                "status": "active",
                "strategy": strategy,
            }
            for key, title, vintage, strategy, currency in vehicles
        ],
    )
    ends = quarter_ends(2018, 35)
    portfolio: dict[tuple[str, date], list[Decimal]] = {}
    for number, (vehicle, title, vintage, strategy, currency) in enumerate(vehicles):
        totals: dict[date, list[Decimal]] = {}
        for place, (investor, _) in enumerate(investors):
            commitment = Decimal(1_000_000) * (place + 1) * scale
            paid = back = closing = Decimal(0)
            for step, end in enumerate([end for end in ends if end.year >= vintage]):
                call = commitment * Decimal("0.07") if step < 13 else Decimal(0)
                out = commitment * Decimal("0.06") if step > 12 and step % 3 == 0 else Decimal(0)
                opening, fee = closing, (call * Decimal("0.05")).quantize(Decimal("0.01"))
                gain = (opening * (Decimal("-0.02") if step < 5 else Decimal("0.034"))).quantize(
                    Decimal("0.01")
                )
                closing = opening + call - out - fee + gain
                paid, back = paid + call, back + out
                flows = [("contribution", "investments", -call)] if call else []
                flows += [("distribution", "realized_gain", out)] if out else []
                for kind, purpose, amount in flows:
                    fill(
                        filling,
                        "fct_cash_flows",
                        tenant,
                        [
                            {
                                "vehicle_id": vehicle,
                                "investor_id": investor,
                                "vehicle_name": title,
                                "kind": kind,
                                "transaction_id": f"T-{number}-{place}-{step}-{kind[0]}",
                                "purpose": purpose,
                                "effective_on": end - timedelta(days=20),
                                "settled_on": end - timedelta(days=18),
                                "amount": amount,
                                "currency_code": currency,
                                "is_within_commitment": True,
                                "is_recallable": False,
                                "is_performance_flow": True,
                                "description": '=HYPERLINK("x")' if step == 3 else f"Notice {step + 1}",
                                "batch_id": "b1",
                                "source_file": "transactions.csv",
                                "source_row": step + 2,
                            }
                        ],
                    )
                fill(
                    filling,
                    "fct_capital_account",
                    tenant,
                    [
                        {
                            "vehicle_id": vehicle,
                            "investor_id": investor,
                            "quarter": end,
                            "vehicle_name": title,
                            "opening_amount": opening,
                            "contributions_amount": call,
                            "distributions_amount": out,
                            "fees_amount": fee,
                            "gain_amount": gain,
                            "closing_amount": closing,
                            "nav_status": "reported",
                            "currency_code": currency,
                        }
                    ],
                )
                latest = end == ends[-1]
                row = _performance(
                    title, vintage, strategy, currency, end, latest, commitment, paid, back, closing
                )
                fill(
                    filling,
                    "fct_investor_performance",
                    tenant,
                    [{"vehicle_id": vehicle, "investor_id": investor, **row}],
                )
                for store, key in ((totals, end), (portfolio, (investor, end))):
                    sums = store.setdefault(key, [Decimal(0)] * 4)  # type: ignore[arg-type, attr-defined]
                    store[key] = [a + b for a, b in zip(sums, (commitment, paid, back, closing), strict=True)]  # type: ignore[index]
        for end, (commitment, paid, back, closing) in totals.items():
            row = _performance(
                title, vintage, strategy, currency, end, end == ends[-1], commitment, paid, back, closing
            )
            fill(
                filling,
                "fct_vehicle_performance",
                tenant,
                [
                    {
                        "vehicle_id": vehicle,
                        "investors": len(investors),
                        "gross_irr": 0.214,
                        "gross_irr_status": "ok",
                        "gross_moic": 1.87,
                        **row,
                    }
                ],
            )
        fill(
            filling,
            "rpt_holdings",
            tenant,
            [
                {
                    "holding_id": f"H-{vehicle}-{place}",
                    "vehicle_id": vehicle,
                    "name": f"{name} Holding {place}",
                    "sector": sector,
                    "country_code": "DE",
                    "invested_on": date(vintage, 3 + place, 11),
                    "status": "realized" if place == 2 else "active",
                    "invested_amount": Decimal(2_000_000 + place * 400_000),
                    "proceeds_amount": Decimal(6_100_000 if place == 2 else 0),
                    "nav_amount": Decimal(0 if place == 2 else 3_900_000),
                    "moic": 2.18 if place == 2 else 1.5,
                    "irr": 0.31,
                    "irr_status": "ok",
                    "currency_code": currency,
                }
                for place, sector in enumerate(("Software", "Health", "Industrials", "Energy"))
            ],
        )
    for (investor, end), (commitment, paid, back, closing) in portfolio.items():
        fill(
            filling,
            "rpt_investor_portfolio",
            tenant,
            [
                {
                    "investor_id": investor,
                    "as_of": end,
                    "is_latest": end == ends[-1],
                    "is_quarter_end": True,
                    "currency_code": tenant.currency_code,
                    "vehicles": 1 if end.year < 2021 else 2,
                    "commitment_amount": commitment,
                    "contributed_amount": paid,
                    "distributed_amount": back,
                    "nav_amount": closing,
                    "unfunded_amount": commitment - paid,
                    "unfunded_status": "ok",
                    "dpi": float(back / paid),
                    "rvpi": float(closing / paid),
                    "tvpi": float((back + closing) / paid),
                    "irr": 0.1432,
                    "irr_status": "ok",
                    "is_annualized": end.year > 2018,
                    "fx_status": "ok",
                }
            ],
        )


def _performance(
    title: str,
    vintage: int,
    strategy: str,
    currency: str,
    end: date,
    latest: bool,
    commitment: Decimal,
    paid: Decimal,
    back: Decimal,
    closing: Decimal,
) -> dict[str, Any]:
    several = strategy == "Credit" and latest
    return {
        "as_of": end,
        "vehicle_name": title,
        "vehicle_kind": "fund",
        "vintage_year": vintage,
        "strategy": strategy,
        "is_latest": latest,
        "is_quarter_end": True,
        "commitment_amount": commitment,
        "contributed_amount": paid,
        "distributed_amount": back,
        "recallable_amount": Decimal(0),
        "nav_amount": closing,
        "nav_as_of": end - timedelta(days=94) if several else end,
        "nav_status": "rolled" if several else "reported",
        "nav_age_days": 94 if several else 0,
        "unfunded_amount": commitment - paid,
        "unfunded_status": "ok",
        "dpi": float(back / paid),
        "rvpi": float(closing / paid),
        "tvpi": float((back + closing) / paid),
        "pic": float(paid / commitment),
        "irr": None if several else 0.1523,
        "irr_status": "multiple" if several else "ok",
        "irr_roots": [0.08, 0.71] if several else [0.1523],
        "is_annualized": end.year > vintage,
        "period_return": 0.04,
        "ks_pme": 1.12,
        "direct_alpha": 0.021,
        "pme_status": "ok",
        "currency_code": currency,
    }


def _fill_round(filling: Filling, tenant: Tenant) -> None:
    base = datetime(2026, 10, 1, 9, tzinfo=UTC)
    common = {"vehicle_id": "V-1", "currency_code": "USD"}
    fill(
        filling,
        "dim_vehicle",
        tenant,
        [
            {
                "vehicle_id": "V-1",
                "name": "Series A",
                "kind": "priced_round",
                "currency_code": "USD",
                "target_amount": 12_000_000,
                "status": "active",
            }
        ],
    )
    fill(
        filling,
        "rpt_commitment_progress",
        tenant,
        [
            {
                **common,
                "vehicle_name": "Series A",
                "vehicle_kind": "priced_round",
                "target_amount": 12_000_000,
                "hard_cap_amount": 15_000_000,
                "opened_on": date(2026, 6, 1),
                "final_close_on": date(2027, 2, 26),
                "soft_circled_amount": 2_750_000,
                "signed_amount": 2_400_000,
                "funded_amount": 5_100_000,
                "collected_amount": 4_650_000,
                "committed_amount": 7_500_000,
                "committed_pct": 0.625,
                "investors": 9,
                "committed_investors": 7,
            }
        ],
    )
    names = [
        f"{first} {second}"
        for first in ("Alder", "Birch", "Cedar", "Dover", "Elm", "Fjord")
        for second in ("Ventures", "Angels", "Partners", "Capital", "Seed")
    ]
    for number, name in enumerate(names):
        stage = STAGES[min(5, number // 5)]
        amount = Decimal(150_000 + number * 37_500)
        fill(
            filling,
            "fct_stage_transitions",
            tenant,
            [
                {
                    **common,
                    "investor_id": f"I-{number:03}",
                    "event_id": f"E-{number}",
                    "investor_name": name,
                    "to_stage": stage,
                    "occurred_at": base + timedelta(hours=number * 30),
                    "days_in_stage": 51 - number,
                    "amount": amount,
                    "is_current": True,
                }
            ],
        )
        if number < 12:
            fill(
                filling,
                "rpt_investor_engagement",
                tenant,
                [
                    {
                        **common,
                        "investor_id": f"I-{number:03}",
                        "investor_name": name,
                        "firm": f"{name} LLC",
                        "visits": 12 - number,
                        "documents_viewed": 1 + number % 4,
                        "seconds": 5400 - number * 390.0,
                        "stage": stage,
                        "amount": amount,
                        "last_viewed_at": base + timedelta(hours=number * 31),
                        "days_since_last_touch": number * 2.0,
                    }
                ],
            )
            for visit in range(1 + number % 3):
                fill(
                    filling,
                    "fct_document_views",
                    tenant,
                    [
                        {
                            "view_id": f"W-{number}-{visit}",
                            "vehicle_id": "V-1",
                            "room_id": "R-1",
                            "document_id": f"D-{(number + visit) % 4}",
                            "investor_id": f"I-{number:03}",
                            "investor_name": name,
                            "document_name": ("Pitch deck", "Financial model", "Cap table", "Term sheet")[
                                (number + visit) % 4
                            ],
                            "document_type": ("pitch_deck", "financials", "cap_table", "legal")[
                                (number + visit) % 4
                            ],
                            "viewer_email": f"{number}@orrin.example",
                            "started_at": base + timedelta(hours=number * 26 + visit),
                            "duration_seconds": 60.0 + 37 * number,
                            "pages_viewed": 3 + number,
                            "pages": 18,
                            "completion_pct": (3 + number) / 18,
                            "is_machine": number == 4,
                            "is_own_team": number == 5,
                            "downloaded": visit == 1,
                            "visit_number": visit + 1,
                        }
                    ],
                )
        if number < 9:
            failed = number == 7
            paid = Decimal(0) if number in (7, 8) else amount
            fill(
                filling,
                "rpt_collections",
                tenant,
                [
                    {
                        **common,
                        "commitment_id": f"C-{number}",
                        "investor_id": f"I-{number:03}",
                        "investor_name": name,
                        "committed_amount": amount,
                        "paid_amount": paid,
                        "outstanding_amount": amount - paid,
                        "attempts": 2 if failed else 1 if paid else 0,
                        "last_attempt_status": "failed" if failed else "succeeded" if paid else None,
                        "last_attempt_at": base + timedelta(days=20) if paid or failed else None,
                        "next_retry_on": date(2026, 10, 28) if failed else None,
                    }
                ],
            )
    for order, stage in enumerate(STAGES):
        fill(
            filling,
            "rpt_pipeline",
            tenant,
            [
                {
                    **common,
                    "stage": stage,
                    "stage_order": order,
                    "vehicle_name": "Series A",
                    "investors": 5,
                    "amount": Decimal(1_000_000 + order * 350_000),
                    "weighted_amount": Decimal(100_000 + order * 200_000),
                    "probability": (0.05, 0.15, 0.4, 0.8, 0.95, 0.0)[order],
                    "median_days_in_stage": 21.5 - order,
                }
            ],
        )
        if stage != "passed":
            entered = 30 - order * 5
            fill(
                filling,
                "rpt_funnel",
                tenant,
                [
                    {
                        "vehicle_id": "V-1",
                        "stage": stage,
                        "stage_order": order,
                        "vehicle_name": "Series A",
                        "entered": entered,
                        "advanced": entered - 5 if order < 4 else None,
                        "passed": 1,
                        "open": 4 if order < 4 else 0,
                        "conversion_rate": (entered - 5) / entered if order < 4 else None,
                        "median_days_to_advance": 12.0 + order,
                    }
                ],
            )
    fill(
        filling,
        "rpt_round_velocity",
        tenant,
        [
            {
                **common,
                "vehicle_name": "Series A",
                "opportunities": 30,
                "won": 5,
                "lost": 5,
                "open": 20,
                "win_rate": 0.5,
                "won_amount": 4_700_000,
                "average_won_amount": 940_000,
                "median_days_to_close": 57.0,
                "velocity_per_day": 82_456.14,
            }
        ],
    )
