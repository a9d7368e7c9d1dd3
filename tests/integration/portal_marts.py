"""Served marts for the portal's tests: made empty as the models' contracts say, then filled with rows.

What the rows say is in `portal_funds.py` and `portal_round.py`.
"""

from pathlib import Path
from typing import Any

import psycopg
import yaml

from warehouse import roles
from warehouse.database import Database
from warehouse.tenants import Tenant

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
