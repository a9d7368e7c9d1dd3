"""A fund's books: accounts of its limited partners, its general partner and both, fees and carried interest
by the terms, who holds a part, and rows of the sources that belong to nobody."""

from datetime import date
from typing import Any

from warehouse.sessions import Reader

Row = dict[str, Any]
PARTIES = {"total": "Whole fund", "lps": "Limited partners", "gp": "General partner"}
QUARTER_SORTS = {
    "Newest first": "quarter desc, party",
    "Oldest first": "quarter, party",
    "Largest gain": "gain_amount desc nulls last, quarter desc, party",
    "Largest loss": "gain_amount nulls last, quarter desc, party",
}
FEE_SORTS = {
    "Newest first": "as_of desc",
    "Oldest first": "as_of",
    "Most carry accrued": "carry_accrued_amount desc nulls last, as_of desc",
}


def vehicles(reader: Reader, tenant_id: int) -> list[Row]:
    """Vehicles with an account or with terms, by name."""
    return reader.rows(
        """
        select vehicle_id, max(vehicle_name) as vehicle_name, max(currency_code) as currency_code
          from (select vehicle_id, vehicle_name, currency_code from fct_vehicle_capital_account
                 where tenant_id = %(tenant)s
                 union all
                select vehicle_id, vehicle_name, currency_code from rpt_fee_accruals
                 where tenant_id = %(tenant)s) as known
         group by vehicle_id order by 2, 1
        """,
        {"tenant": tenant_id},
    )


def accounts(reader: Reader, tenant_id: int, vehicle_id: str, quarter: date) -> list[Row]:
    """The account of each party in one quarter: limited partners, general partner, both."""
    return reader.rows(
        """
        select * from fct_vehicle_capital_account
         where tenant_id = %s and vehicle_id = %s and quarter = %s
         order by array_position(array['lps', 'gp', 'total'], party)
        """,
        (tenant_id, vehicle_id, quarter),
    )


def quarters(reader: Reader, tenant_id: int, vehicle_id: str) -> list[Row]:
    """The quarters that there is an account of, newest first."""
    return reader.rows(
        """
        select distinct quarter, closing_on, is_complete from fct_vehicle_capital_account
         where tenant_id = %s and vehicle_id = %s order by quarter desc
        """,
        (tenant_id, vehicle_id),
    )


def roll_forward(reader: Reader, tenant_id: int, vehicle_id: str, party: str, sort: str) -> list[Row]:
    """Every quarter of one party; `sort` is a key of QUARTER_SORTS."""
    return reader.rows(
        f"""
        select * from fct_vehicle_capital_account
         where tenant_id = %s and vehicle_id = %s and party = %s order by {QUARTER_SORTS[sort]}
        """,
        (tenant_id, vehicle_id, party),
    )


def accruals(reader: Reader, tenant_id: int, vehicle_id: str, sort: str) -> list[Row]:
    """Fee and carried interest by the terms at each date; `sort` is a key of FEE_SORTS."""
    return reader.rows(
        f"""
        select * from rpt_fee_accruals where tenant_id = %s and vehicle_id = %s order by {FEE_SORTS[sort]}
        """,
        (tenant_id, vehicle_id),
    )


def holders(reader: Reader, tenant_id: int, vehicle_id: str) -> list[Row]:
    """Who holds a part of a vehicle, by name; the general partner last."""
    return reader.rows(
        """
        select a.investor_id, coalesce(max(i.name), a.investor_id) as name,
               bool_or(a.is_general_partner) as is_gp
          from fct_capital_account as a
          left join dim_investor as i on i.tenant_id = a.tenant_id and i.investor_id = a.investor_id
         where a.tenant_id = %s and a.vehicle_id = %s
         group by a.investor_id order by 3, 2, 1
        """,
        (tenant_id, vehicle_id),
    )


def unassigned(reader: Reader, tenant_id: int, vehicle_id: str | None) -> list[Row]:
    """Rows of the sources that belong to a fund and to no investor of it; all funds without a vehicle."""
    return reader.rows(
        """
        select * from rpt_unassigned_amounts
         where tenant_id = %(tenant)s and (%(vehicle)s::text is null or vehicle_id = %(vehicle)s)
         order by vehicle_name, effective_on desc, stream, row_key
        """,
        {"tenant": tenant_id, "vehicle": vehicle_id},
    )
