"""Cash by ILPA's transaction types: the Capital Call & Distribution and the Performance Template's flows.

Types follow kind, purpose, category and recall (METRICS 9.2, 9.3; docs/metrics/ilpa.md). Amounts are in the
vehicle's currency and the investor's sign: paid in is negative.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from orchestration.lib.oracle import ilpa_template
from orchestration.lib.oracle.book import Flow, Vehicle
from orchestration.lib.oracle.ilpa_accounts import unfunded
from orchestration.lib.oracle.ilpa_stated import Fund, Holder
from orchestration.lib.oracle.questions import Row, Table, table
from orchestration.lib.oracle.standing import Ledger, Money, signed, total

METHODS = ("granular", "gross_up")
FOR_LINE = "capital_call_facility_costs"
FOR_COSTS = ("capital_call_management_fees", "capital_call_expenses", FOR_LINE)
CARRIED = "gross_up_carried_interest"
_BASES = ("net_with_facility", "net_without_facility", "gross_with_facility", "gross_without_facility")
_FLAGS = tuple(f"is_in_{basis}" for basis in _BASES)


@dataclass(frozen=True)
class Counted:
    """A flow over all unaffiliated investors as a method counts it: on which day, and in which figures."""

    method: str
    counted_on: date
    kind: str
    on: date
    amount: Money
    is_paid_in: bool
    bases: frozenset[str]


def transaction_type(flow: Flow) -> str:
    """What the templates call a movement between a fund and an investor."""
    recall = "recallable" if flow.is_recallable and flow.kind == "distribution" else "permanent"
    if flow.category:
        if flow.category.startswith("subscription_facility"):
            return FOR_LINE
        named = {
            "in_kind_distribution": "in_specie_distribution",
            "return_of_excess_capital": "distribution_return_of_excess_capital",
            "return_of_management_fees": f"distribution_return_of_management_fees_{recall}",
        }
        return named.get(flow.category, flow.category)
    if flow.kind == "contribution":
        called_for = {
            "management_fees": "management_fees",
            "partnership_expenses": "expenses",
            "organizational_expenses": "expenses",
            "other": "other",
        }
        return f"capital_call_{called_for.get(flow.purpose or '', 'investment')}"
    paid_as = {"realized_gain": "gain_loss", "income": "income", "other": "other"}
    return f"distribution_{paid_as.get(flow.purpose or '', f'return_of_capital_{recall}')}"


def capital_call_table(ledger: Ledger, funds: Iterable[Fund]) -> Table:
    """Every call and payment: the investor's, all investors' and what it did to the unfunded commitment."""
    columns = (
        "due_on", "investor_amount", "total_amount", "unfunded_effect_amount", "unfunded_before_amount",
        "unfunded_after_amount",
    )  # fmt: skip
    return table(
        "fct_ilpa_capital_calls",
        ("vehicle_id", "investor_id", "effective_on", "transaction_type", "is_inside_commitment"),
        columns,
        (row for fund in funds for row in _calls(ledger, fund)),
    )


def _calls(ledger: Ledger, fund: Fund) -> Iterator[Row]:
    holders = {holder.investor_id: holder for holder in fund.holders}
    alike: dict[tuple[date, str, bool], dict[str, list[Flow]]] = defaultdict(lambda: defaultdict(list))
    for flow in ledger.flows_of(fund.vehicle):
        if flow.is_investor_cash and flow.investor_id:
            alike[flow.on, transaction_type(flow), _is_inside(flow)][flow.investor_id].append(flow)
    for (on, kind, is_inside), by_investor in alike.items():
        amounts = {key: _amount(ledger, fund.vehicle, flows) for key, flows in by_investor.items()}
        for investor_id, flows in by_investor.items():
            amount = amounts[investor_id]
            yield {
                "vehicle_id": fund.vehicle.vehicle_id,
                "investor_id": investor_id,
                "effective_on": on,
                "transaction_type": kind,
                "is_inside_commitment": is_inside,
                "due_on": max((flow.due_on for flow in flows if flow.due_on), default=None),
                "investor_amount": amount,
                "total_amount": total(amounts.values()),
                "unfunded_effect_amount": amount if is_inside else total(()),
                "unfunded_before_amount": _left(ledger, fund, holders[investor_id], on - timedelta(days=1)),
                "unfunded_after_amount": _left(ledger, fund, holders[investor_id], on),
            }


def _is_inside(flow: Flow) -> bool:
    """Whether it changes what may still be called."""
    if flow.kind == "contribution":
        return not flow.is_outside_commitment
    return flow.is_recallable


def _amount(ledger: Ledger, vehicle: Vehicle, flows: Iterable[Flow]) -> Money:
    return total(signed(flow, ledger.amount(vehicle, flow)) for flow in flows)


def _left(ledger: Ledger, fund: Fund, holder: Holder, on: date) -> Money:
    """Nothing is known of it before the first promise, call or adjustment."""
    own = fund.by_holder.get(holder.investor_id, [])
    known = [one.on for one in own if one.line in ilpa_template.COMMITMENT]
    known += [one.counts_from for one in fund.promises if one.investor_id == holder.investor_id]
    return unfunded(fund, holder, on) if any(day <= on for day in known) else None


def counted(ledger: Ledger, fund: Fund) -> list[Counted]:
    """All flows by both methods, one a day, type and day that it became one."""
    measured = {holder.investor_id for holder in fund.holders if not holder.is_affiliated}
    found: list[Counted] = []
    for flow in ledger.flows_of(fund.vehicle):
        if flow.is_investor_cash and flow.investor_id in measured:
            found += _of_flow(ledger, fund.vehicle, flow)
    for investor_id in measured:
        for one in fund.by_holder.get(investor_id, []):
            found += _of_charge(one.line, one.on, one.amount)
    together: dict[Counted, list[Money]] = defaultdict(list)
    for item in found:
        alike = Counted(item.method, item.counted_on, item.kind, item.on, None, item.is_paid_in, item.bases)
        together[alike].append(item.amount)
    return [
        Counted(one.method, one.counted_on, one.kind, one.on, total(amounts), one.is_paid_in, one.bases)
        for one, amounts in together.items()
    ]


def _of_flow(ledger: Ledger, vehicle: Vehicle, flow: Flow) -> Iterator[Counted]:
    """On its day, and what repays a subscription line once more on the day, at the rate, of the draw."""
    kind, is_call = transaction_type(flow), flow.kind == "contribution"
    amount, drawn_on = signed(flow, ledger.amount(vehicle, flow)), flow.line_drawn_on
    at_draw = None
    if drawn_on:
        at_draw = signed(
            flow, ledger.markets.convert(flow.amount, flow.currency_code, vehicle.currency_code, drawn_on)
        )
    for method in METHODS:
        is_gross = method == "gross_up" or kind not in FOR_COSTS
        with_line = {"net_with_facility"} | ({"gross_with_facility"} if is_gross else set())
        without = set() if kind == FOR_LINE else {"net_without_facility"}
        without |= {"gross_without_facility"} if is_gross else set()
        if drawn_on:
            yield Counted(
                method, flow.on, f"{kind}_repaying_facility", flow.on, amount, is_call, frozenset(with_line)
            )
            yield Counted(
                method, drawn_on, f"{kind}_at_facility_draw", flow.on, at_draw, is_call, frozenset(without)
            )
        else:
            yield Counted(method, flow.on, kind, flow.on, amount, is_call, frozenset(with_line | without))


def _of_charge(line: str, on: date, amount: Money) -> Iterator[Counted]:
    """What was charged, given back to the gross figures: by Gross-Up all of it, by both carried interest."""
    gross = frozenset(("gross_with_facility", "gross_without_facility"))
    if line in ("carry_paid", "carry_clawback"):
        for method in METHODS:
            yield Counted(method, on, CARRIED, on, amount, False, gross)
    elif line in (*ilpa_template.COSTS, "offering_costs", "placement_fees"):
        kind = "expenses"
        if line in ("management_fees", *ilpa_template.FEE_REDUCTIONS):
            kind = "management_fees"
        elif line.startswith("subscription_facility_"):
            kind = "facility_costs"
        given_back = None if amount is None else -amount
        yield Counted("gross_up", on, f"gross_up_{kind}", on, given_back, True, gross)


def cash_flow_table(funds: Iterable[tuple[Fund, list[Counted]]]) -> Table:
    """The same flows for every reader of a fund."""
    rows: list[Row] = []
    for fund, flows in funds:
        for holder in fund.holders:
            rows += [
                {
                    "vehicle_id": fund.vehicle.vehicle_id,
                    "investor_id": holder.investor_id,
                    "method": one.method,
                    "counted_on": one.counted_on,
                    "transaction_type": one.kind,
                    "effective_on": one.on,
                    "amount": one.amount,
                    "is_paid_in": one.is_paid_in,
                    **{flag: basis in one.bases for flag, basis in zip(_FLAGS, _BASES, strict=True)},
                }
                for one in flows
            ]
    key = ("vehicle_id", "investor_id", "method", "counted_on", "transaction_type", "effective_on")
    return table("fct_ilpa_cash_flows", key, ("amount", "is_paid_in", *_FLAGS), rows)
