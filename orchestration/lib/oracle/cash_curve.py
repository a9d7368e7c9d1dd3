"""The J-curve: net cash of all investors to date, and the lowest it has been (METRICS section 5)."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from orchestration.lib.oracle.questions import Made, ratio
from orchestration.lib.oracle.standing import Money


def cash_curve(flows: Sequence[tuple[date, Money]], commitment: Money, fx: str) -> list[Made]:
    """From signed flows up to a date. Before the first one net cash is 0, so the trough is never above 0."""
    by_day: dict[date, list[Money]] = defaultdict(list)
    for day, amount in flows:
        by_day[day].append(amount)
    net: Money = Fraction(0)
    trough: Money = Fraction(0)
    for day in sorted(by_day):
        for amount in by_day[day]:
            net = None if net is None or amount is None else net + amount
        trough = None if net is None or trough is None else min(trough, net)
    share = ratio(None if trough is None else -trough, commitment) if flows else None
    return [
        ("net_cash_amount", net, "money", fx),
        ("trough_amount", trough, "money", fx),
        ("trough_pct", share, "fraction", fx),
    ]
