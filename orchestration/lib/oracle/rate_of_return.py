"""Internal rates of return by brute force: NPV at thousands of rates, each change of sign halved to a point.

METRICS section 2.3 describes this method; the `finance` schema proves instead where no root can be.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

LOWEST, HIGHEST = -36.7, float(np.log(10001.0)) + 1e-12
NODES = np.linspace(LOWEST, HIGHEST, 6001)
TOUCH = 1e-12
Dated = tuple[date, Fraction]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Rate:
    """An annual effective rate as a fraction, ACT/365 fixed, with its status; None unless the status is `ok`.

    `period_return` is (1 + rate)^years - 1 between the first and the last flow that do not net to zero. Under
    365 days of that first flow the rate is not annualized.
    """

    value: float | None
    status: str | None
    roots: tuple[float, ...] = ()
    period_return: float | None = None
    is_annualized: bool = False


def rate_of_return(flows: Iterable[Dated]) -> Rate:
    """The investment root of dated flows, paid in negative; a value of 0 after the last call: total loss."""
    given = list(flows)
    nets: dict[date, Fraction] = defaultdict(Fraction)
    for day, amount in given:
        nets[day] += amount
    days = sorted(day for day, net in nets.items() if net)
    signs = [nets[day] > 0 for day in days]
    if all(sign == signs[0] for sign in signs):
        return Rate(None, _why_no_rate(given, nets, days))
    years = np.array([(day - days[0]).days / 365 for day in days])
    largest = max(abs(nets[day]) for day in days)
    amounts = np.array([float(nets[day] / largest) for day in days])
    turns = _turning_roots(amounts, years)
    roots = tuple(float(np.expm1(u)) for u, _ in turns)
    falling = [u for u, turn in turns if turn < 0]
    if not turns:
        return Rate(None, _why_no_root(amounts, years))
    if len(falling) != 1 and not (len(turns) == 1 and turns[0][1] != 0):
        only_touches = len(turns) == 1 and turns[0][1] == 0
        return Rate(None, "tangent" if only_touches else "multiple", roots)
    u = falling[0] if len(falling) == 1 else turns[0][0]
    growth = u * float(years[-1])
    period_return = float(np.expm1(growth)) if growth < 700 else None
    is_annualized = (max(nets) - days[0]).days >= 365
    return Rate(float(np.expm1(u)), "ok", roots, period_return, is_annualized)


def _why_no_rate(given: list[Dated], nets: dict[date, Fraction], days: list[date]) -> str:
    """Why there is no second sign."""
    entries = [(day, amount) for day, amount in given if amount]
    zeros = [day for day, net in nets.items() if not net]
    if not entries:
        return "no_flows"
    if days and all(nets[day] < 0 for day in days) and zeros and max(zeros) > days[-1]:
        return "total_loss"
    if len({day for day, _ in entries}) == 1 and len(entries) > 1:
        return "same_day_only"
    if not days:
        return "no_flows"
    return "single_flow" if len(days) == 1 else "no_sign_change"


def _why_no_root(amounts: Floats, years: Floats) -> str:
    """NPV has the first flow's sign at high rates, the last one's near -100 %: else a root lies outside."""
    low, high = _npv(amounts, years, np.array([LOWEST, HIGHEST]))[0]
    is_outside = np.sign(high) != np.sign(amounts[0]) or np.sign(low) != np.sign(amounts[-1])
    return "out_of_range" if is_outside else "none"


def _npv(amounts: Floats, years: Floats, rates: Floats) -> tuple[Floats, Floats]:
    """NPV at each u = ln(1 + rate) and the sum of its absolute terms, the largest exponent factored out."""
    exponents = -np.outer(rates, years)
    exponents -= exponents.max(axis=1, keepdims=True)
    terms = np.exp(exponents) * amounts
    return terms.sum(axis=1), np.abs(terms).sum(axis=1)


def _turning_roots(amounts: Floats, years: Floats) -> list[tuple[float, int]]:
    """Every root of NPV in u, rising: -1 where it falls through zero, +1 where it rises, 0 for a touch."""
    values, gross = _npv(amounts, years, NODES)
    signs = np.sign(values)
    found = [
        (_halved(amounts, years, NODES[k], NODES[k + 1]), int(signs[k + 1]))
        for k in np.flatnonzero(signs[:-1] * signs[1:] < 0)
    ]
    found += [
        (float(NODES[k]), int(signs[k + 1] - signs[k - 1]) // 2) for k in np.flatnonzero(signs[1:-1] == 0) + 1
    ]
    relative = np.abs(values) / gross
    dips = np.flatnonzero((relative[1:-1] < relative[:-2]) & (relative[1:-1] < relative[2:])) + 1
    for k in dips:
        if signs[k - 1] == signs[k] == signs[k + 1] != 0:
            found += _roots_in_dip(amounts, years, NODES[k - 1], NODES[k + 1], int(signs[k]))
    return sorted(found)


def _halved(amounts: Floats, years: Floats, low: float, high: float) -> float:
    below = np.sign(_npv(amounts, years, np.array([low]))[0][0])
    for _ in range(80):
        middle = (low + high) / 2
        if np.sign(_npv(amounts, years, np.array([middle]))[0][0]) == below:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _roots_in_dip(
    amounts: Floats, years: Floats, low: float, high: float, sign: int
) -> list[tuple[float, int]]:
    """Between two nodes of one sign NPV comes near zero: two roots, one touch, or none."""
    left, right = low, high
    for _ in range(12):
        nodes = np.linspace(left, right, 41)
        values, gross = _npv(amounts, years, nodes)
        nearest = int(np.argmin(sign * values / gross))
        if sign * values[nearest] < -TOUCH * gross[nearest]:
            bottom = float(nodes[nearest])
            return [
                (_halved(amounts, years, low, bottom), -sign),
                (_halved(amounts, years, bottom, high), sign),
            ]
        left, right = float(nodes[max(nearest - 1, 0)]), float(nodes[min(nearest + 1, 40)])
    is_touch = abs(values[nearest]) <= TOUCH * gross[nearest]
    return [(float(nodes[nearest]), 0)] if is_touch else []
