"""The same cash put into an index: LN-PME, PME+ and modified PME (METRICS section 6), day by day."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from fractions import Fraction

from orchestration.lib.oracle.markets import Markets
from orchestration.lib.oracle.questions import Made
from orchestration.lib.oracle.rate_of_return import Rate, rate_of_return
from orchestration.lib.oracle.standing import Money

NAMES = ("ln_pme", "pme_plus", "mpme")


def index_accounts(
    markets: Markets,
    code: str | None,
    flows: Sequence[tuple[date, Money]],
    nav: Money,
    as_of: date,
    nav_on: Callable[[date], Money],
) -> list[Made]:
    """Rates, spreads and the scale of PME+. `flows` are signed; `nav_on`: what was held after a payout."""
    known = [(day, amount) for day, amount in flows if amount is not None]
    if not flows or code is None or nav is None or len(known) < len(flows):
        why = "no_flows" if not flows else "no_benchmark" if code is None else "missing_nav"
        # an amount without rate is told by fx_status
        status = None if nav is not None and why == "missing_nav" else why
        return _told(dict.fromkeys(NAMES, Rate(None, status)), Rate(None, status), None)
    days = sorted({*(day for day, _ in known), as_of})
    levels = {day: markets.level(code, day) for day in days}
    paid: dict[date, Fraction] = defaultdict(Fraction)
    received: dict[date, Fraction] = defaultdict(Fraction)
    for day, amount in known:
        (paid if amount < 0 else received)[day] += abs(amount)
    own = rate_of_return([*known, (as_of, nav)])
    if not any(paid.values()):
        return _told(dict.fromkeys(NAMES, Rate(None, "no_contributions")), own, None)
    if any(level is None for level in levels.values()):
        return _told(dict.fromkeys(NAMES, Rate(None, "missing_level")), own, None)
    grown = {day: 1 / level for day, level in levels.items() if level is not None}
    bought = sum((paid[day] * grown[day] for day in days), Fraction(0))
    sold = sum((received[day] * grown[day] for day in days), Fraction(0))
    scale = None if not sold else (bought - nav * grown[as_of]) / sold
    rates = {
        "ln_pme": _ln_pme(known, as_of, (bought - sold) / grown[as_of]),
        "pme_plus": _pme_plus(paid, received, as_of, nav, scale),
        "mpme": _mpme(days, paid, received, grown, as_of, lambda day: nav if day == as_of else nav_on(day)),
    }
    return _told(rates, own, scale)


def _ln_pme(flows: list[tuple[date, Fraction]], as_of: date, account: Fraction) -> Rate:
    if account < 0:
        return Rate(None, "short_index")
    return rate_of_return([*flows, (as_of, account)])


def _pme_plus(
    paid: dict[date, Fraction], received: dict[date, Fraction], as_of: date, nav: Fraction, scale: Money
) -> Rate:
    if scale is None:
        return Rate(None, "no_distributions")
    if scale < 0:
        return Rate(None, "negative_scale")
    scaled = [(day, scale * amount) for day, amount in received.items()]
    return rate_of_return([*((day, -amount) for day, amount in paid.items()), *scaled, (as_of, nav)])


def _mpme(
    days: list[date],
    paid: dict[date, Fraction],
    received: dict[date, Fraction],
    grown: dict[date, Fraction],
    as_of: date,
    nav_on: Callable[[date], Money],
) -> Rate:
    """What is paid in on a day is invested before the share of the day's payout is sold."""
    units = Fraction(0)
    flows: list[tuple[date, Fraction]] = []
    for day in days:
        units += paid[day] * grown[day]
        flows.append((day, -paid[day]))
        if received[day]:
            held = nav_on(day)
            if held is None:
                return Rate(None, "missing_nav")
            if held < 0:
                return Rate(None, "negative_nav")
            share = received[day] / (received[day] + held)
            flows.append((day, share * units / grown[day]))
            units -= share * units
    return rate_of_return([*flows, (as_of, units / grown[as_of])])


def _told(rates: dict[str, Rate], own: Rate, scale: Money) -> list[Made]:
    made: list[Made] = []
    for name, rate in rates.items():
        spread = None if rate.value is None or own.value is None else own.value - rate.value
        made.append((name, rate.value, "fraction", rate.status))
        made.append((f"{name}_spread", spread, "fraction", rate.status))
    return [*made, ("pme_plus_scale", scale, "multiple", rates["pme_plus"].status)]
