"""What a vehicle owns or owned: each holding, how much hangs on few of them, and how much is at a loss."""

from typing import Any

from warehouse.sessions import Reader

Row = dict[str, Any]
SORTS = {
    "Largest cost": "h.invested_amount desc nulls last, h.name, h.holding_id",
    "Largest value": "h.nav_amount desc nulls last, h.name, h.holding_id",
    "Highest MOIC": "h.moic desc nulls last, h.name, h.holding_id",
    "Newest first": "h.invested_on desc nulls last, h.name, h.holding_id",
    "Name": "h.name, h.holding_id",
}
_MATCHING = """
  from rpt_holdings h
  left join fct_holding_performance p
    on p.tenant_id = h.tenant_id and p.holding_id = h.holding_id and p.is_latest
 where h.tenant_id = %(tenant_id)s and h.vehicle_id = %(vehicle_id)s
   and (%(sector)s::text is null or h.sector = %(sector)s)
   and (%(status)s::text is null or h.status = %(status)s)
"""


def choices(reader: Reader, tenant_id: int, vehicle_id: str) -> list[Row]:
    """Which sectors and statuses occur together, and how many holdings of each."""
    return reader.rows(
        "select sector, status, count(*) as holdings from rpt_holdings "
        "where tenant_id = %s and vehicle_id = %s group by 1, 2 order by 1, 2",
        (tenant_id, vehicle_id),
    )


def page(
    reader: Reader,
    tenant_id: int,
    vehicle_id: str,
    sector: str | None,
    status: str | None,
    sort: str,
    limit: int | None,
    offset: int,
) -> list[Row]:
    """One page of the matching holdings, gross; `limit` None is all of them. `sort` is a key of SORTS."""
    return reader.rows(
        f"""
        select h.holding_id, h.name, h.sector, h.country_code, h.invested_on, h.status, h.as_of,
               h.invested_amount, h.proceeds_amount, h.nav_amount, h.nav_status, h.moic, h.irr, h.irr_status,
               p.is_annualized, p.period_return, h.currency_code
        {_MATCHING}
         order by {SORTS[sort]}
         limit %(limit)s offset %(offset)s
        """,
        {
            "tenant_id": tenant_id,
            "vehicle_id": vehicle_id,
            "sector": sector,
            "status": status,
            "limit": limit,
            "offset": offset,
        },
    )


def concentration(reader: Reader, tenant_id: int, vehicle_id: str) -> list[Row]:
    """Weights of the largest holdings and loss ratios, quarter ends and the latest date, oldest first."""
    return reader.rows(
        """
        select as_of, is_latest, holdings, holdings_held, invested_amount, holdings_nav_amount, nav_amount,
               loss_ratio_cost, loss_ratio_loss, loss_ratio_count, loss_status, invested_share,
               top_1_share, top_5_share, top_10_share, hhi, effective_holdings, concentration_status,
               currency_code
          from rpt_concentration
         where tenant_id = %s and vehicle_id = %s and (is_quarter_end or is_latest)
         order by as_of
        """,
        (tenant_id, vehicle_id),
    )
