"""Marts as they were published at a time: a reader whose marts are the versions that were known then.

Which versions there are is the builder's business (decision 0010); here they only take the place of the marts
in the statements of one open transaction. Nothing is computed, and nobody sees more than in the mart.
"""

from datetime import datetime

import psycopg

from warehouse.sessions import Params, Reader

VERSIONED = """
select relname from pg_class
 where relnamespace = current_schema()::regnamespace and relkind = 'r' and right(relname, 9) = '_versions'
   and has_table_privilege(oid, 'select')
 order by 1
"""
MOMENT = "current_setting('capstan.known_at')::timestamptz"


class KnownAt(Reader):
    """The same transaction, in which every mart that keeps versions reads as known at `known_at` (aware).

    Marts without versions read as they are now. Raises ValueError for a time without offset.
    """

    def __init__(self, reader: Reader, known_at: datetime) -> None:
        if known_at.tzinfo is None:
            raise ValueError(f"{known_at} has no offset: a known time is an instant, e.g. 2026-04-20T09:00Z")
        super().__init__(reader._connection, reader.viewer)
        reader.one("select set_config('capstan.known_at', %s, true)", (known_at.isoformat(),))
        tables = [str(row["relname"]) for row in reader.rows(VERSIONED)]
        self._shadows = ",\n".join(
            f'"{table.removesuffix("_versions")}" as (select * from "{table}" '
            f"where known_from <= {MOMENT} and {MOMENT} < known_to)"
            for table in tables
        )

    def _run(self, query: str, params: Params) -> tuple[list[psycopg.Column], list[tuple[object, ...]]]:
        text = query.strip()
        if not self._shadows:
            return super()._run(text, params)
        own = text[5:] if text[:5].lower() == "with " else None
        return super()._run(
            f"with {self._shadows},\n{own}" if own else f"with {self._shadows}\n{text}", params
        )
