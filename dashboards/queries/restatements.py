"""Figures that were published for a date and later read otherwise, with the row that caused it."""

from typing import Any

from warehouse.sessions import Reader

Row = dict[str, Any]
SORTS = {
    "Newest change": "known_from desc, as_of desc, mart, metric, investor_id",
    "Newest date": "as_of desc, known_from desc, mart, metric, investor_id",
    "Largest difference": "abs(difference) desc nulls last, known_from desc, mart, metric, investor_id",
}
# Of a rate or a multiple pages print four decimals at most, of money cents: what differs less reads the same.
_MATCHING = """
  from rpt_restatements r
 where r.tenant_id = %(tenant_id)s and r.vehicle_id = %(vehicle_id)s
   and r.investor_id is not distinct from %(investor_id)s
   and (%(metric)s::text is null or r.metric = %(metric)s)
   and (r.difference is null or abs(r.difference) >= case r.unit when 'money' then 0.005 else 0.00005 end)
"""


def metrics(reader: Reader, tenant_id: int, vehicle_id: str, investor_id: str | None) -> dict[str, int]:
    """How many restatements each metric has; of the vehicle itself where no investor is given."""
    rows = reader.rows(
        f"select r.metric, count(*) as restatements {_MATCHING} group by 1 order by 1",
        {"tenant_id": tenant_id, "vehicle_id": vehicle_id, "investor_id": investor_id, "metric": None},
    )
    return {row["metric"]: row["restatements"] for row in rows}


def page(
    reader: Reader,
    tenant_id: int,
    vehicle_id: str,
    investor_id: str | None,
    metric: str | None,
    sort: str,
    limit: int | None,
    offset: int,
) -> list[Row]:
    """One page of restatements; `limit` None is all of them. `sort` is a key of SORTS."""
    return reader.rows(
        f"""
        select r.as_of, r.metric, r.unit, r.currency_code, r.old_value, r.new_value, r.difference,
               r.old_status, r.new_status, r.change, r.published_at, r.known_from, r.cause, r.causes,
               r.cause_stream, r.cause_key, r.source_file, r.source_row, r.mart
        {_MATCHING}
         order by {SORTS[sort]}
         limit %(limit)s offset %(offset)s
        """,
        {
            "tenant_id": tenant_id,
            "vehicle_id": vehicle_id,
            "investor_id": investor_id,
            "metric": metric,
            "limit": limit,
            "offset": offset,
        },
    )
