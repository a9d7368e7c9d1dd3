"""An independent look at net present value: a dense scan with numpy, to hold the SQL solver against.

Nothing here shares a method with warehouse/finance: no Laguerre, no bounds on derivatives, no logarithms
of ratios.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tests.integration.finance_connection import Flow

LOWEST_U, HIGHEST_U = -36.7, float(np.log(10001))


@dataclass
class Scan:
    """NPV sign changes between neighbours of a dense grid of rates."""

    crossings: list[tuple[float, float, int]]
    """Low rate, high rate, and -1 where NPV falls through zero as the rate rises, +1 where it rises."""


def netted(flows: Sequence[Flow]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Amounts and years (ACT/365 from the first day that does not net to zero), netted by day, exactly."""
    by_day: dict = {}
    for amount, on_date in flows:
        by_day[on_date] = by_day.get(on_date, 0) + amount
    days = sorted(day for day, amount in by_day.items() if amount != 0)
    if not days:
        return np.array([]), np.array([])
    return (
        np.array([float(by_day[day]) for day in days]),
        np.array([(day - days[0]).days / 365 for day in days]),
    )


def scan(flows: Sequence[Flow], points: int = 40_001) -> Scan:
    """Look for crossings in (-100 %, +1,000,000 %]."""
    amounts, years = netted(flows)
    if len(amounts) < 2:
        return Scan([])
    us = np.linspace(LOWEST_U, HIGHEST_U, points)
    exponent = -us[:, None] * years[None, :] - np.maximum(0, -us * years[-1])[:, None]
    npv = (amounts[None, :] * np.exp(np.maximum(exponent, -700))).sum(axis=1)
    where = np.nonzero(np.sign(npv[:-1]) * np.sign(npv[1:]) < 0)[0]
    return Scan(
        [(float(np.expm1(us[k])), float(np.expm1(us[k + 1])), int(np.sign(npv[k + 1]))) for k in where]
    )


def residual(flows: Sequence[Flow], rate: float) -> float:
    """|NPV| over the sum of |present values|: 0 at a root, at most 1."""
    amounts, years = netted(flows)
    log_growth = np.log1p(rate) * years
    pv = amounts * np.exp(np.maximum(-log_growth - np.max(-log_growth), -700))
    return float(abs(pv.sum()) / np.abs(pv).sum())


def slope_sign(flows: Sequence[Flow], rate: float) -> int:
    """-1 where NPV falls as the rate rises through `rate`, +1 where it rises."""
    amounts, years = netted(flows)
    log_growth = np.log1p(rate) * years
    pv = amounts * np.exp(np.maximum(-log_growth - np.max(-log_growth), -700))
    return int(np.sign(-(pv * years).sum()))
