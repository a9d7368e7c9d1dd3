"""What the markets of random books say: exchange rates with a hole in them, an index with a gap."""

import random
from datetime import date, timedelta
from typing import Any

FIRST = date(2017, 3, 11)
LAST = date(2020, 9, 30)
HOLE = (date(2018, 5, 1), date(2018, 5, 20))
"""Days without exchange rates."""
Rows = dict[str, list[dict[str, Any]]]


def market_rows() -> Rows:
    """Rates quoted either way, with a hole in them and none for francs; an index with a gap of a month."""
    rates, levels = [], []
    day, level = FIRST - timedelta(days=10), 1000.0
    rng = random.Random(99)
    while day <= LAST:
        if day.weekday() < 5:
            if not HOLE[0] <= day <= HOLE[1]:
                rates.append(_rate("EUR", "USD", day, 1.1 + rng.random() / 10))
                rates.append(_rate("EUR", "GBP", day, 0.85 + rng.random() / 20))
            if day.weekday() == 2:
                rates.append(_rate("GBP", "USD", day, 1.3 + rng.random() / 10))
            level *= 1 + rng.gauss(0.0004, 0.01)
            if not date(2019, 6, 3) <= day <= date(2019, 7, 1):
                levels.append({"index_code": "WORLD", "on_date": day, "level": f"{level:.4f}"})
        day += timedelta(days=1)
    return {"fx_rates": rates, "index_levels": levels}


def _rate(base: str, quote: str, day: date, rate: float) -> dict[str, Any]:
    return {
        "base_currency_code": base,
        "quote_currency_code": quote,
        "on_date": day,
        "rate": f"{rate:.6f}",
        "source": "test",
    }
