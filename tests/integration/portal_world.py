"""A small served world for the portal's tests: marts made by SQL as dbt would make them, for two tenants
whose ids collide.

Holds tenants and people; their rows are in `portal_funds.py`, `portal_analyses.py` and `portal_round.py`.
The real pipeline is exercised by the end-to-end test; here each page gets exactly what it must show.
"""

import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import streamlit as st

from dashboards import connection
from tests.conftest import Cluster, clone
from tests.integration.portal_analyses import fill_analyses
from tests.integration.portal_funds import fill_funds
from tests.integration.portal_marts import Filling, make_marts, write_all
from tests.integration.portal_round import fill_round
from warehouse import roles
from warehouse.database import Database
from warehouse.tenants import Tenant, add_tenant, list_tenants
from warehouse.users import add_user

PASSWORD = "correct horse battery staple"

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
    fill_round(filling, tenants["orrin"])
    fill_funds(filling, tenants["halden"], "Halden", Decimal(1))
    fill_funds(filling, tenants["rival"], "CANARY-RIVAL", Decimal(3))
    fill_analyses(filling, tenants["halden"], "Halden", Decimal(1))
    fill_analyses(filling, tenants["rival"], "CANARY-RIVAL", Decimal(3))
    with database.connect(roles.DBT_BUILDER) as loading:
        write_all(loading, filling)
    return tenants
