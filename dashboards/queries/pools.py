"""Vehicles taken together: by vintage, strategy, currency and peers, and their holdings by sector."""

from typing import Any

from warehouse.sessions import Reader

Row = dict[str, Any]
SORTS = {
    "Name": "pool_value nulls last, pool_id",
    "Largest paid in": "contributed_amount desc nulls last, pool_value, pool_id",
    "Highest IRR": "irr desc nulls last, pool_value, pool_id",
    "Highest TVPI": "tvpi desc nulls last, pool_value, pool_id",
}


def counts(reader: Reader, tenant_id: int) -> dict[str, int]:
    """How many pools of each kind there are at the latest date."""
    rows = reader.rows(
        "select pool_by, count(*) as pools from fct_pooled_performance where tenant_id = %s and is_latest "
        "group by 1",
        (tenant_id,),
    )
    return {row["pool_by"]: row["pools"] for row in rows}


def currencies_told(reader: Reader, tenant_id: int) -> list[str]:
    """Currencies in which all vehicles are told, together and one by one: those that somebody chose."""
    rows = reader.rows(
        """
        select currency_code
          from fct_pooled_performance
         where tenant_id = %(tenant)s and is_latest
           and (pool_by in ('told_in', 'vehicle')
                or pool_by = 'all' and not exists (
                    select from fct_vehicle_performance v
                     where v.tenant_id = %(tenant)s
                       and v.currency_code <> fct_pooled_performance.currency_code))
         group by 1
         order by 1
        """,
        {"tenant": tenant_id},
    )
    return [row["currency_code"] for row in rows]


def currencies_of_vehicle(reader: Reader, tenant_id: int, vehicle_id: str) -> list[str]:
    """Currencies beside its own that one vehicle is told in."""
    rows = reader.rows(
        "select currency_code from fct_pooled_performance where tenant_id = %s and is_latest "
        "and pool_by = 'vehicle' and pool_value = %s || ' / ' || currency_code order by 1",
        (tenant_id, vehicle_id),
    )
    return [row["currency_code"] for row in rows]


_LATEST = """
        select pool_id, pool_by, pool_value, as_of, vehicles, commitment_amount, contributed_amount,
               distributed_amount, nav_amount, nav_status, unfunded_amount, unfunded_status, dpi, rvpi, tvpi,
               pic, irr, irr_status, is_annualized, period_return, has_facility,
               irr_without_facility, irr_without_facility_status, tvpi_without_facility,
               members_with_irr, mean_irr, median_irr,
               mean_tvpi, median_tvpi, quartile_status, irr_p25, irr_p50, irr_p75, tvpi_p25, tvpi_p50,
               tvpi_p75, dpi_p25, dpi_p50, dpi_p75, holdings, invested_amount, proceeds_amount,
               holdings_nav_amount, gross_irr, gross_irr_status, gross_moic, currency_code, fx_status,
               fx_reason
          from fct_pooled_performance"""


def one(reader: Reader, tenant_id: int, pool_id: str) -> Row | None:
    """One pool at the latest date."""
    return reader.one(f"{_LATEST} where tenant_id = %s and is_latest and pool_id = %s", (tenant_id, pool_id))


def latest(reader: Reader, tenant_id: int, pool_by: str, sort: str) -> list[Row]:
    """The pools of one kind at the latest date; `sort` is a key of SORTS."""
    return reader.rows(
        f"""{_LATEST}
         where tenant_id = %s and is_latest and pool_by = %s
         order by {SORTS[sort]}
        """,
        (tenant_id, pool_by),
    )


def history(reader: Reader, tenant_id: int, pool_id: str) -> list[Row]:
    """One pool at each quarter end and at the latest date, oldest first."""
    return reader.rows(
        """
        select as_of, contributed_amount, distributed_amount, nav_amount, nav_status, dpi, rvpi, tvpi, irr,
               irr_status, currency_code
          from fct_pooled_performance
         where tenant_id = %s and pool_id = %s and (is_quarter_end or is_latest)
         order by as_of
        """,
        (tenant_id, pool_id),
    )
