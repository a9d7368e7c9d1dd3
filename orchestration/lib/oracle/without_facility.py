"""Returns as if capital had been called when the subscription line was drawn (METRICS 2.6, ILPA 2017)."""

from collections.abc import Iterable
from datetime import date
from fractions import Fraction

from orchestration.lib.oracle.book import Flow
from orchestration.lib.oracle.questions import Made, ratio
from orchestration.lib.oracle.rate_of_return import rate_of_return
from orchestration.lib.oracle.standing import Ledger, Money, signed, total


def without_facility(
    ledger: Ledger,
    currency_code: str,
    flows: Iterable[Flow],
    nav: Money,
    as_of: date,
    rate_on: date | None = None,
) -> list[Made]:
    """IRR and TVPI without the line, of investors' flows up to the date, told in a currency; unknown where no
    line is known. `rate_on`: all at that day's rate, else each at that of the day it counts on."""
    until = [flow for flow in flows if flow.is_investor_cash and flow.on <= as_of]
    touched = [flow for flow in until if flow.is_line_cost or flow.line_drawn_on]
    if not touched:
        status: str | None = "no_facility_flows"
        return [
            ("irr_without_facility", None, "fraction", status),
            ("tvpi_without_facility", None, "multiple", status),
        ]
    moved: list[tuple[date, Flow, Money]] = []
    for flow in until:
        if flow.is_line_cost:
            continue
        day = flow.line_drawn_on or flow.on
        told_on = rate_on or day
        moved.append(
            (day, flow, ledger.markets.convert(flow.amount, flow.currency_code, currency_code, told_on))
        )
    paid = total(amount for _, flow, amount in moved if flow.kind == "contribution")
    back = total(amount for _, flow, amount in moved if flow.kind == "distribution")
    series = [(day, signed(flow, amount)) for day, flow, amount in moved]
    known = [(day, amount) for day, amount in series if amount is not None]
    rate = None
    if nav is not None and len(known) == len(series):
        # what was called for the line's costs counts as nothing, on its day
        nothing = [(flow.on, Fraction(0)) for flow in until if flow.is_line_cost]
        rate = rate_of_return([*known, *nothing, (as_of, nav)])
    together = None if back is None or nav is None else back + nav
    status = rate.status if rate else None
    return [
        ("irr_without_facility", rate.value if rate else None, "fraction", status),
        ("tvpi_without_facility", ratio(together, paid), "multiple", status),
    ]


def is_draw_unconverted(
    ledger: Ledger, currency_code: str, flows: Iterable[Flow], rate_on: date | None = None
) -> bool:
    """Whether the amount of a draw of the line is unknown in the currency, for want of its own day's rate."""
    days = [(flow, flow.line_drawn_on) for flow in flows if flow.is_investor_cash]
    return any(
        day and ledger.markets.convert(flow.amount, flow.currency_code, currency_code, rate_on or day) is None
        for flow, day in days
    )
