"""Exchange rates and total-return indices of the demo world: invented series, not market data.

Rates are euros or dollars for one unit of the other currency, on weekdays, from before the first flow to the
end. The euro is never the base, so that the European Central Bank's rates can be loaded beside them.
"""

import random
from datetime import date
from decimal import Decimal

from capstan.demo.calendar import weekdays
from capstan.demo.facts import Fact, FxRate, IndexLevel

SOURCE = "capstan demo (invented)"
FIRST_DAY = date(2018, 10, 1)
END_DAY = date(2026, 10, 16)


def _walk(seed: int, start: int, drift: int, swing: int, low: int, high: int) -> list[int]:
    """A bounded walk in parts per million of its own level; integers, so it is the same on every machine."""
    numbers = random.Random(seed)  # noqa: S311 (a story, not a secret)
    level, series = start, []
    for _ in weekdays(FIRST_DAY, END_DAY):
        series.append(level)
        step = drift + numbers.randint(-swing, swing) + numbers.randint(-swing, swing)
        level = min(max(level + level * step // 1_000_000, low), high)
    return series


def fx_rates() -> list[Fact]:
    """US dollar and sterling against the euro, and the cross of the two."""
    rows: list[Fact] = []
    in_euros: dict[str, list[int]] = {}
    for code, seed, start, low, high in (
        ("USD", 5, 868_000, 780_000, 1_020_000),
        ("GBP", 6, 1_128_000, 1_060_000, 1_240_000),
    ):
        series = _walk(seed, start, 0, 2_600, low, high)
        in_euros[code] = series
        for day, level in zip(weekdays(FIRST_DAY, END_DAY), series, strict=True):
            rows.append(FxRate(code, "EUR", day, str(Decimal(level) / 1_000_000), SOURCE))
    for day, pound, dollar in zip(
        weekdays(FIRST_DAY, END_DAY), in_euros["GBP"], in_euros["USD"], strict=True
    ):
        rows.append(FxRate("GBP", "USD", day, str(Decimal(pound * 1_000_000 // dollar) / 1_000_000), SOURCE))
    return rows


def index_levels() -> list[Fact]:
    """A European and an American total-return index, both 1000 on the first day."""
    rows: list[Fact] = []
    for code, seed, drift in (("CAPSTAN-EU", 7, 260), ("CAPSTAN-US", 8, 390)):
        series = _walk(seed, 100_000_000, drift, 5_200, 1, 10**12)
        for day, level in zip(weekdays(FIRST_DAY, END_DAY), series, strict=True):
            rows.append(IndexLevel(code, day, str(Decimal(level // 1000) / 100)))
    return rows


def platform() -> list[Fact]:
    """Everything that the tenant `platform` holds for all."""
    return [*fx_rates(), *index_levels()]
