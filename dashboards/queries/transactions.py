"""Cash movements between investors and vehicles: filtered, sorted and paged by the database."""

from datetime import date
from typing import Any

from warehouse.sessions import Reader

Row = dict[str, Any]
SORTS = {
    "Newest first": "effective_on desc, transaction_id desc",
    "Oldest first": "effective_on, transaction_id",
    "Largest first": "abs(amount) desc, effective_on desc, transaction_id",
    "Vehicle": "vehicle_name, effective_on desc, transaction_id",
}
_MATCHING = """
  from fct_cash_flows f
  left join dim_investor i on i.tenant_id = f.tenant_id and i.investor_id = f.investor_id
 where f.tenant_id = %(tenant_id)s
   and (%(investor_id)s::text is null or f.investor_id = %(investor_id)s)
   and (%(vehicle_id)s::text is null or f.vehicle_id = %(vehicle_id)s)
   and (%(kind)s::text is null or f.kind = %(kind)s)
   and (%(since)s::date is null or f.effective_on >= %(since)s)
   and (%(until)s::date is null or f.effective_on <= %(until)s)
"""


def choices(reader: Reader, tenant_id: int) -> dict[str, list[Row]]:
    """What can be filtered by: vehicles, investors and kinds that occur, and the first and last date."""
    return {
        "vehicles": reader.rows(
            "select vehicle_id as id, min(vehicle_name) as name from fct_cash_flows where tenant_id = %s "
            "group by 1 order by 2, 1",
            (tenant_id,),
        ),
        "investors": reader.rows(
            "select i.investor_id as id, i.name from dim_investor i where i.tenant_id = %s and exists "
            "(select from fct_cash_flows f where f.tenant_id = i.tenant_id and f.investor_id = "
            "i.investor_id) order by 2, 1",
            (tenant_id,),
        ),
        "kinds": reader.rows(
            "select distinct kind as id, kind as name from fct_cash_flows where tenant_id = %s order by 1",
            (tenant_id,),
        ),
        "dates": reader.rows(
            "select min(effective_on) as first_on, max(effective_on) as last_on from fct_cash_flows "
            "where tenant_id = %s",
            (tenant_id,),
        ),
    }


def totals(
    reader: Reader,
    tenant_id: int,
    investor_id: str | None,
    vehicle_id: str | None,
    kind: str | None,
    since: date | None,
    until: date | None,
) -> list[Row]:
    """How many movements match, what was paid in and out, and what was charged to accounts, by currency.

    All amounts are positive. Paid in and out are what returns and multiples count; charges move no cash of
    the investor, so adding them to what was paid in would count the same money twice.
    """
    return reader.rows(
        "select f.currency_code, count(*) as movements, "
        "-sum(least(amount, 0)) filter (where is_performance_flow) as paid_in, "
        "sum(greatest(amount, 0)) filter (where is_performance_flow) as paid_out, "
        f"-sum(amount) filter (where not is_performance_flow) as charged {_MATCHING} group by 1 order by 1",
        _parameters(tenant_id, investor_id, vehicle_id, kind, since, until),
    )


def page(
    reader: Reader,
    tenant_id: int,
    investor_id: str | None,
    vehicle_id: str | None,
    kind: str | None,
    since: date | None,
    until: date | None,
    sort: str,
    limit: int | None,
    offset: int,
) -> list[Row]:
    """One page of the matching movements; `limit` None is all of them. `sort` is a key of SORTS."""
    return reader.rows(
        f"""
        select f.effective_on, f.vehicle_name, i.name as investor_name, f.kind, f.purpose, f.amount,
        f.currency_code,
               f.due_on, f.settled_on, f.is_within_commitment, f.is_recallable, f.description,
               f.transaction_id,
               f.vehicle_id, f.investor_id, f.source_file, f.source_row
        {_MATCHING}
        order by {SORTS[sort]}
        limit %(limit)s offset %(offset)s
        """,
        {
            **_parameters(tenant_id, investor_id, vehicle_id, kind, since, until),
            "limit": limit,
            "offset": offset,
        },
    )


def _parameters(
    tenant_id: int,
    investor_id: str | None,
    vehicle_id: str | None,
    kind: str | None,
    since: date | None,
    until: date | None,
) -> dict[str, Any]:
    return {
        "tenant_id": tenant_id,
        "investor_id": investor_id,
        "vehicle_id": vehicle_id,
        "kind": kind,
        "since": since,
        "until": until,
    }
