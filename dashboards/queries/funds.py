"""A manager's vehicles: performance over all investors, the investors, the cash and the holdings."""

from typing import Any

from warehouse.sessions import Reader

Row = dict[str, Any]


def latest(reader: Reader, tenant_id: int) -> list[Row]:
    """Every vehicle at its latest date, oldest vintage first, in its own currency."""
    return reader.rows(
        """
        select vehicle_id, vehicle_name, vehicle_kind, vintage_year, strategy, as_of, investors,
        commitment_amount,
               contributed_amount, distributed_amount, recallable_amount, nav_amount, nav_as_of, nav_status,
               nav_age_days,
               unfunded_amount, unfunded_status,
               dpi, rvpi, tvpi, pic, irr, irr_status, irr_roots, is_annualized,
               period_return, ks_pme,
               direct_alpha, pme_status, gross_irr, gross_irr_status, gross_moic, has_facility,
               irr_without_facility, irr_without_facility_status, tvpi_without_facility, dpi_netted,
               tvpi_netted, total_exposure_amount, currency_code, fx_status, fx_reason
          from fct_vehicle_performance
         where tenant_id = %s and is_latest
         order by vintage_year nulls last, vehicle_name, vehicle_id
        """,
        (tenant_id,),
    )


def history(reader: Reader, tenant_id: int, vehicle_id: str) -> list[Row]:
    """One vehicle at each quarter end and at the latest date, oldest first."""
    return reader.rows(
        """
        select as_of, contributed_amount, distributed_amount, nav_amount, nav_status, dpi, rvpi, tvpi, irr,
        irr_status,
               currency_code
          from fct_vehicle_performance
         where tenant_id = %s and vehicle_id = %s and (is_quarter_end or is_latest)
         order by as_of
        """,
        (tenant_id, vehicle_id),
    )


def investors(reader: Reader, tenant_id: int, vehicle_id: str) -> list[Row]:
    """The investors of one vehicle at the latest date, the largest commitment first."""
    return reader.rows(
        """
        select p.investor_id, i.name, i.firm, i.kind, p.as_of, p.commitment_amount, p.contributed_amount,
        p.distributed_amount,
               p.nav_amount, p.nav_status, p.nav_age_days, p.nav_as_of, p.unfunded_amount, p.unfunded_status,
               p.dpi, p.rvpi,
               p.tvpi, p.irr,
               p.irr_status, p.is_annualized, p.period_return, p.has_facility, p.irr_without_facility,
               p.irr_without_facility_status, p.tvpi_without_facility, p.dpi_netted, p.tvpi_netted,
               p.total_exposure_amount, p.currency_code, p.fx_status, p.fx_reason
          from fct_investor_performance p
          left join dim_investor i on i.tenant_id = p.tenant_id and i.investor_id = p.investor_id
         where p.tenant_id = %s and p.vehicle_id = %s and p.is_latest
         order by p.commitment_amount desc nulls last, i.name, p.investor_id
        """,
        (tenant_id, vehicle_id),
    )


def cash_by_quarter(reader: Reader, tenant_id: int, vehicle_id: str) -> list[Row]:
    """Calls and distributions of one vehicle per quarter that had any, oldest first; both positive."""
    return reader.rows(
        """
        select (date_trunc('quarter', effective_on) + interval '3 months - 1 day')::date as quarter,
               -sum(amount) filter (where amount < 0) as contributions_amount,
               sum(amount) filter (where amount > 0) as distributions_amount,
               min(currency_code) as currency_code
          from fct_cash_flows
         where tenant_id = %s and vehicle_id = %s and is_performance_flow
         group by 1
         order by 1
        """,
        (tenant_id, vehicle_id),
    )


def j_curve(reader: Reader, tenant_id: int, vehicle_id: str) -> list[Row]:
    """Net cash of all investors with its trough and break-even, at each quarter end and the latest date."""
    return reader.rows(
        """
        select j.as_of, j.is_latest, j.first_flow_on, j.age_years, j.commitment_amount, j.net_cash_amount,
               j.trough_amount, j.trough_on, j.trough_pct, j.break_even_on, p.nav_amount, p.nav_status,
               j.irr, j.irr_status, j.is_annualized, j.currency_code
          from fct_j_curve j
          join fct_vehicle_performance p
            on p.tenant_id = j.tenant_id and p.vehicle_id = j.vehicle_id and p.as_of = j.as_of
         where j.tenant_id = %s and j.vehicle_id = %s and (j.is_quarter_end or j.is_latest)
         order by j.as_of
        """,
        (tenant_id, vehicle_id),
    )


def projection(reader: Reader, tenant_id: int, vehicle_id: str) -> list[Row]:
    """What a fund is projected to call, pay out and be worth; year 0 is the latest date as it is."""
    return reader.rows(
        """
        select year, year_ends_on, as_of, projected_contribution_amount, projected_distribution_amount,
               projected_nav_amount, projected_unfunded_amount, projected_net_amount, pacing_status,
               currency_code
          from rpt_pacing
         where tenant_id = %s and vehicle_id = %s
         order by year
        """,
        (tenant_id, vehicle_id),
    )
