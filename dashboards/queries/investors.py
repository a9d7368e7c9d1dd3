"""A manager's investors: each with totals over all vehicles in the tenant's currency."""

from typing import Any

from warehouse.sessions import Reader

Row = dict[str, Any]


def register(reader: Reader, tenant_id: int) -> list[Row]:
    """Every investor at the latest date, the largest commitment first."""
    return reader.rows(
        """
        select p.investor_id, i.name, i.firm, i.kind, p.as_of, p.currency_code,
               p.vehicles, p.commitment_amount,
               p.contributed_amount, p.distributed_amount, p.nav_amount, p.unfunded_amount, p.unfunded_status,
               p.dpi, p.rvpi,
               p.tvpi, p.irr,
               p.irr_status, p.is_annualized, p.has_facility, p.irr_without_facility,
               p.irr_without_facility_status, p.tvpi_without_facility, p.fx_status, p.fx_reason
          from rpt_investor_portfolio p
          left join dim_investor i on i.tenant_id = p.tenant_id and i.investor_id = p.investor_id
         where p.tenant_id = %s and p.is_latest
         order by p.commitment_amount desc nulls last, i.name, p.investor_id
        """,
        (tenant_id,),
    )
