"""An investor's whole portfolio: totals in a currency of their choice, their history, and each commitment."""

from datetime import date
from typing import Any

from warehouse.sessions import Reader

Row = dict[str, Any]


def investors(reader: Reader, tenant_id: int) -> list[Row]:
    """The investors that this viewer may see, by name."""
    return reader.rows(
        "select investor_id, name, firm from dim_investor where tenant_id = %s order by name, investor_id",
        (tenant_id,),
    )


def currencies(reader: Reader, tenant_id: int, investor_id: str) -> list[Row]:
    """What an investor's portfolio is told in: the tenant's currency first, the others by code."""
    return reader.rows(
        """
        select c.currency_code
          from rpt_portfolio_in_currency c
          left join rpt_investor_portfolio p
            on p.tenant_id = c.tenant_id and p.investor_id = c.investor_id and p.as_of = c.as_of
               and p.currency_code = c.currency_code
         where c.tenant_id = %s and c.investor_id = %s and c.is_latest
         order by p.currency_code is null, c.currency_code
        """,
        (tenant_id, investor_id),
    )


def rates(reader: Reader, tenant_id: int, investor_id: str, currency: str, as_of: date) -> list[Row]:
    """The platform's quotes by which values of a date are told in a currency, each with its file and row."""
    return reader.rows(
        """
        select distinct from_currency_code, base_currency_code, quote_currency_code, quoted_on, rate, source,
               source_file, source_row
          from fct_rates_used
         where tenant_id = %s and investor_id = %s and to_currency_code = %s and on_date = %s
           and from_currency_code in (select currency_code from fct_investor_performance
                                       where tenant_id = %s and investor_id = %s and is_latest)
         order by from_currency_code, quote_currency_code
        """,
        (tenant_id, investor_id, currency, as_of, tenant_id, investor_id),
    )


def totals(reader: Reader, tenant_id: int, investor_id: str, currency: str) -> Row | None:
    """The latest totals over all commitments of an investor, told in a currency."""
    return reader.one(
        """
        select as_of, currency_code, vehicles, commitment_amount, contributed_amount, distributed_amount,
        nav_amount,
               unfunded_amount, unfunded_status,
               dpi, rvpi, tvpi, irr, irr_status, is_annualized,
               has_facility, irr_without_facility, irr_without_facility_status, tvpi_without_facility,
               fx_status, fx_reason
          from rpt_portfolio_in_currency
         where tenant_id = %s and investor_id = %s and currency_code = %s and is_latest
        """,
        (tenant_id, investor_id, currency),
    )


def history(reader: Reader, tenant_id: int, investor_id: str, currency: str) -> list[Row]:
    """The totals, told in a currency, at each quarter end and at the latest date, oldest first."""
    return reader.rows(
        """
        select as_of, contributed_amount, distributed_amount, nav_amount, dpi, rvpi, tvpi, irr, irr_status,
        currency_code
          from rpt_portfolio_in_currency
         where tenant_id = %s and investor_id = %s and currency_code = %s and (is_quarter_end or is_latest)
         order by as_of
        """,
        (tenant_id, investor_id, currency),
    )


def constant_currency(reader: Reader, tenant_id: int, investor_id: str, currency: str) -> list[Row]:
    """The totals at the exchange rates of one day, told in a currency, oldest first."""
    return reader.rows(
        """
        select as_of, is_latest, rate_on, has_foreign_amounts, contributed_amount, distributed_amount,
               nav_amount, dpi, tvpi, irr, irr_status, is_annualized, has_facility, irr_without_facility,
               irr_without_facility_status, tvpi_without_facility, currency_code, fx_status, fx_reason
          from rpt_portfolio_constant_currency
         where tenant_id = %s and investor_id = %s and currency_code = %s and (is_quarter_end or is_latest)
         order by as_of
        """,
        (tenant_id, investor_id, currency),
    )


def commitments(reader: Reader, tenant_id: int, investor_id: str) -> list[Row]:
    """Each commitment of an investor at its latest date, in its own currency; oldest vintage first."""
    return reader.rows(
        """
        select vehicle_id, vehicle_name, vehicle_kind, vintage_year, strategy, as_of, commitment_amount,
               contributed_amount, distributed_amount, recallable_amount, nav_amount, nav_as_of, nav_status,
               nav_age_days,
               unfunded_amount, unfunded_status,
               dpi, rvpi, tvpi, pic, irr, irr_status, irr_roots, is_annualized,
               period_return, ks_pme,
               direct_alpha, pme_status, has_facility, irr_without_facility, irr_without_facility_status,
               tvpi_without_facility, dpi_netted, tvpi_netted, total_exposure_amount, currency_code,
               fx_status, fx_reason
          from fct_investor_performance
         where tenant_id = %s and investor_id = %s and is_latest
         order by vintage_year nulls last, vehicle_name, vehicle_id
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
