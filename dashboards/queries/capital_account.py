"""The capital account: how each closing balance follows from its opening one, and what changed the value."""

from datetime import date
from typing import Any

from warehouse.sessions import Reader

Row = dict[str, Any]


def accounts(reader: Reader, tenant_id: int, investor_id: str) -> list[Row]:
    """The vehicles in which an investor has a capital account, by name."""
    return reader.rows(
        """
        select vehicle_id, min(vehicle_name) as vehicle_name, min(currency_code) as currency_code,
               max(quarter) as latest_quarter
          from fct_capital_account
         where tenant_id = %s and investor_id = %s
         group by vehicle_id
         order by 2, 1
        """,
        (tenant_id, investor_id),
    )


def roll_forward(reader: Reader, tenant_id: int, investor_id: str, vehicle_id: str) -> list[Row]:
    """Every quarter of one account, newest first: opening + contributions - distributions - fees + gain =
    closing."""
    return reader.rows(
        """
        select quarter, opening_amount, contributions_amount, distributions_amount, fees_amount, gain_amount,
               closing_amount, ytd_opening_amount, ytd_contributions_amount, ytd_distributions_amount,
               ytd_fees_amount, ytd_gain_amount, itd_opening_amount, itd_contributions_amount,
               itd_distributions_amount, itd_fees_amount, itd_gain_amount, nav_status, is_complete,
               closing_on, currency_code
          from fct_capital_account
         where tenant_id = %s and investor_id = %s and vehicle_id = %s
         order by quarter desc
        """,
        (tenant_id, investor_id, vehicle_id),
    )


def bridges(
    reader: Reader, tenant_id: int, investor_id: str | None, vehicle_id: str, quarter: date
) -> list[Row]:
    """What changed the value in a quarter, in the vehicle's currency first and in the tenant's.

    Args:
        investor_id: whose account; None is the vehicle.
    """
    return reader.rows(
        """
        select currency_code, currency_basis, opening_on, closing_on, is_complete, opening_amount,
               late_corrections_amount, method_amount, contributions_amount, distributions_amount,
               fees_amount, fx_amount, gain_amount, closing_amount, opening_published_at, opening_nav_status,
               closing_nav_status, fx_status, fx_reason
          from rpt_value_bridge
         where tenant_id = %s and investor_id is not distinct from %s and vehicle_id = %s and quarter = %s
         order by currency_basis desc
        """,
        (tenant_id, investor_id, vehicle_id, quarter),
    )
