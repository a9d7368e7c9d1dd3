"""The capital account: how each quarter's closing balance follows from its opening one."""

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
               closing_amount, nav_status, currency_code
          from fct_capital_account
         where tenant_id = %s and investor_id = %s and vehicle_id = %s
         order by quarter desc
        """,
        (tenant_id, investor_id, vehicle_id),
    )
