"""Marts as they were published at a time: a reader whose marts are the versions that were known then.

Which versions there are is the builder's business (decision 0010); here they only take the place of the marts
in the statements of one open transaction. Nothing is computed, and nobody sees more than in the mart.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

import psycopg

from warehouse.sessions import Params, Reader

VERSIONED = """
select relname, relkind = 'r' as is_kept from pg_class
 where relnamespace = current_schema()::regnamespace and relkind in ('r', 'v')
   and right(relname, 9) = '_versions' and has_table_privilege(oid, 'select')
 order by 1
"""
"""In a table, or a view of others' versions; `<mart>__<part>_versions` is a part with readers of its own."""
MOMENT = "current_setting('capstan.known_at')::timestamptz"
OTHERS = """
select relname from pg_class
 where relnamespace = current_schema()::regnamespace and relkind in ('r', 'v')
   and right(relname, 9) <> '_versions' and has_table_privilege(oid, 'select')
"""
WITH = re.compile(r"with\s+(recursive\s+)?", re.IGNORECASE)
QUALIFIED = re.compile(r'(\w+"?\s*\.\s*"?)(\w+)')
SET_MOMENT = "select set_config('capstan.known_at', %s, true)"


class KnownAt(Reader):
    """The same transaction, in which every mart that keeps versions reads as known at `known_at` (aware).

    A refresh publishes its marts one after the other: of one that was under way at that time all marts are
    read as it left them, so that a number and the rows behind it belong together. Marts without versions read
    as they are now. Raises ValueError for a time without offset.
    """

    def __init__(self, reader: Reader, known_at: datetime) -> None:
        if known_at.tzinfo is None:
            raise ValueError(f"{known_at} has no offset: a known time is an instant, e.g. 2026-04-20T09:00Z")
        super().__init__(reader._connection, reader.viewer)
        self.known_at = known_at
        found = reader.rows(VERSIONED)
        self._moment = _end_of_refresh(reader, [row["relname"] for row in found if row["is_kept"]], known_at)
        parts = _by_mart(str(row["relname"]) for row in found)
        self.versioned = frozenset(parts)
        self._shadows = ",\n".join(
            f'"{mart}" as ({" union all ".join(map(_known_then, relations))})'
            for mart, relations in parts.items()
        )

    def _run(self, query: str, params: Params) -> tuple[list[psycopg.Column], list[tuple[object, ...]]]:
        text = query.strip()
        if not self._shadows:
            return super()._run(text, params)
        # set each time: readers of several times may share the transaction
        super()._run(SET_MOMENT, (self._moment.isoformat(),))
        own = WITH.match(text)
        if own is None:
            return super()._run(f"with {self._shadows}\n{text}", params)
        return super()._run(f"{own[0]}{self._shadows},\n{text[own.end() :]}", params)

    def only_as_of_now(self, query: str) -> list[str]:
        """Marts that a statement would read as of now: those without versions, and those named by schema."""
        rows = self.rows(OTHERS)
        unversioned = {str(row["relname"]) for row in rows} - self.versioned
        named = set(re.findall(r"\w+", query.lower()))
        by_schema = {
            f"{one[0]}{one[1]}" for one in QUALIFIED.findall(query.lower()) if one[1] in self.versioned
        }
        return sorted((unversioned & named) | by_schema)


def _by_mart(relations: Iterable[str]) -> dict[str, list[str]]:
    """The relations of versions that this reader has, by the mart that they are versions of."""
    found: dict[str, list[str]] = defaultdict(list)
    for relation in relations:
        found[relation.removesuffix("_versions").partition("__")[0]].append(relation)
    return found


def _known_then(relation: str) -> str:
    return f'select * from "{relation}" where known_from <= {MOMENT} and {MOMENT} < known_to'


def _end_of_refresh(reader: Reader, tables: Sequence[str], known_at: datetime) -> datetime:
    """The last instant at which the refresh published that was under way at the time, or the time itself."""
    published = " union all ".join(f'select known_from, data_version from "{table}"' for table in tables)
    if not tables:
        return known_at
    row = reader.one(
        f"""
        with published as ({published})
        select max(known_from) as ended_at from published
         where data_version = (select max(data_version) from published where known_from <= %s)
        """,
        (known_at,),
    )
    ended_at = row["ended_at"] if row else None
    return max(known_at, ended_at) if ended_at else known_at
