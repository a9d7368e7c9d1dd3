"""A second computation of waterfalls that shares nothing with the SQL one: day by day, tranche by tranche.

Each contribution is a tranche that earns its own preferred return every day and is repaid oldest first; the
SQL holds balances and grows them over whole stretches of time. ACT/365 fixed, no rounding.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal, localcontext

DIGITS = 40


@dataclass
class Tranche:
    """One contribution: what of it is not returned, what it has earned, and whether it is owed yet."""

    deal: str | None
    outstanding: Decimal
    earned: Decimal = Decimal(0)
    is_owed: bool = True


@dataclass
class Result:
    """Sums since the first flow; `owed_to_lps` is all that LPs may claim before carry on the whole fund."""

    contributed: Decimal = Decimal(0)
    distributed: Decimal = Decimal(0)
    lp: Decimal = Decimal(0)
    gp: Decimal = Decimal(0)
    preferred: Decimal = Decimal(0)
    catch_up: Decimal = Decimal(0)
    whole_fund_preferred: Decimal = Decimal(0)
    tiers: list[tuple[dt.date, tuple[Decimal, Decimal, Decimal, Decimal]]] = field(default_factory=list)


@dataclass(frozen=True)
class Event:
    """As LPs see it: paid in negative, distributable positive; realised is cost sold or written down."""

    day: dt.date
    amount: Decimal
    deal: str | None = None
    realised: Decimal = Decimal(0)


@dataclass(frozen=True)
class Agreement:
    carry: Decimal
    hurdle: Decimal = Decimal(0)
    is_compounding: bool = False
    catch_up: Decimal = Decimal(1)
    is_american: bool = False


def walk(events: Sequence[Event], agreement: Agreement) -> Result:
    with localcontext() as context:
        context.prec = DIGITS
        return _walk(sorted(events, key=lambda e: e.day), agreement)


def carry_due(profit: Decimal, preferred: Decimal, agreement: Agreement) -> Decimal:
    """Full catch-up only: the GP's share of all profit, once LPs have their preferred return."""
    assert agreement.catch_up == 1
    return max(Decimal(0), min(profit - preferred, agreement.carry * profit))


def _walk(events: list[Event], agreement: Agreement) -> Result:
    tranches: list[Tranche] = []
    of_all: list[Tranche] = []  # the whole fund's, repaid by whatever LPs receive
    result = Result()
    invested = realised = expenses = allocated = Decimal(0)
    daily = agreement.hurdle / 365
    if agreement.is_compounding:
        daily = (1 + agreement.hurdle) ** (Decimal(1) / 365) - 1
    day = events[0].day
    while day <= events[-1].day:
        today = [e for e in events if e.day == day]
        for event in today:
            if event.amount < 0:
                is_owed = not agreement.is_american
                tranches.append(Tranche(event.deal, -event.amount, is_owed=is_owed))
                of_all.append(Tranche(event.deal, -event.amount))
                result.contributed -= event.amount
                if event.deal is None:
                    expenses -= event.amount
                else:
                    invested -= event.amount
        received = sum((e.amount for e in today if e.amount > 0), Decimal(0))
        if agreement.is_american and (received or any(e.realised for e in today)):
            for event in today:
                _make_owed(tranches, event.deal, event.realised)
                realised += event.realised
            target = expenses * realised / invested if invested else expenses
            left = sum((t.outstanding for t in tranches if t.deal is None and not t.is_owed), Decimal(0))
            moved = min(max(target - allocated, Decimal(0)), left)
            _make_owed(tranches, None, moved)
            allocated += moved
        if received:
            _distribute(received, day, tranches, of_all, result, agreement)
        for t in (*tranches, *of_all):
            if not t.outstanding and not t.earned:
                continue
            base = t.outstanding + (t.earned if agreement.is_compounding else 0)
            t.earned += base * daily
        day += dt.timedelta(days=1)
    last_day = sum((_last_day_of(t, agreement) for t in of_all), Decimal(0))
    result.whole_fund_preferred += sum((t.earned for t in of_all), Decimal(0)) - last_day
    return result


def _last_day_of(t: Tranche, agreement: Agreement) -> Decimal:
    """What the day after the last flow has earned: the loop adds it, the SQL stops at the last flow."""
    if agreement.is_compounding:
        growth = (1 + agreement.hurdle) ** (Decimal(1) / 365)
        return (t.outstanding + t.earned) * (1 - 1 / growth)
    return t.outstanding * agreement.hurdle / 365


def _make_owed(tranches: list[Tranche], deal: str | None, amount: Decimal) -> None:
    """The same share of every tranche of the deal that is not owed yet."""
    waiting = [t for t in tranches if t.deal == deal and not t.is_owed and t.outstanding]
    total = sum((t.outstanding for t in waiting), Decimal(0))
    if not amount:
        return
    share = amount / total
    for t in waiting:
        tranches.append(Tranche(deal, t.outstanding * share, t.earned * share))
        t.outstanding -= t.outstanding * share
        t.earned -= t.earned * share


def _repay(tranches: list[Tranche], amount: Decimal) -> tuple[Decimal, Decimal]:
    """Capital first, then what it has earned, oldest first; what of each was paid."""
    returned = earned = Decimal(0)
    for t in tranches:
        if t.is_owed:
            part = min(t.outstanding, amount - returned)
            t.outstanding -= part
            returned += part
    for t in tranches:
        if t.is_owed:
            part = min(t.earned, amount - returned - earned)
            t.earned -= part
            earned += part
    return returned, earned


def _distribute(
    amount: Decimal,
    day: dt.date,
    tranches: list[Tranche],
    of_all: list[Tranche],
    result: Result,
    agreement: Agreement,
) -> None:
    carry, c = agreement.carry, agreement.catch_up
    returned, preferred = _repay(tranches, amount)
    result.preferred += preferred
    rest = amount - returned - preferred
    if c > carry > 0:
        # x solves c * (caught up + x) = carry * (preferred + caught up + x)
        missing = max((carry * result.preferred - (c - carry) * result.catch_up) / (c - carry), Decimal(0))
        caught = min(rest, missing)
    else:
        caught = rest if c > 0 and carry > 0 and result.preferred > 0 else Decimal(0)
    result.catch_up += caught
    gp = c * caught + carry * (rest - caught)
    result.gp += gp
    result.lp += amount - gp
    result.distributed += amount
    result.tiers.append((day, (returned, preferred, caught, rest - caught)))
    result.whole_fund_preferred += _repay(of_all, amount - gp)[1]
