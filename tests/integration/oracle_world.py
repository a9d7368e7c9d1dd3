"""Books of vehicles made at random from a seed, as canonical CSV files: every rule meets every other."""

import csv
import random
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from ingestion.contracts.ilpa_lines import ALLOCATION_LINES
from tests.integration.oracle_markets import FIRST, Rows

CURRENCIES = ("EUR", "USD", "GBP", "CHF")
STREAMS = (
    "vehicles",
    "investors",
    "holdings",
    "commitments",
    "transactions",
    "valuations",
    "vehicle_terms",
    "allocations",
    "stage_events",
    "payments",
)
STAGES = ("contacted", "meeting", "dd", "term_sheet", "committed", "passed")
KINDS = {4: "GP", 5: "Employee"}


def book_rows(seed: int, vehicles: int) -> Rows:
    """One tenant's rows. Ids are the same for every seed, so that tenants collide."""
    rng = random.Random(seed)
    rows: Rows = {stream: [] for stream in STREAMS}
    rows["investors"] = [
        {
            "investor_id": f"lp-{k}",
            "name": f"Investor {k}",
            "kind": KINDS.get(k, ""),
            "reporting_currency_code": "GBP" if k == 3 else "",
        }
        for k in range(1, 6)
    ]
    for number in range(1, vehicles + 1):
        _vehicle(rng, rows, f"fund-{number}")
    for number, row in enumerate(rows["transactions"], start=1):
        row["transaction_id"] = f"t-{number}"
    for number, row in enumerate(rows["commitments"], start=1):
        row["commitment_id"] = f"c-{number}"
    _drawn_on_a_day_without_rates(rows)
    _promised_without_a_rate(rows)
    _peers(rows)
    _more(random.Random(seed + 1000), rows)
    for stream in STREAMS:
        rng.shuffle(rows[stream])
    return rows


def _drawn_on_a_day_without_rates(rows: Rows) -> None:
    """Every amount has a rate but what the line paid on the day of its draw."""
    fund = {"vehicle_id": "drawn", "currency_code": "EUR"}
    rows["vehicles"].append({**fund, "name": "Drawn", "kind": "fund", "status": "active"})
    rows["commitments"].append(
        {
            **fund,
            "commitment_id": "c-drawn",
            "investor_id": "lp-1",
            "amount": "1000",
            "status": "signed",
            "signed_on": FIRST,
        }
    )
    rows["transactions"].append(
        {
            **fund,
            "transaction_id": "t-drawn",
            "investor_id": "lp-1",
            "kind": "contribution",
            "amount": "110.00",
            "currency_code": "USD",
            "effective_on": date(2018, 7, 2),
            "facility_drawn_on": date(2018, 5, 16),
        }
    )
    rows["valuations"].append(
        {**fund, "investor_id": "lp-1", "as_of": date(2018, 9, 30), "nav_amount": "120.00"}
    )


def _promised_without_a_rate(rows: Rows) -> None:
    """A fund's own cost, which nobody can share by commitment: there is no rate for francs."""
    fund = {"vehicle_id": "francs", "currency_code": "EUR"}
    rows["vehicles"].append({**fund, "name": "Francs", "kind": "fund", "status": "active"})
    for number, code in enumerate(("EUR", "CHF"), start=1):
        promise = {"commitment_id": f"c-{code}", "investor_id": f"lp-{number}", "amount": "1000"}
        rows["commitments"].append(
            {**fund, **promise, "currency_code": code, "status": "signed", "signed_on": FIRST}
        )
    rows["vehicle_terms"].append(
        {"vehicle_id": "francs", "management_fee_rate": "0.02", "management_fee_base": "committed"}
    )
    cost = {"transaction_id": "t-francs", "kind": "expense", "amount": "10.00"}
    rows["transactions"].append({**fund, **cost, "effective_on": date(2020, 6, 1)})


def _peers(rows: Rows) -> None:
    """As many funds of one vintage, strategy and currency as quartiles need, each with a holding."""
    for number in range(1, 10):
        fund = {"vehicle_id": f"peer-{number}", "currency_code": "USD"}
        about = {"name": f"Peer {number}", "kind": "fund", "status": "active", "hard_cap_amount": "5000000"}
        rows["vehicles"].append({**fund, **about, "vintage_year": 2018, "strategy": "growth"})
        paid = {"kind": "contribution", "investor_id": "lp-1", "amount": "100"}
        bought = {"kind": "investment", "holding_id": f"share-{number}", "amount": "90"}
        for kind, flow in (("paid", paid), ("bought", bought)):
            rows["transactions"].append(
                {**fund, **flow, "transaction_id": f"t-{kind}-{number}", "effective_on": date(2018, 7, 2)}
            )
        rows["holdings"].append(
            {
                "holding_id": f"share-{number}",
                "vehicle_id": f"peer-{number}",
                "name": "Share",
                "sector": "tools",
            }
        )
        for whose, amount in (("investor_id", 95 + 3 * number), ("holding_id", 88 + 3 * number)):
            key = {"investor_id": "lp-1", "holding_id": f"share-{number}"}[whose]
            rows["valuations"].append({**fund, whose: key, "as_of": date(2019, 12, 31), "nav_amount": amount})


PURPOSES = {
    "contribution": ("", "investments", "management_fees", "partnership_expenses", "other"),
    "distribution": ("", "realized_gain", "income", "other", "return_of_capital"),
}


def _more(rng: random.Random, rows: Rows) -> None:
    """What templates and rounds are told: purposes, allocations of some funds, moves, payments."""
    for row in rows["transactions"]:
        if row["kind"] in PURPOSES:
            row["purpose"] = rng.choice(PURPOSES[row["kind"]])
            row["due_on"] = rng.choice(["", row["effective_on"]])
    drawn = next(row for row in rows["vehicles"] if row["vehicle_id"] == "drawn")
    for row in (*sorted(rows["vehicles"], key=lambda row: -_foreign(rows, row))[:3], drawn):
        for _ in range(40 if row is not drawn else 1):
            rows["allocations"].append(_allocation(rng, len(rows["allocations"]), row))
    for row in rows["vehicles"][:6]:
        for investor in rng.sample(range(1, 6), rng.randint(2, 5)):
            _way(rng, rows, row, f"lp-{investor}")
    for row in rows["commitments"]:
        if row["status"] in ("signed", "funded") and rng.random() < 0.3:
            for attempt in range(1, rng.randint(2, 5)):
                rows["payments"].append(_payment(rng, len(rows["payments"]), row, attempt))


def _foreign(rows: Rows, vehicle: dict[str, Any]) -> int:
    """How many promises to it came in another currency."""
    return sum(
        row["vehicle_id"] == vehicle["vehicle_id"] and row["currency_code"] != vehicle["currency_code"]
        for row in rows["commitments"]
    )


def _allocation(rng: random.Random, number: int, vehicle: dict[str, Any]) -> dict[str, Any]:
    line = rng.choice(ALLOCATION_LINES)
    rate = rng.choice(["0.8", "1", ""]) if line.startswith("received") else ""
    return {
        "allocation_id": f"a-{number}",
        "vehicle_id": vehicle["vehicle_id"],
        "investor_id": rng.choice(["", "", *(f"lp-{k}" for k in range(1, 6))]),
        "line": line,
        "amount": f"{rng.choice(['', '-'])}{_cents(rng, 90_000)}",
        "currency_code": rng.choices([vehicle["currency_code"], *CURRENCIES], [20, 1, 1, 1, 0.3])[0],
        "effective_on": rng.choice([_day(rng, 1200), date(2019, 12, 31), date(2020, 6, 30)]),
        "offset_rate": rate,
    }


def _way(rng: random.Random, rows: Rows, vehicle: dict[str, Any], investor_id: str) -> None:
    """Moves of one investor, some told out of their order and some at the same instant."""
    stage, day = "", _day(rng, 400)
    for _ in range(rng.randint(1, 5)):
        to_stage = rng.choice(STAGES)
        at = datetime(day.year, day.month, day.day, rng.randrange(24), tzinfo=UTC)
        is_spoken = rng.random() < 0.5
        rows["stage_events"].append(
            {
                "event_id": f"e-{len(rows['stage_events'])}",
                "vehicle_id": vehicle["vehicle_id"],
                "investor_id": investor_id,
                "from_stage": rng.choice([stage, stage, "", "meeting"]),
                "to_stage": to_stage,
                "amount": _cents(rng, 500_000) if is_spoken else "",
                "currency_code": rng.choice(CURRENCIES) if is_spoken and rng.random() < 0.4 else "",
                "occurred_at": at.isoformat(),
            }
        )
        stage, day = to_stage, day + timedelta(days=rng.choice([0, 3, 20]))


def _payment(rng: random.Random, number: int, promise: dict[str, Any], attempt: int) -> dict[str, Any]:
    day = _day(rng, 1100)
    return {
        "payment_id": f"p-{number}",
        "commitment_id": promise["commitment_id"],
        "amount": _cents(rng, 400_000),
        "currency_code": rng.choice([promise["currency_code"], promise["currency_code"], "USD"]),
        "status": rng.choice(["succeeded", "succeeded", "failed", "refunded", "pending"]),
        "attempted_at": datetime(day.year, day.month, day.day, 12, tzinfo=UTC).isoformat(),
        "attempt": rng.choice(["", attempt]),
    }


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


def _currency(rng: random.Random, own: str, mix: bool) -> str:
    return rng.choices([own, *CURRENCIES], [8, 2, 2, 2, 0.8])[0] if mix else own


def _day(rng: random.Random, within: int) -> date:
    return FIRST + timedelta(days=rng.randrange(within))


def _cents(rng: random.Random, below: int) -> str:
    return f"{rng.randrange(1, 100 * below) / 100:.2f}"
