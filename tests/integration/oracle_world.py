"""Books of vehicles made at random from a seed, as canonical CSV files: every rule meets every other."""

import csv
import random
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

FIRST = date(2017, 3, 11)
LAST = date(2020, 9, 30)
CURRENCIES = ("EUR", "USD", "GBP", "CHF")
STREAMS = (
    "vehicles",
    "investors",
    "holdings",
    "commitments",
    "transactions",
    "valuations",
    "vehicle_terms",
)
Rows = dict[str, list[dict[str, Any]]]


def market_rows() -> Rows:
    """Rates quoted either way, with a hole in them and none for francs; an index with a gap of a month."""
    rates, levels = [], []
    day, level = FIRST - timedelta(days=10), 1000.0
    rng = random.Random(99)
    while day <= LAST:
        if day.weekday() < 5:
            if not date(2018, 5, 1) <= day <= date(2018, 5, 20):
                rates.append(_rate("EUR", "USD", day, 1.1 + rng.random() / 10))
                rates.append(_rate("EUR", "GBP", day, 0.85 + rng.random() / 20))
            if day.weekday() == 2:
                rates.append(_rate("GBP", "USD", day, 1.3 + rng.random() / 10))
            level *= 1 + rng.gauss(0.0004, 0.01)
            if not date(2019, 6, 3) <= day <= date(2019, 7, 1):
                levels.append({"index_code": "WORLD", "on_date": day, "level": f"{level:.4f}"})
        day += timedelta(days=1)
    return {"fx_rates": rates, "index_levels": levels}


def book_rows(seed: int, vehicles: int) -> Rows:
    """One tenant's rows. Ids are the same for every seed, so that tenants collide."""
    rng = random.Random(seed)
    rows: Rows = {stream: [] for stream in STREAMS}
    rows["investors"] = [{"investor_id": f"lp-{k}", "name": f"Investor {k}"} for k in range(1, 6)]
    for number in range(1, vehicles + 1):
        _vehicle(rng, rows, f"fund-{number}")
    for number, row in enumerate(rows["transactions"], start=1):
        row["transaction_id"] = f"t-{number}"
    for number, row in enumerate(rows["commitments"], start=1):
        row["commitment_id"] = f"c-{number}"
    for stream in STREAMS:
        rng.shuffle(rows[stream])
    return rows


def write(rows: Rows, folder: Path) -> dict[str, Path]:
    """One CSV file a stream that has rows."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {}
    for stream, items in rows.items():
        if not items:
            continue
        columns = list(dict.fromkeys(name for item in items for name in item))
        paths[stream] = folder / f"{stream}.csv"
        with paths[stream].open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(items)
    return paths


def _vehicle(rng: random.Random, rows: Rows, vehicle_id: str) -> None:
    currency = rng.choice(CURRENCIES[:3])
    is_closed = rng.random() < 0.2
    rows["vehicles"].append(
        {
            "vehicle_id": vehicle_id,
            "name": vehicle_id.title(),
            "kind": "fund",
            "currency_code": currency,
            "target_amount": rng.choice(["", "25000000"]),
            "status": "closed" if is_closed else "active",
            "closed_on": _day(rng, 1100) if is_closed and rng.random() < 0.7 else "",
            "vintage_year": rng.choice([2016, 2017, ""]),
            "strategy": rng.choice(["buyout", "venture", ""]),
            "benchmark_code": rng.choice(["WORLD", "WORLD", "", "NOWHERE"]),
        }
    )
    if rng.random() < 0.6:
        rows["vehicle_terms"].append(_terms(rng, vehicle_id))
    mix = rng.random() < 0.4
    for investor in rng.sample(range(1, 6), rng.randint(1, 4)):
        _investor(rng, rows, vehicle_id, f"lp-{investor}", currency, mix)
    if rng.random() < 0.2:
        rows["transactions"].append(
            _flow(rng, vehicle_id, "", rng.choice(["contribution", "distribution"]), currency, mix)
        )
    if rng.random() < 0.4:
        for _ in range(rng.randint(1, 3)):
            rows["valuations"].append(_value(rng, vehicle_id, "", "", currency, mix))
    for number in range(rng.randint(0, 3)):
        _holding(rng, rows, vehicle_id, f"{vehicle_id}-h{number}", currency, mix)
    _keep_one_value_a_day(rows["valuations"])


def _terms(rng: random.Random, vehicle_id: str) -> dict[str, Any]:
    return {
        "vehicle_id": vehicle_id,
        "management_fee_rate": rng.choice(["", "0.02", "0.0175"]),
        "management_fee_base": rng.choice(["", "committed", "invested", "nav"]),
        "fee_starts_on": rng.choice(["", _day(rng, 300)]),
        "fee_step_down_on": rng.choice(["", _day(rng, 900)]),
        "fee_rate_after": rng.choice(["", "0.01"]),
        "fee_base_after": rng.choice(["", "invested", "nav"]),
        "carry_rate": rng.choice(["", "0.2", "0.1", "0.25"]),
        "hurdle_rate": rng.choice(["", "0.08", "0.06"]),
        "hurdle_compounding": rng.choice(["", "exponential", "simple", "annual"]),
        "catch_up_rate": rng.choice(["", "1", "0.5", "0.2", "0"]),
        "waterfall": rng.choice(["", "european", "european", "american"]),
        "day_count": rng.choice(["", "ACT/365F", "ACT/360", "30/360", "30E/360", "ACT/ACT"]),
        "life_years": rng.choice(["", "10"]),
    }


def _investor(
    rng: random.Random, rows: Rows, vehicle_id: str, investor_id: str, currency: str, mix: bool
) -> None:
    for status in rng.choice(
        [[], ["signed"], ["funded"], ["signed", "cancelled"], ["soft_circled"], ["cancelled"]]
    ):
        rows["commitments"].append(
            {
                "vehicle_id": vehicle_id,
                "investor_id": investor_id,
                "amount": _cents(rng, 5_000_000),
                "currency_code": _currency(rng, currency, mix),
                "status": status,
                "signed_on": rng.choice([FIRST, _day(rng, 900), ""]),
            }
        )
    for _ in range(rng.randint(0, 7)):
        kind = rng.choice(["contribution", "contribution", "distribution", "fee", "expense"])
        rows["transactions"].append(_flow(rng, vehicle_id, investor_id, kind, currency, mix))
    for _ in range(rng.randint(0, 4)):
        rows["valuations"].append(_value(rng, vehicle_id, investor_id, "", currency, mix))


def _holding(
    rng: random.Random, rows: Rows, vehicle_id: str, holding_id: str, currency: str, mix: bool
) -> None:
    rows["holdings"].append(
        {
            "holding_id": holding_id,
            "vehicle_id": vehicle_id,
            "name": holding_id,
            "sector": rng.choice(["energy", "health", ""]),
            "status": rng.choice(["", "held", "Exited", "written off"]),
        }
    )
    for _ in range(rng.randint(0, 4)):
        kind = rng.choice(["investment", "investment", "proceeds", "interest"])
        flow = _flow(rng, vehicle_id, "", kind, currency, mix)
        rows["transactions"].append(
            {**flow, "holding_id": holding_id, "recallable": "", "outside_commitment": ""}
        )
    for _ in range(rng.randint(0, 2)):
        rows["valuations"].append(_value(rng, vehicle_id, "", holding_id, currency, mix))


def _flow(
    rng: random.Random, vehicle_id: str, investor_id: str, kind: str, currency: str, mix: bool
) -> dict[str, Any]:
    return {
        "vehicle_id": vehicle_id,
        "investor_id": investor_id,
        "holding_id": "",
        "kind": kind,
        "purpose": "management_fees" if kind == "fee" and rng.random() < 0.5 else "",
        "amount": "0" if rng.random() < 0.05 else _cents(rng, 2_000_000),
        "currency_code": _currency(rng, currency, mix),
        "effective_on": rng.choice([_day(rng, 1200), date(2018, 6, 30), date(2019, 12, 31)]),
        "recallable": "true" if kind == "distribution" and rng.random() < 0.3 else "",
        "outside_commitment": "true" if kind == "contribution" and rng.random() < 0.2 else "",
        "category": _category(rng, kind),
        "facility_drawn_on": _day(rng, 1200) if kind == "contribution" and rng.random() < 0.15 else "",
    }


def _category(rng: random.Random, kind: str) -> str:
    return "subscription_facility_interest" if kind == "contribution" and rng.random() < 0.05 else ""


def _value(
    rng: random.Random, vehicle_id: str, investor_id: str, holding_id: str, currency: str, mix: bool
) -> dict[str, Any]:
    as_of = rng.choice([date(2018, 6, 30), date(2019, 3, 31), date(2020, 6, 30), _day(rng, 1200)])
    draw = rng.random()
    amount = "0" if draw < 0.1 else _cents(rng, 3_000_000)
    return {
        "vehicle_id": vehicle_id,
        "investor_id": investor_id,
        "holding_id": holding_id,
        "as_of": as_of,
        "nav_amount": f"-{amount}" if draw > 0.95 and not holding_id else amount,  # owes more than it owns
        "currency_code": _currency(rng, currency, mix),
    }


def _keep_one_value_a_day(values: Iterable[dict[str, Any]]) -> None:
    """A second value of the same key is a correction; give it another amount on the next day instead."""
    seen = set()
    for row in values:
        while (key := (row["vehicle_id"], row["investor_id"], row["holding_id"], row["as_of"])) in seen:
            row["as_of"] += timedelta(days=1)
        seen.add(key)


def _rate(base: str, quote: str, day: date, rate: float) -> dict[str, Any]:
    return {
        "base_currency_code": base,
        "quote_currency_code": quote,
        "on_date": day,
        "rate": f"{rate:.6f}",
        "source": "test",
    }


def _currency(rng: random.Random, own: str, mix: bool) -> str:
    return rng.choices([own, *CURRENCIES], [8, 2, 2, 2, 0.8])[0] if mix else own


def _day(rng: random.Random, within: int) -> date:
    return FIRST + timedelta(days=rng.randrange(within))


def _cents(rng: random.Random, below: int) -> str:
    return f"{rng.randrange(1, 100 * below) / 100:.2f}"
