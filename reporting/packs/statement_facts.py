"""What a quarterly statement states, read from marts in the recipient's own session.

Values only, each as a mart has it: nothing is computed here. Wording is in `statement_view.py`.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from reporting.errors import NothingToReport
from reporting.packs.periods import Quarter
from warehouse.sessions import Reader

Row = dict[str, Any]
SPANS = {"quarter": "", "year": "ytd_", "inception": "itd_"}
"""What an account is stated over, and how the columns of the mart begin."""
_PARTS = ("opening_amount", "contributions_amount", "distributions_amount", "fees_amount", "gain_amount")


@dataclass(frozen=True)
class Account:
    """One vehicle's capital account: opening, contributions … closing for each of SPANS; None is unknown."""

    vehicle_id: str
    vehicle_name: str
    currency_code: str
    nav_status: str | None
    spans: dict[str, dict[str, Decimal | None]]


@dataclass(frozen=True)
class StatementFacts:
    """Everything one investor's statement of a quarter says."""

    quarter: Quarter
    investor: Row
    totals: Row
    """The row of `rpt_investor_portfolio` at the quarter's end, in the tenant's currency."""
    vehicles: list[Row]
    """Rows of `fct_investor_performance` at the quarter's end, in each vehicle's currency."""
    accounts: list[Account]
    transactions: list[Row]
    history: list[Row]
    """Rows of `rpt_investor_portfolio` at all quarter ends so far, oldest first."""


def read_statement(reader: Reader, investor_id: str, quarter: Quarter) -> StatementFacts:
    """The facts of this investor's statement. Raises NothingToReport with the reason where there is none."""
    place = {"tenant": reader.viewer.tenant_id, "investor": investor_id, "ends": quarter.last_day}
    investor = reader.one(
        "select investor_id, name, firm from dim_investor "
        "where tenant_id = %(tenant)s and investor_id = %(investor)s",
        place,
    )
    history = reader.rows(
        """
        select as_of, is_latest, currency_code, vehicles, commitment_amount, contributed_amount,
               distributed_amount, nav_amount, unfunded_amount, unfunded_status,
               dpi, rvpi, tvpi, irr, irr_status,
               is_annualized, has_facility, irr_without_facility, irr_without_facility_status,
               tvpi_without_facility, fx_status, fx_reason
          from rpt_investor_portfolio
         where tenant_id = %(tenant)s and investor_id = %(investor)s
           and (is_quarter_end or is_latest)
         order by as_of
        """,
        place,
    )
    at_end = [row for row in history if row["as_of"] == quarter.last_day]
    if investor is None or not at_end:
        raise NothingToReport(_why_nothing(investor_id, quarter, [row["as_of"] for row in history]))
    vehicles = _vehicles(reader, place)
    return StatementFacts(
        quarter=quarter,
        investor=investor,
        totals=at_end[0],
        vehicles=vehicles,
        accounts=_accounts(reader, place, [row["vehicle_id"] for row in vehicles]),
        transactions=_transactions(reader, place, quarter),
        history=[row for row in history if row["as_of"] <= quarter.last_day],
    )


def _why_nothing(investor_id: str, quarter: Quarter, known: list[date]) -> str:
    if not known:
        return (
            f"nothing is recorded for investor {investor_id!r}, so there is no statement for {quarter.name}"
        )
    if max(known) < quarter.last_day:
        return (
            f"{quarter.name} is not complete for investor {investor_id!r}: its newest data is of "
            f"{max(known):%Y-%m-%d}. Load the quarter and run `capstan refresh`; the statement then follows"
        )
    return (
        f"investor {investor_id!r} had nothing on {quarter.last_day:%Y-%m-%d}, before {min(known):%Y-%m-%d}"
    )


def _vehicles(reader: Reader, place: Row) -> list[Row]:
    return reader.rows(
        """
        select vehicle_id, vehicle_name, vehicle_kind, vintage_year, strategy, currency_code,
               commitment_amount, contributed_amount, distributed_amount, recallable_amount, nav_amount,
               nav_as_of, nav_status, nav_age_days, unfunded_amount, unfunded_status,
               dpi, rvpi, tvpi, pic, irr, irr_status,
               is_annualized, has_facility, irr_without_facility, irr_without_facility_status,
               tvpi_without_facility, period_return, ks_pme, pme_status, fx_status, fx_reason
          from fct_investor_performance
         where tenant_id = %(tenant)s and investor_id = %(investor)s and as_of = %(ends)s
         order by vintage_year nulls last, vehicle_name, vehicle_id
        """,
        place,
    )


def _accounts(reader: Reader, place: Row, order: list[str]) -> list[Account]:
    rows = reader.rows(
        """
        select vehicle_id, vehicle_name, currency_code, nav_status, opening_amount, contributions_amount,
               distributions_amount, fees_amount, gain_amount, ytd_opening_amount, ytd_contributions_amount,
               ytd_distributions_amount, ytd_fees_amount, ytd_gain_amount, itd_opening_amount,
               itd_contributions_amount, itd_distributions_amount, itd_fees_amount, itd_gain_amount,
               closing_amount
          from fct_capital_account
         where tenant_id = %(tenant)s and investor_id = %(investor)s and quarter = %(ends)s
         order by vehicle_id
        """,
        place,
    )
    accounts = [
        Account(
            vehicle_id=row["vehicle_id"],
            vehicle_name=row["vehicle_name"],
            currency_code=row["currency_code"],
            nav_status=row["nav_status"],
            spans={
                span: {
                    **{part: row[f"{prefix}{part}"] for part in _PARTS},
                    "closing_amount": row["closing_amount"],
                }
                for span, prefix in SPANS.items()
            },
        )
        for row in rows
    ]
    return sorted(accounts, key=lambda one: order.index(one.vehicle_id) if one.vehicle_id in order else 0)


def _transactions(reader: Reader, place: Row, quarter: Quarter) -> list[Row]:
    return reader.rows(
        """
        select effective_on, vehicle_name, kind, purpose, is_recallable, is_within_commitment, description,
               amount, currency_code
          from fct_cash_flows
         where tenant_id = %(tenant)s and investor_id = %(investor)s
           and effective_on between %(begins)s and %(ends)s
         order by effective_on, vehicle_name, transaction_id
        """,
        {**place, "begins": quarter.first_day},
    )
