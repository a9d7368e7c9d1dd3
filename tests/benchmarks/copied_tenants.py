"""Tenants that are copies of one tenant's rows, made in the database: loading is measured elsewhere."""

from collections.abc import Sequence

from psycopg import sql

from warehouse.database import Database
from warehouse.roles import ADMIN
from warehouse.tenants import add_tenant


def add_copies(database: Database, model: int, slugs: Sequence[str], *, with_marts: bool = False) -> None:
    """More tenants, each with the rows that tenant `model` has in raw.

    `with_marts` copies its computed marts and their versions too, as their owner: the way to fill a warehouse
    when only its size matters.
    """
    added = [
        add_tenant(database, slug, name=slug, kind="manager", currency_code="EUR").tenant_id for slug in slugs
    ]
    with database.connect(ADMIN) as connection:
        tables = connection.execute(
            "select n.nspname, c.relname, array_agg(a.attname::text order by a.attnum) from pg_class c"
            " join pg_namespace n on n.oid = c.relnamespace"
            " join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped"
            " and a.attgenerated = '' and a.attidentity = ''"
            " where c.relkind = 'r' and (n.nspname = 'raw'"
            " and (c.relname = 'batch' or c.relname like 'capstan\\_\\_%%')"
            " or n.nspname = 'marts' and %s) group by 1, 2 having bool_or(a.attname = 'tenant_id')",
            (with_marts,),
        ).fetchall()
        for schema, table, columns in tables:
            values = [
                sql.SQL("added.id") if name == "tenant_id" else sql.Identifier("m", name) for name in columns
            ]
            connection.execute(
                sql.SQL(
                    "insert into {table} ({names}) select {values} from unnest(%s::integer[]) as added (id)"
                    " cross join {table} as m where m.tenant_id = %s"
                ).format(
                    table=sql.Identifier(schema, table),
                    names=sql.SQL(", ").join(map(sql.Identifier, columns)),
                    values=sql.SQL(", ").join(values),
                ),
                (added, model),
            )
        if with_marts:
            connection.execute(
                "update control.data_version as new set version = old.version, batch_seq = old.batch_seq,"
                " refreshed_at = old.refreshed_at from control.data_version as old"
                " where new.tenant_id = any(%s) and old.tenant_id = %s",
                (added, model),
            )
