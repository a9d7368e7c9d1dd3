"""ILPA's Performance Template: net and gross, with and without the line, by both methods (METRICS 9.2)."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from orchestration.lib.oracle.capital_accounts import quarter_of
from orchestration.lib.oracle.ilpa_accounts import carry_balance, worth
from orchestration.lib.oracle.ilpa_cash import METHODS, Counted
from orchestration.lib.oracle.ilpa_stated import Fund, Holder
from orchestration.lib.oracle.ilpa_template import MOVING
from orchestration.lib.oracle.questions import Row, Table, ratio, table
from orchestration.lib.oracle.rate_of_return import Rate, rate_of_return
from orchestration.lib.oracle.standing import Ledger, Money, total

_BASES = ("net_with_facility", "net_without_facility", "gross_with_facility", "gross_without_facility")
_OF_LINE = {"net_with_facility", "net_without_facility"}


def fund_performance_table(ledger: Ledger, measured: list[tuple[Fund, list[Counted]]]) -> Table:
    """Every fund with its flows as both methods count them, for every reader."""
    return table(
        "rpt_ilpa_fund_performance",
        ("vehicle_id", "investor_id", "period_end", "method", "basis"),
        ("nav_amount", "irr", "irr_status", "multiple"),
        (row for one, flows in measured for row in _fund_rows(ledger, one, flows)),
    )


def _fund_rows(ledger: Ledger, one: Fund, flows: list[Counted]) -> Iterator[Row]:
    for end in one.period_ends:
        until = [flow for flow in flows if flow.on <= end]
        is_line_known = any(len(flow.bases & _OF_LINE) == 1 for flow in until)
        net, gross = _left_over(ledger, one, end)
        for method in METHODS:
            for basis in _BASES:
                mine = [flow for flow in until if flow.method == method and basis in flow.bases]
                nav = net if basis.startswith("net") else gross
                rate, multiple = _figures(mine, nav, end)
                status = "missing_nav" if nav is None else rate.status if rate else "missing_rate"
                if not is_line_known and basis.endswith("without_facility"):
                    rate, multiple, status = None, None, "no_facility_flows"
                for holder in one.holders:
                    yield {
                        "vehicle_id": one.vehicle.vehicle_id,
                        "investor_id": holder.investor_id,
                        "period_end": end,
                        "method": method,
                        "basis": basis,
                        "nav_amount": nav,
                        "irr": rate.value if rate else None,
                        "irr_status": status,
                        "multiple": multiple,
                    }


def _left_over(ledger: Ledger, one: Fund, end: date) -> tuple[Money, Money]:
    """What unaffiliated investors hold, net and gross of carried interest."""
    measured = [holder for holder in one.holders if not holder.is_affiliated]
    if not measured:
        return None, None
    net = total(_ending(ledger, one, holder, end) for holder in measured)
    carry = total(carry_balance(one, holder, end) for holder in measured)
    return net, None if net is None or carry is None else net - carry


def _ending(ledger: Ledger, one: Fund, holder: Holder, end: date) -> Money:
    """The ending value of section A.1: unknown where something that was stated is."""
    own = one.by_holder.get(holder.investor_id, [])
    moved = total(item.amount for item in own if item.line in MOVING and item.on <= end)
    return None if moved is None else worth(ledger, one, holder, end).amount


def _figures(flows: list[Counted], nav: Money, end: date) -> tuple[Rate | None, Fraction | None]:
    """The rate of return, and the multiple: charges of a quarter reduce its calls as far as these reach."""
    known = [(flow.counted_on, flow.amount) for flow in flows if flow.amount is not None]
    rate = None
    if nav is not None and len(known) == len(flows):
        rate = rate_of_return([*known, (end, nav)])
    paid: list[Money] = []
    back: list[Money] = []
    quarters: dict[date, list[Counted]] = defaultdict(list)
    for flow in flows:
        quarters[quarter_of(flow.counted_on)].append(flow)
    for many in quarters.values():
        calls = [flow for flow in many if flow.is_paid_in and not flow.kind.startswith("gross_up_")]
        called = total(None if flow.amount is None else -flow.amount for flow in calls)
        charged = total(flow.amount for flow in many if flow.is_paid_in and flow.kind.startswith("gross_up_"))
        returned = total(flow.amount for flow in many if not flow.is_paid_in)
        if called is None or charged is None:
            paid.append(None)
            back.append(None)
            continue
        of_calls = max(min(called, charged), Fraction(0))
        paid.append(called - of_calls)
        back.append(None if returned is None else returned + charged - of_calls)
    together = total((*back, nav))
    return rate, ratio(together, total(paid)) if flows else None
