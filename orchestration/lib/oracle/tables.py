"""What every mart with numbers should hold of a tenant, computed from its rows."""

from orchestration.lib.oracle.answers import Computed
from orchestration.lib.oracle.capital_accounts import capital_account_tables
from orchestration.lib.oracle.constant_currency import constant_currency_tables
from orchestration.lib.oracle.ilpa_accounts import ilpa_account_tables
from orchestration.lib.oracle.ilpa_calculations import calculation_table
from orchestration.lib.oracle.ilpa_cash import capital_call_table, cash_flow_table, counted
from orchestration.lib.oracle.ilpa_investments import investment_table
from orchestration.lib.oracle.ilpa_performance import fund_performance_table
from orchestration.lib.oracle.ilpa_stated import fund
from orchestration.lib.oracle.performance_rows import performance_tables
from orchestration.lib.oracle.questions import Table
from orchestration.lib.oracle.round_rows import round_tables
from orchestration.lib.oracle.value_bridge import value_bridge_table


def tables(found: Computed) -> list[Table]:
    """One a mart."""
    ledger = found.ledger
    funds = [fund(ledger, vehicle, found.now) for vehicle in ledger.book.vehicles.values()]
    measured = [(one, counted(ledger, one)) for one in funds if one.has_allocations and one.period_ends]
    accounts = list(ilpa_account_tables(ledger, funds))
    return [
        *performance_tables(found),
        *constant_currency_tables(found),
        *capital_account_tables(found),
        value_bridge_table(found),
        *round_tables(ledger),
        *accounts,
        calculation_table(found, funds, accounts[1]),
        capital_call_table(ledger, funds),
        cash_flow_table(measured),
        fund_performance_table(ledger, measured),
        investment_table(found, [one for one, _ in measured]),
    ]
