"""The same key twice in one file: an equal row is a repeat, a different one is refused, for nobody can tell
which holds.

The first row of a key counts. A correction comes in a later file, or by leaving only the right row in this
one.
"""

from dataclasses import dataclass

import polars as pl

from ingestion.checking.digest import ROW_HASH
from ingestion.checking.row_checks import shorten
from ingestion.contracts.model import Stream
from ingestion.readers.table import ROW_NUMBER, Reason


@dataclass(frozen=True)
class Deduplicated:
    """Args:
    first: the first row of each key.
    repeats: how many later rows equal the first of their key.
    conflicts: later rows that differ from it, with the reason each, in the order of `conflict_reasons`.
    """

    first: pl.DataFrame
    repeats: int
    conflicts: pl.DataFrame
    conflict_reasons: list[list[Reason]]


def split_duplicates(frame: pl.DataFrame, stream: Stream) -> Deduplicated:
    """Separates the first row of each key from its repeats and its conflicts; `frame` has `_row_hash`."""
    key = list(stream.key)
    if (
        frame.select(pl.struct(key).n_unique() if len(key) > 1 else pl.col(key[0]).n_unique()).item()
        == frame.height
    ):
        return Deduplicated(frame, 0, frame.clear(), [])
    marked = frame.with_columns(
        pl.int_range(pl.len()).over(key).alias("_place"),
        pl.col(ROW_HASH).first().over(key).alias("_first_hash"),
        pl.col(ROW_NUMBER).first().over(key).alias("_first_row"),
    )
    later = marked.filter(pl.col("_place") > 0)
    conflicts = later.filter(pl.col(ROW_HASH) != pl.col("_first_hash"))
    firsts = marked.filter(pl.col("_place") == 0)
    reasons = _reasons(conflicts, firsts, stream)
    extra = ["_place", "_first_hash", "_first_row"]
    return Deduplicated(firsts.drop(extra), later.height - conflicts.height, conflicts.drop(extra), reasons)


def _reasons(conflicts: pl.DataFrame, firsts: pl.DataFrame, stream: Stream) -> list[list[Reason]]:
    if conflicts.is_empty():
        return []
    key = list(stream.key)
    wanted = firsts.join(conflicts.select(key).unique(), on=key, how="semi", nulls_equal=True)
    by_key = {tuple(row[name] for name in key): row for row in wanted.iter_rows(named=True)}
    result = []
    for row in conflicts.iter_rows(named=True):
        values = tuple(row[name] for name in key)
        first = by_key[values]
        differing = [name for name in stream.column_names if row[name] != first[name]]
        told = ", ".join(f"{name} {first[name] or 'blank'!r} there" for name in differing[:3])
        reason = (
            f"the key {', '.join(str(v) for v in values)} stands in row {first[ROW_NUMBER]} of this file "
            f"already, with other values ({told}); which is right cannot be told"
        )
        column = differing[0] if differing else key[0]
        result.append([Reason(column, shorten(row[column] or ""), reason)])
    return result
