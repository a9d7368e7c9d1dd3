"""What a viewer may ask for: the served relations that its role may read, with their columns."""

from typing import Any

from warehouse.sessions import Reader

Row = dict[str, Any]


def relations(reader: Reader, tenant_id: int) -> list[Row]:
    """Each readable relation of the viewer's own schema with its columns in order. The same for every tenant.

    Kept versions are left out: they have the columns of the relation that they are versions of.
    """
    return reader.rows(
        """
        select c.relname::text as name, string_agg(a.attname::text, ', ' order by a.attnum) as columns
          from pg_catalog.pg_class c
          join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
         where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p', 'v')
           and has_table_privilege(c.oid, 'select') and right(c.relname::text, 9) <> '_versions'
         group by 1
         order by 1
        """
    )
