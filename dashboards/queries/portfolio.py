"""An investor's whole portfolio: totals in the tenant's currency, their history, and each commitment."""

from typing import Any

from warehouse.sessions import Reader

Row = dict[str, Any]
COMMITMENT_SORTS = {
    "Oldest vintage": "vintage_year nulls last, vehicle_name, vehicle_id",
    "Newest vintage": "vintage_year desc nulls last, vehicle_name, vehicle_id",
    "Highest TVPI": "tvpi desc nulls last, vehicle_name, vehicle_id",
    "Highest IRR": "irr desc nulls last, vehicle_name, vehicle_id",
    "Name": "vehicle_name, vehicle_id",
}


def investors(reader: Reader, tenant_id: int) -> list[Row]:
    """The investors that this viewer may see, by name."""
    return reader.rows(
        "select investor_id, name, firm from dim_investor where tenant_id = %s order by name, investor_id",
        (tenant_id,),
    )


def totals(reader: Reader, tenant_id: int, investor_id: str) -> Row | None:
    """The latest totals over all commitments of an investor, in the tenant's currency."""
    return reader.one(
        """
        select as_of, currency_code, vehicles, commitment_amount, contributed_amount, distributed_amount,
        nav_amount,
               unfunded_amount, unfunded_status,
               dpi, rvpi, tvpi, irr, irr_status, is_annualized,
               has_facility, irr_without_facility, irr_without_facility_status, tvpi_without_facility,
               fx_status, fx_reason
          from rpt_investor_portfolio
         where tenant_id = %s and investor_id = %s and is_latest
        """,
        (tenant_id, investor_id),
    )


def history(reader: Reader, tenant_id: int, investor_id: str) -> list[Row]:
    """The totals at each quarter end and at the latest date, oldest first."""
    return reader.rows(
        """
        select as_of, contributed_amount, distributed_amount, nav_amount, dpi, rvpi, tvpi, irr, irr_status,
        currency_code
          from rpt_investor_portfolio
         where tenant_id = %s and investor_id = %s and (is_quarter_end or is_latest)
         order by as_of
        """,
        (tenant_id, investor_id),
    )


def commitments(reader: Reader, tenant_id: int, investor_id: str, sort: str = "Oldest vintage") -> list[Row]:
    """Each commitment of an investor at its latest date, in the vehicle's own currency.

    `sort` is a key of COMMITMENT_SORTS.
    """
    return reader.rows(
        f"""
        select vehicle_id, vehicle_name, vehicle_kind, vintage_year, strategy, as_of, commitment_amount,
               contributed_amount, distributed_amount, recallable_amount, nav_amount, nav_as_of, nav_status,
               nav_age_days,
               unfunded_amount, unfunded_status,
               dpi, rvpi, tvpi, pic, irr, irr_status, irr_roots, is_annualized,
               period_return, ks_pme,
               direct_alpha, pme_status, has_facility, irr_without_facility, irr_without_facility_status,
               tvpi_without_facility, dpi_netted, tvpi_netted, total_exposure_amount, currency_code
          from fct_investor_performance
         where tenant_id = %s and investor_id = %s and is_latest
         order by {COMMITMENT_SORTS[sort]}
        """,
        (tenant_id, investor_id),
    )


def commitment_history(reader: Reader, tenant_id: int, investor_id: str, vehicle_id: str) -> list[Row]:
    """One commitment at each quarter end and at the latest date, oldest first, in the vehicle's currency."""
    return reader.rows(
        """
        select as_of, contributed_amount, distributed_amount, nav_amount, nav_status, dpi, rvpi, tvpi, irr,
        irr_status,
               currency_code
          from fct_investor_performance
         where tenant_id = %s and investor_id = %s and vehicle_id = %s and (is_quarter_end or is_latest)
         order by as_of
        """,
        (tenant_id, investor_id, vehicle_id),
    )
