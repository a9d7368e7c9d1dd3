"""Returns as if capital had been called when the subscription line was drawn (METRICS 2.6, ILPA 2017)."""

from collections.abc import Iterable
from datetime import date
from fractions import Fraction

from orchestration.lib.oracle.book import Flow
from orchestration.lib.oracle.questions import Made, ratio
from orchestration.lib.oracle.rate_of_return import rate_of_return
from orchestration.lib.oracle.standing import Ledger, Money, signed, total

COSTS = ("subscription_facility_interest", "subscription_facility_fees")


def without_facility(
    ledger: Ledger, currency_code: str, flows: Iterable[Flow], nav: Money, as_of: date
) -> list[Made]:
    """IRR and TVPI without the line, of investors' flows up to the date, told in a currency; unknown where no
    line is known."""
    until = [flow for flow in flows if flow.is_investor_cash and flow.on <= as_of]
    touched = [
        flow for flow in until if flow.kind == "contribution" and (_is_cost(flow) or flow.facility_drawn_on)
    ]
    if not touched:
        status: str | None = "no_facility_flows"
        return [
            ("irr_without_facility", None, "fraction", status),
            ("tvpi_without_facility", None, "multiple", status),
        ]
    moved: list[tuple[date, Flow, Money]] = []
    for flow in until:
        if flow.kind == "contribution" and _is_cost(flow):
            continue
        day = flow.on
        if flow.kind == "contribution" and flow.facility_drawn_on:
            day = min(flow.facility_drawn_on, flow.on)
        moved.append((day, flow, ledger.markets.convert(flow.amount, flow.currency_code, currency_code, day)))
    paid = total(amount for _, flow, amount in moved if flow.kind == "contribution")
    back = total(amount for _, flow, amount in moved if flow.kind == "distribution")
    series = [(day, signed(flow, amount)) for day, flow, amount in moved]
    known = [(day, amount) for day, amount in series if amount is not None]
    rate = None
    if nav is not None and len(known) == len(series):
        # what was called for the line's costs counts as nothing, on its day
        nothing = [(flow.on, Fraction(0)) for flow in until if flow.kind == "contribution" and _is_cost(flow)]
        rate = rate_of_return([*known, *nothing, (as_of, nav)])
    together = None if back is None or nav is None else back + nav
    status = rate.status if rate else None
    return [
        ("irr_without_facility", rate.value if rate else None, "fraction", status),
        ("tvpi_without_facility", ratio(together, paid), "multiple", status),
    ]


def _is_cost(flow: Flow) -> bool:
    return flow.category in COSTS
