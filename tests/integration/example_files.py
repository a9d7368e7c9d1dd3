"""Published examples as canonical rows: each is a vehicle of its own, named by its id in tests/data/finance.

Periods that a source calls years are 365 days, so that ACT/365 counts them whole.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

FIGURES = Path(__file__).parents[1] / "data" / "finance"
START = date(2001, 1, 1)
Row = dict[str, Any]


def figures(name: str) -> list[Row]:
    """The examples of one file: inputs, published answer, its precision, the recomputed answer."""
    found: list[Row] = json.loads((FIGURES / f"{name}_examples.json").read_text(encoding="utf-8"))
    return found


RATES = figures("irr")
MULTIPLES = figures("multiple")
COMPARISONS = [
    item for item in figures("pme") if "contributions" in item["inputs"] and "nav" in item["inputs"]
]
FUNNELS = figures("funnel")
WATERFALLS = [item for item in figures("waterfall") if item["function"] == "waterfall"]


def rows() -> dict[str, list[Row]]:
    """Every example, by stream."""
    found: dict[str, list[Row]] = defaultdict(list)
    for rows_of in (_rates, _multiples, _comparisons, _funnels, _waterfalls):
        for stream, row in rows_of():
            found[stream].append(row)
    found["investors"] = [{"investor_id": "lp", "name": "Reader of examples"}]
    investors = {row["investor_id"] for row in found["stage_events"]}
    found["investors"] += [{"investor_id": key, "name": key} for key in sorted(investors)]
    for number, row in enumerate(found["transactions"], start=1):
        row["transaction_id"] = f"t{number}"
    for number, row in enumerate(found["stage_events"], start=1):
        row["event_id"] = f"e{number}"
    return found


def year(number: int) -> date:
    """The day that ends so many years of 365 days."""
    return START + timedelta(days=365 * number)


def _rates() -> Iterator[tuple[str, Row]]:
    for item in RATES:
        dated = [(date.fromisoformat(day), Decimal(amount)) for day, amount in item["flows"]]
        # a vehicle that has closed is worth nothing: the flows are all there is
        yield "vehicles", _vehicle(item["id"], closed_on=max((day for day, _ in dated), default=START))
        for day, amount in dated:
            yield "transactions", _flow(item["id"], day, amount)


def _multiples() -> Iterator[tuple[str, Row]]:
    for item in MULTIPLES:
        given, key = item["inputs"], f"{item['id']}-multiple"
        flows = [(day, -Decimal(amount)) for day, amount in given.get("contributions", [])]
        flows += [(day, Decimal(amount)) for day, amount in given.get("distributions", [])]
        last = date.fromisoformat(max(day for day, _ in flows))
        yield "vehicles", _vehicle(key, closed_on=None if "nav" in given else last)
        for day, amount in flows:
            yield "transactions", _flow(key, date.fromisoformat(day), amount)
        if "nav" in given:
            yield "valuations", _value(key, date.fromisoformat(given["nav"][0]), given["nav"][1])


def _comparisons() -> Iterator[tuple[str, Row]]:
    for item in COMPARISONS:
        given, key = item["inputs"], item["id"]
        yield "vehicles", _vehicle(key, index=key)
        for number, level in enumerate(given["index"]):
            yield "index_levels", {"index_code": key, "on_date": year(number), "level": level}
            for kind, sign in (("contributions", -1), ("distributions", 1)):
                if given[kind][number]:
                    yield "transactions", _flow(key, year(number), sign * Decimal(str(given[kind][number])))
        yield "valuations", _value(key, year(len(given["index"]) - 1), given["nav"])


def _funnels() -> Iterator[tuple[str, Row]]:
    first = datetime(2024, 1, 1, tzinfo=UTC)
    for item in FUNNELS:
        key = item["id"]
        yield "vehicles", _vehicle(key) | {"kind": "priced_round"}
        investors = [path for path in item["inputs"]["paths"] for _ in range(path["investors"])]
        for number, path in enumerate(investors):
            days = dict(zip(path["stages"], (0, path["days"]), strict=False))
            for stage in path["stages"]:
                yield (
                    "stage_events",
                    {
                        "vehicle_id": key,
                        "investor_id": f"{key}-{number}",
                        "to_stage": stage,
                        "amount": item["inputs"]["value"],
                        "currency_code": "USD",
                        "occurred_at": (first + timedelta(days=days[stage])).isoformat(),
                    },
                )


def _waterfalls() -> Iterator[tuple[str, Row]]:
    for item in WATERFALLS:
        yield "vehicles", _vehicle(item["id"], closed_on=date.fromisoformat(item["flows"][-1][0]))
        for day, amount in item["flows"]:
            yield "transactions", _flow(item["id"], date.fromisoformat(day), Decimal(amount))


def _vehicle(key: str, *, closed_on: date | None = None, index: str = "") -> Row:
    return {
        "vehicle_id": key,
        "name": key,
        "kind": "fund",
        "currency_code": "USD",
        "status": "closed" if closed_on else "active",
        "closed_on": closed_on or "",
        "benchmark_code": index,
    }


def _flow(key: str, on: date, amount: Decimal) -> Row:
    return {
        "vehicle_id": key,
        "investor_id": "lp",
        "kind": "contribution" if amount < 0 else "distribution",
        "amount": format(abs(amount), "f"),
        "currency_code": "USD",
        "effective_on": on,
    }


def _value(key: str, on: date, amount: object) -> Row:
    return {
        "vehicle_id": key,
        "investor_id": "lp",
        "as_of": on,
        "nav_amount": amount,
        "currency_code": "USD",
    }
