"""An investment against an index: Kaplan-Schoar PME and direct alpha (METRICS section 6) on gross flows."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from math import log1p

from orchestration.lib.oracle.markets import Markets
from orchestration.lib.oracle.rate_of_return import rate_of_return
from orchestration.lib.oracle.standing import Money


def against_market(
    markets: Markets,
    code: str | None,
    flows: Sequence[tuple[date, Money]],
    nav: Money,
    as_of: date,
) -> tuple[Fraction | None, float | None, str | None]:
    """KS-PME, direct alpha as ln(1 + a), and the status. `flows` are signed, paid in negative.

    KS-PME = (future value of what came back + NAV) / future value of what was paid in, each flow grown by the
    index from its day to the date. Direct alpha is the rate of return of the grown flows.
    """
    if not flows:
        return None, None, "no_flows"
    if code is None:
        return None, None, "no_benchmark"
    known = [(day, amount) for day, amount in flows if amount is not None]
    if nav is None:
        return None, None, "missing_nav"
    if len(known) < len(flows):
        return None, None, None  # fx_status tells it
    # the level of the date divides out of both measures unless a value is held at it
    now = markets.level(code, as_of) if nav else Fraction(1)
    levels = [markets.level(code, day) for day, _ in known]
    if now is None or any(level is None for level in levels):
        return None, None, "missing_level"
    grown = [
        (day, amount * now / level)
        for (day, amount), level in zip(known, levels, strict=True)
        if level is not None
    ]
    paid_in = -sum((amount for _, amount in grown if amount < 0), Fraction(0))
    came_back = sum((amount for _, amount in grown if amount > 0), Fraction(0))
    if paid_in == 0:
        return None, None, "no_contributions"
    alpha = rate_of_return([*grown, (as_of, nav)])
    return (came_back + nav) / paid_in, None if alpha.value is None else log1p(alpha.value), alpha.status
