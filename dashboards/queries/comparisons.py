"""Returns against the public market and what the returns of one vehicle look like under other conventions."""

from typing import Any

from warehouse.sessions import Reader

Row = dict[str, Any]
_METHODS = """
       b.benchmark_code, b.irr, b.irr_status, b.is_annualized, b.ks_pme, b.direct_alpha, b.pme_status,
       b.ln_pme, b.ln_pme_status, b.ln_pme_spread, b.pme_plus, b.pme_plus_status, b.pme_plus_spread,
       b.pme_plus_scale, b.mpme, b.mpme_status, b.mpme_spread, b.mpme_nav_age_days
"""


def of_investor(reader: Reader, tenant_id: int, investor_id: str) -> list[Row]:
    """Each commitment of an investor against its index at the latest date, oldest vintage first."""
    return reader.rows(
        f"""
        select b.vehicle_id, b.vehicle_name, p.vintage_year, b.as_of, {_METHODS}
          from fct_investor_benchmarks b
          join fct_investor_performance p
            on p.tenant_id = b.tenant_id and p.vehicle_id = b.vehicle_id
           and p.investor_id = b.investor_id and p.as_of = b.as_of
         where b.tenant_id = %s and b.investor_id = %s and b.is_latest
         order by p.vintage_year nulls last, b.vehicle_name, b.vehicle_id
        """,
        (tenant_id, investor_id),
    )


def of_vehicle(reader: Reader, tenant_id: int, vehicle_id: str) -> Row | None:
    """A vehicle over all its investors against its index at the latest date."""
    return reader.one(
        f"""
        select b.vehicle_id, b.vehicle_name, b.as_of, {_METHODS}
          from fct_vehicle_benchmarks b
         where b.tenant_id = %s and b.vehicle_id = %s and b.is_latest
        """,
        (tenant_id, vehicle_id),
    )


def of_vehicle_over_time(reader: Reader, tenant_id: int, vehicle_id: str) -> list[Row]:
    """The same at each quarter end and at the latest date, oldest first: for the download."""
    return reader.rows(
        f"""
        select b.as_of, {_METHODS}
          from fct_vehicle_benchmarks b
         where b.tenant_id = %s and b.vehicle_id = %s and (b.is_quarter_end or b.is_latest)
         order by b.as_of
        """,
        (tenant_id, vehicle_id),
    )
