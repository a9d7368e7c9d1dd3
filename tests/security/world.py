"""A small world to attack: tenants whose natural ids collide, with a canary of its own in every text.

`CANARY-<tenant>-<investor>` marks what belongs to one investor, `…-SHOWN` what all LPs of the tenant may see,
and `…-ALL` what only the rest of the tenant may. Marts are built with the builder's own SQL, without dbt.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg

from warehouse import isolation, roles
from warehouse.batches import loader_transaction
from warehouse.database import Database
from warehouse.sessions import Viewer, viewer_for
from warehouse.tenants import Tenant, add_tenant, get_tenant
from warehouse.users import add_user

CANARY = re.compile(r"CANARY-([a-z]+)-([A-Za-z0-9]+)")
INVESTORS = ("I1", "I2", "I3")
SHARED_TENANTS = ("alpha", "beta")
OWN_TENANT = "gamma"
FLOWS = 40

MARTS = """
create table {s}.dim_vehicle (tenant_id int, vehicle_id text, name text, strategy text, target_amount numeric,
                              primary key (tenant_id, vehicle_id));
create table {s}.dim_investor (tenant_id int, investor_id text, name text, email text,
                               primary key (tenant_id, investor_id));
create table {s}.fct_cash_flows (tenant_id int, vehicle_id text, investor_id text, transaction_id text,
                                 effective_on date, amount numeric, value double precision,
                                 is_recallable boolean, recorded_at timestamptz, description text,
                                 primary key (tenant_id, transaction_id));
create index on {s}.fct_cash_flows (tenant_id, investor_id, effective_on);
create view {s}.rpt_latest as
  select tenant_id, investor_id, max(effective_on) as effective_on, sum(amount) as amount,
         min(description) as description
    from {s}.fct_cash_flows group by tenant_id, investor_id;
"""
GRANTS = """
grant select on {s}.dim_vehicle, {s}.dim_investor, {s}.fct_cash_flows, {s}.rpt_latest to {gp};
grant select on {s}.dim_investor, {s}.fct_cash_flows, {s}.rpt_latest to {lp};
"""
LP_RELATIONS = ("dim_investor", "fct_cash_flows", "rpt_latest")
GP_RELATIONS = (*LP_RELATIONS, "dim_vehicle")

FILL = """
delete from {s}.dim_vehicle where tenant_id = %(t)s;
delete from {s}.dim_investor where tenant_id = %(t)s;
delete from {s}.fct_cash_flows where tenant_id = %(t)s;
insert into {s}.dim_vehicle
  select %(t)s, 'V' || v, 'CANARY-' || %(slug)s || '-ALL vehicle ' || v,
         'CANARY-' || %(slug)s || '-ALL strategy',
         %(t)s * 1000 + v from generate_series(1, 3) v;
insert into {s}.dim_investor
  select %(t)s, i, 'CANARY-' || %(slug)s || '-' || i, 'CANARY-' || %(slug)s || '-' || i || '@example.com'
    from unnest(%(investors)s::text[]) i;
insert into {s}.fct_cash_flows
  select %(t)s, 'V' || 1 + n %% 3, i, i || '-' || n, date '2020-03-31' + n * 30,
         %(t)s * 1000000 + n * 100 + %(salt)s,
         %(t)s * 0.5 + n + %(salt)s, n %% 5 = 0, timestamptz '2020-03-31 00:00+00' + n * interval '1 day',
         'CANARY-' || %(slug)s || '-' || i || ' flow ' || n
    from unnest(%(investors)s::text[]) i, generate_series(1, {n}) n;
"""


@dataclass(frozen=True)
class World:
    """The database and the people in it."""

    database: Database

    def viewer(self, who: str, tenant: str) -> Viewer:
        """`gp` sees the tenant; `lp1` investor I1, `lp2` investor I2."""
        return viewer_for(self.database, f"{who}@{tenant}.example", tenant)

    def tenant(self, slug: str) -> Tenant:
        return get_tenant(self.database, slug)

    def admin(self) -> psycopg.Connection:
        return self.database.connect(roles.ADMIN, autocommit=True)

    def builder(self) -> psycopg.Connection:
        return self.database.connect(roles.DBT_BUILDER, autocommit=True)

    def login(self, viewer: Viewer) -> isolation.Login:
        with self.database.connect(roles.TOKEN_ISSUER) as issuer:
            row = issuer.execute(
                "select * from authn.login_of(%s, %s)", (viewer.user_id, viewer.tenant_id)
            ).fetchone()
        assert row is not None
        return isolation.Login(*row)

    def token(self, viewer: Viewer, pid: int = 0, ttl: str = "5 minutes") -> str:
        with self.database.connect(roles.TOKEN_ISSUER) as issuer:
            return issuer.execute(
                "select authn.issue(%s, %s, %s::interval, %s)", (viewer.user_id, viewer.tenant_id, ttl, pid)
            ).fetchone()[0]

    @contextmanager
    def attacker(self, viewer: Viewer, *, token: str | None = None) -> Iterator[psycopg.Connection]:
        """A raw connection of the viewer's login role with a valid token for the whole session: no pool, no
        read-only transaction, nothing of Sessions in the way."""
        login = self.login(viewer)
        with psycopg.connect(isolation.conninfo(self.database, login.role), autocommit=True) as connection:
            connection.execute(f"set search_path = {login.schema_name}")
            connection.execute("set statement_timeout = '120s'")
            connection.execute("select set_config('app.token', %s, false)", (token or self.token(viewer),))
            yield connection


def build(database: Database) -> World:
    """Three tenants, three people each, marts in place and in each text a canary."""
    for slug in (*SHARED_TENANTS, OWN_TENANT):
        add_tenant(
            database, slug, name=f"CANARY-{slug}-ALL", kind="manager", currency_code="EUR",
            isolation="schema" if slug == OWN_TENANT else "shared",
        )  # fmt: skip
        add_user(database, f"gp@{slug}.example", tenant=slug, role="manager", password="not-a-secret-1")
        for n in (1, 2):
            add_user(
                database, f"lp{n}@{slug}.example", tenant=slug, role="lp",
                investor_ids=[f"I{n}"], password="not-a-secret-1",
            )  # fmt: skip
    world = World(database)
    with world.builder() as builder:
        own = isolation.served_schema(database, world.tenant(OWN_TENANT).tenant_id)
        for schema, gp, lp in (
            ("marts", roles.GP_READER, roles.LP_READER),
            (own.schema_name, own.gp_role, own.lp_role),
        ):
            builder.execute(MARTS.format(s=schema) + GRANTS.format(s=schema, gp=gp, lp=lp))
    for slug in (*SHARED_TENANTS, OWN_TENANT):
        fill(world, slug)
        tenant = world.tenant(slug)
        with loader_transaction(database, tenant) as loader:
            loader.execute(
                "insert into raw.capstan__investors (tenant_id, investor_id, name, _source, _batch_id, "
                "_row_number, _row_hash, _loaded_at) values (%s, 'I1', %s, 'capstan', 'b', 1, '', now())",
                (tenant.tenant_id, f"CANARY-{slug}-ALL"),
            )
    return world


def fill(
    world: World,
    slug: str,
    *,
    investors: tuple[str, ...] = INVESTORS,
    salt: int = 0,
    canary: str | None = None,
) -> None:
    """Replace one tenant's rows in the marts, as the builder does, in one transaction."""
    tenant = world.tenant(slug)
    schema = isolation.served_schema(world.database, tenant.tenant_id).schema_name
    values = {"t": tenant.tenant_id, "slug": canary or slug, "investors": list(investors), "salt": salt}
    with world.builder() as builder, builder.transaction():
        for statement in FILL.format(s=schema, n=FLOWS).split(";\n"):
            if statement.strip():
                builder.execute(statement, values)


def foreign_canaries(text: str, viewer: Viewer) -> set[str]:
    """Canaries in a text that this viewer must never see."""
    found = set()
    for tenant, owner in CANARY.findall(text):
        own_tenant = tenant == viewer.tenant_slug
        own_row = viewer.role != "lp" or owner in (*viewer.investor_ids, "SHOWN")
        if not (own_tenant and own_row):
            found.add(f"CANARY-{tenant}-{owner}")
    return found


def everything_said(error: psycopg.Error) -> str:
    """All fields of a database error as one text."""
    fields = ("message_primary", "message_detail", "message_hint", "context", "internal_query", "table_name",
              "column_name", "constraint_name")  # fmt: skip
    return " ".join(str(getattr(error.diag, field, "")) for field in fields) + str(error)
