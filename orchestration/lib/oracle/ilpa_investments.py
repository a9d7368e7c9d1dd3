"""Investments one by one and pooled, gross and net of what investors were charged (METRICS 9.2)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import floor

from orchestration.lib.oracle import ilpa_template
from orchestration.lib.oracle.answers import Computed
from orchestration.lib.oracle.holdings import Held
from orchestration.lib.oracle.ilpa_stated import Fund
from orchestration.lib.oracle.questions import Question, Row, Table, Value, ratio, table
from orchestration.lib.oracle.rate_of_return import Rate, rate_of_return
from orchestration.lib.oracle.standing import Money, signed, total

CHARGED_COSTS = (*ilpa_template.COSTS, "offering_costs", "placement_fees")
CHARGED_CARRY = (
    "carry_accrued_unrealized", "carry_earned_realized", "carry_accrued_and_earned", *ilpa_template.CHARGED,
)  # fmt: skip
_COLUMNS = (
    "invested_amount", "proceeds_amount", "nav_amount", "nav_status", "gross_irr", "gross_irr_status",
    "gross_moic", "cost_charged_amount", "carry_charged_amount", "net_irr", "net_irr_status", "net_moic",
)  # fmt: skip


@dataclass(frozen=True)
class _Borne:
    """An investment with what it bears of the fund's charges, and why there is nothing net of them."""

    held: Held
    cost: Money
    carry: Money
    why_not: str | None

    def flows(self, end: date) -> list[tuple[date, Fraction]]:
        """Its cash and value net of charges: payments bear the costs, what comes back the carry."""
        invested, proceeds, nav = self.held.invested, self.held.proceeds, self.held.worth.amount
        if invested is None or proceeds is None or nav is None or self.cost is None or self.carry is None:
            return []
        paid = 1 + (ratio(self.cost, invested) or 0)
        back = 1 - (ratio(self.carry, proceeds + nav) or 0)
        cash = [
            (flow.on, amount * (paid if flow.kind == "investment" else back))
            for flow, told in self.held.flows
            if (amount := signed(flow, told)) is not None
        ]
        return [*cash, (end, nav * back)]


def investment_table(found: Computed, funds: Sequence[Fund]) -> Table:
    """Every investment of every fund with allocations, and all of them under a blank holding, by reader."""
    key = ("vehicle_id", "investor_id", "period_end", "holding_id")
    rows = (
        {**row, "vehicle_id": one.vehicle.vehicle_id, "investor_id": holder.investor_id, "period_end": end}
        for one in funds
        for end in one.period_ends
        for row in _rows(found, one, end)
        for holder in one.holders
    )
    return table("rpt_ilpa_portfolio_performance", key, _COLUMNS, rows)


def _rows(found: Computed, one: Fund, end: date) -> list[Row]:
    each = _borne(one, end, list(_held(found, one, end)))
    if not each:
        return []
    rows = [_row(found, item.held, [item], end) for item in each]
    return [*rows, _row(found, None, each, end, one.vehicle.vehicle_id)]


def _held(found: Computed, one: Fund, end: date) -> Iterator[Held]:
    """Investments that are shown for the date."""
    for holding_id in sorted(found.ledger.book.holdings):
        asked = Question("moic", "holding", holding_id, end, one.vehicle.vehicle_id)
        if asked in found.answers:
            yield found.holdings[holding_id][end]


def _borne(one: Fund, end: date, held: list[Held]) -> list[_Borne]:
    gps = {holder.investor_id for holder in one.holders if holder.is_general_partner}
    until = [item for item in one.stated if item.on <= end]
    cost = _charged([item.amount for item in until if item.line in CHARGED_COSTS])
    carry = _charged(
        [item.amount for item in until if item.line in CHARGED_CARRY and item.investor_id not in gps]
    )
    gains = [_gain(item) for item in held]
    costs = _shared(cost, [item.invested for item in held])
    carries = _shared(carry, gains)
    is_value_missing = any(item.worth.amount is None for item in held)
    is_cost_missing = any(item.invested is None for item in held)
    is_flow_missing = is_cost_missing or any(item.proceeds is None for item in held)
    found = []
    for item, own_cost, own_carry in zip(held, costs, carries, strict=True):
        why_not = None
        is_unknown = cost is None or carry is None or item.invested is None or item.proceeds is None
        if is_unknown or (cost and is_cost_missing) or (carry and is_flow_missing):
            why_not = "missing_rate"
        elif item.worth.amount is None or (carry and is_value_missing):
            why_not = "missing_nav"
        elif own_cost is None:
            why_not = "no_cost_to_charge"
        elif own_carry is None:
            why_not = "no_gain_to_charge"
        found.append(_Borne(item, own_cost, own_carry, why_not))
    return found


def _gain(held: Held) -> Money:
    """What an investment gave and is worth beyond its cost; a loss bears nothing."""
    whole = total((held.proceeds, held.worth.amount))
    return None if whole is None or held.invested is None else max(whole - held.invested, Fraction(0))


def _charged(amounts: list[Money]) -> Money:
    """Charges are stated below zero."""
    whole = total(amounts)
    return None if whole is None else -whole


def _shared(whole: Money, weights: list[Money]) -> list[Money]:
    """In proportion, to the cent by largest remainder; nothing is nothing for everybody."""
    if whole == 0:
        return [Fraction(0) for _ in weights]
    known = [weight for weight in weights if weight is not None]
    if whole is None or len(known) < len(weights) or not sum(known):
        return [None for _ in weights]
    sign = -1 if whole < 0 else 1
    exact = [abs(whole) * weight / sum(known) for weight in known]
    parts = [Fraction(floor(part * 100), 100) for part in exact]
    left = abs(whole) - sum(parts)
    order = sorted(range(len(exact)), key=lambda place: parts[place] - exact[place])
    for place in order[: floor(left * 100)]:
        parts[place] += Fraction(1, 100)
    # what is less than a cent goes to the largest
    parts[known.index(max(known))] += left - Fraction(floor(left * 100), 100)
    return [sign * part for part in parts]


def _row(
    found: Computed, held: Held | None, items: list[_Borne], end: date, vehicle_id: str | None = None
) -> Row:
    """One investment, or all of them."""
    if held:
        kind, entity, of = "holding", held.holding.holding_id, held.holding.vehicle_id
    else:
        kind, entity, of = "vehicle", vehicle_id or "", vehicle_id or ""
    names = ("irr", "moic") if held else ("gross_irr", "gross_moic")
    gross, multiple = (found.answers[Question(name, kind, entity, end, of)] for name in names)
    cost, carry = total(item.cost for item in items), total(item.carry for item in items)
    nav = total(item.held.worth.amount for item in items)
    statuses = [item.held.worth.status for item in items]
    status = "missing" if nav is None else "rolled" if "rolled" in statuses else "reported"
    invested = total(item.held.invested for item in items)
    proceeds = total(item.held.proceeds for item in items)
    why_not = min((item.why_not for item in items if item.why_not), default=None)
    rate: Rate | None = None
    net_multiple = None
    if why_not is None:
        rate = rate_of_return([flow for item in items for flow in item.flows(end)])
        back = total((proceeds, nav, None if carry is None else -carry))
        net_multiple = ratio(back, total((invested, cost)))
    told: dict[str, Value] = {
        "holding_id": entity if held else "",
        "invested_amount": invested,
        "proceeds_amount": proceeds,
        "nav_amount": nav,
        "nav_status": statuses[0] if held else status,
        "gross_irr": gross.value,
        "gross_irr_status": gross.status,
        "gross_moic": multiple.value,
        "cost_charged_amount": cost,
        "carry_charged_amount": carry,
        "net_irr": rate.value if rate else None,
        "net_irr_status": why_not or (rate.status if rate else None),
        "net_moic": net_multiple,
    }
    return told
