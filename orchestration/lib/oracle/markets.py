"""Exchange rates and index levels on a day: the last one on or before it, at most five weekdays old."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from fractions import Fraction

import numpy as np

MAX_WEEKDAYS = 5


class Series:
    """Dated numbers, looked up by day."""

    def __init__(self, points: Iterable[tuple[date, Fraction]]):
        ordered = sorted(points)
        self._days = [day for day, _ in ordered]
        self._numbers = [number for _, number in ordered]

    def on(self, day: date) -> tuple[date, Fraction] | None:
        """The last number on or before the day, with its own day; None where it is too old or none is."""
        place = bisect_right(self._days, day) - 1
        if place < 0 or np.busday_count(self._days[place], day) > MAX_WEEKDAYS:
            return None
        return self._days[place], self._numbers[place]


class Markets:
    """Rates between currencies and total-return levels of indices."""

    def __init__(
        self, rates: Iterable[tuple[str, str, date, Fraction]], levels: Iterable[tuple[str, date, Fraction]]
    ):
        pairs: dict[tuple[str, str], list[tuple[date, Fraction]]] = defaultdict(list)
        for base, quote, day, rate in rates:
            pairs[base, quote].append((day, rate))
        indices: dict[str, list[tuple[date, Fraction]]] = defaultdict(list)
        for code, day, level in levels:
            indices[code].append((day, level))
        self._pairs = {pair: Series(points) for pair, points in pairs.items()}
        self._levels = {code: Series(points) for code, points in indices.items()}

    def convert(self, amount: Fraction, base: str, quote: str, day: date) -> Fraction | None:
        """The amount in another currency at the day's rate; None where no rate is known (never 1)."""
        rate = Fraction(1) if base == quote else self._rate(base, quote, day)
        return None if rate is None else amount * rate

    def level(self, code: str, day: date) -> Fraction | None:
        """The index's level for the day; None where it is not known, too old or not positive."""
        found = self._levels[code].on(day) if code in self._levels else None
        return found[1] if found and found[1] > 0 else None

    def _rate(self, base: str, quote: str, day: date) -> Fraction | None:
        direct = self._quoted(base, quote, day)
        inverse = self._quoted(quote, base, day)
        if inverse and inverse[1] == 0:
            inverse = None
        if direct and (inverse is None or direct[0] >= inverse[0]):
            return direct[1]
        if inverse:
            return 1 / inverse[1]
        if "EUR" in (base, quote):
            return None
        from_euro = self._quoted("EUR", base, day)
        to_quote = self._quoted("EUR", quote, day)
        if from_euro is None or to_quote is None or from_euro[1] == 0:
            return None
        return to_quote[1] / from_euro[1]

    def _quoted(self, base: str, quote: str, day: date) -> tuple[date, Fraction] | None:
        series = self._pairs.get((base, quote))
        return series.on(day) if series else None
