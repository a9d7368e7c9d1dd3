"""Carried interest of a whole fund as if its value were distributed on a day (METRICS section 8.1, ASC 946).

Tiers: capital back, preferred return, catch-up, split. Nothing is rounded on the way, so an amount may differ
by a cent from one whose tiers were paid in cents.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from orchestration.lib.oracle.book import Terms


@dataclass(frozen=True)
class Carry:
    """What the general partner was paid, has a claim on (or owes), would give back, and what LPs are left."""

    distributed: float
    accrued: float
    clawback: float
    to_lps: float


@dataclass
class _Owed:
    """To LPs: capital not returned, preferred return not paid, and the part of it that earns in turn."""

    capital: float = 0.0
    unpaid: float = 0.0
    capitalised: float = 0.0

    def earn(self, terms: Terms, first: date, since: date, until: date) -> None:
        """The preferred return of a stretch of time."""
        if terms.hurdle_compounding != "annual":
            years = year_fraction(terms.day_count, since, until)
            if terms.hurdle_compounding == "simple":
                self.unpaid += self.capital * terms.hurdle_rate * years
            else:
                self.unpaid += (self.capital + self.unpaid) * ((1 + terms.hurdle_rate) ** years - 1)
            return
        while since < until:
            anniversary = _next_anniversary(first, since)
            stop = min(anniversary, until)
            years = year_fraction(terms.day_count, since, stop)
            self.unpaid += (self.capital + self.capitalised) * terms.hurdle_rate * years
            if stop == anniversary:
                self.capitalised = self.unpaid
            since = stop

    def receive(self, amount: float) -> tuple[float, float]:
        """Capital first, then the preferred return; what of each was paid."""
        returned = min(amount, self.capital)
        preferred = min(amount - returned, self.unpaid)
        self.capital -= returned
        self.unpaid -= preferred
        self.capitalised = min(self.capitalised, self.unpaid)
        return returned, preferred


class _Fund:
    """A whole fund's waterfall: what LPs are owed by the tiers, and of all that they paid in."""

    def __init__(self, terms: Terms, first: date):
        self.terms, self.first, self.clock = terms, first, first
        self.tiers, self.of_all = _Owed(), _Owed()
        self.preferred = self.caught_up = self.to_gp = self.preferred_of_all = 0.0

    def pay_in(self, day: date, amount: float) -> None:
        """Time passes, then LPs pay in."""
        for owed in (self.tiers, self.of_all):
            owed.earn(self.terms, self.first, self.clock, day)
            owed.capital += amount
        self.clock = day

    def distribute(self, amount: float) -> dict[str, tuple[float, float]]:
        """Through the tiers, on the day of the last payment: what each was paid, and of it the GP."""
        returned, earned = self.tiers.receive(amount)
        self.preferred += earned
        rest = amount - returned - earned
        size = _catch_up_size(self.preferred, self.terms.carry_rate, self.terms.catch_up_rate)
        step = min(rest, max(size - self.caught_up, 0.0))
        self.caught_up += step
        to_gp = self.terms.catch_up_rate * step + self.terms.carry_rate * (rest - step)
        self.to_gp += to_gp
        self.preferred_of_all += self.of_all.receive(amount - to_gp)[1]
        return {
            "return_of_capital": (returned, 0.0),
            "preferred_return": (earned, 0.0),
            "catch_up": (step, self.terms.catch_up_rate * step),
            "split": (rest - step, self.terms.carry_rate * (rest - step)),
        }


def carry_on(flows: Sequence[tuple[date, Fraction]], value: Fraction, as_of: date, terms: Terms) -> Carry:
    """Of signed flows up to the day (paid in negative) and the value held, gross of carry and not below 0."""
    fund, _ = _walked(flows, terms)
    before_value = fund.to_gp
    fund.pay_in(as_of, 0.0)
    fund.distribute(float(value))
    profit = float(sum((amount for _, amount in flows), value))
    return _settled(fund, profit, float(value), before_value)


def tiers_of(flows: Sequence[tuple[date, Fraction]], terms: Terms) -> list[tuple[date, str, float, float]]:
    """Each distribution by tier: day, tier, what it was paid, and what the general partner got of it."""
    if not flows:
        return []
    return [
        (day, tier, total, to_gp)
        for day, paid in _walked(flows, terms)[1]
        for tier, (total, to_gp) in paid.items()
    ]


def _walked(
    flows: Sequence[tuple[date, Fraction]], terms: Terms
) -> tuple[_Fund, list[tuple[date, dict[str, tuple[float, float]]]]]:
    paid: dict[date, float] = defaultdict(float)
    received: dict[date, float] = defaultdict(float)
    for day, amount in flows:
        (paid if amount < 0 else received)[day] += float(abs(amount))
    days = sorted({*paid, *received})
    fund = _Fund(terms, days[0])
    distributed = []
    for day in days:
        fund.pay_in(day, paid[day])
        distributed.append((day, fund.distribute(received[day])))
    return fund, distributed


def _settled(fund: _Fund, profit: float, value: float, paid: float) -> Carry:
    """The whole fund's result decides what the general partner may keep."""
    terms, preferred = fund.terms, fund.preferred_of_all + fund.of_all.unpaid
    above = max(profit - preferred, 0.0)
    step = min(above, _catch_up_size(preferred, terms.carry_rate, terms.catch_up_rate))
    due = terms.catch_up_rate * step + terms.carry_rate * (above - step)
    excess, on_value = max(fund.to_gp - due, 0.0), fund.to_gp - paid
    clawback = min(max(excess - on_value, 0.0), paid)
    accrued = max(on_value - excess, 0.0) - clawback
    return Carry(paid, accrued, clawback, value - accrued)


def _catch_up_size(preferred: float, carry: float, catch_up: float) -> float:
    """carry x preferred return / (catch-up - carry): what passes through the tier until it is full."""
    if not (catch_up and carry and preferred):
        return 0.0
    return carry * preferred / (catch_up - carry) if catch_up > carry else float("inf")


def _next_anniversary(first: date, after: date) -> date:
    year = after.year
    while True:
        is_leap_day = (first.month, first.day) == (2, 29) and not _is_leap(year)
        day = date(year, 2, 28) if is_leap_day else first.replace(year=year)
        if day > after:
            return day
        year += 1


def year_fraction(day_count: str, start: date, end: date) -> float:
    """Years between two days by ACT/365F, ACT/360, 30/360, 30E/360 or ACT/ACT (ISDA)."""
    if day_count == "ACT/365F":
        return (end - start).days / 365
    if day_count == "ACT/360":
        return (end - start).days / 360
    if day_count == "ACT/ACT":
        leap = sum(_is_leap((start + timedelta(days=k)).year) for k in range((end - start).days))
        return leap / 366 + ((end - start).days - leap) / 365
    first, last = start.day, end.day
    if day_count == "30E/360":
        first, last = min(first, 30), min(last, 30)
    else:
        first = 30 if first == 31 else first
        last = 30 if last == 31 and first == 30 else last
    return ((end.year - start.year) * 360 + (end.month - start.month) * 30 + last - first) / 360


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
