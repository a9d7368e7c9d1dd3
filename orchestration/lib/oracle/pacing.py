"""Takahashi and Alexander's projection of a fund from where it stands (METRICS section 7)."""

from datetime import date
from fractions import Fraction

from orchestration.lib.oracle.book import Vehicle
from orchestration.lib.oracle.questions import Answers, Made, filed
from orchestration.lib.oracle.standing import Standing

CALL_RATES = (0.25, 0.333, 0.5)
LIFE_YEARS = 12
BOW = 2.5
GROWTH = 0.13
YIELD = 0.0


def pacing(vehicle: Vehicle, at: Standing, as_of: date, life_years: int) -> Answers:
    """Where a fund stands, then what it calls, pays out and is worth each year; of other vehicles nothing.

    Called = rate of the year x unfunded. Paid out = max(yield, (year / life)^bow) x value grown for a year.
    """
    if vehicle.kind != "fund":
        return {}
    first = min((day for day, _ in at.flows), default=None)
    age = 0 if first is None else int((as_of - first).days / 365)
    nav = Fraction(0) if first is None and at.worth.amount is None else at.worth.amount
    status = _status(at, first)
    found = filed(
        _row(Fraction(0), Fraction(0), nav, at.unfunded, Fraction(0), status), _ask(vehicle, as_of, 0)
    )
    if status != "ok" or nav is None or at.unfunded is None:
        return found
    value, unfunded, net = float(nav), float(at.unfunded), 0.0
    for year in range(age + 1, max(life_years, age + 1) + 1):
        called = CALL_RATES[min(year, len(CALL_RATES)) - 1] * unfunded
        grown = value * (1 + GROWTH)
        paid = min(1.0, max(YIELD, (year / life_years) ** BOW)) * grown
        value, unfunded, net = grown + called - paid, unfunded - called, net + paid - called
        found |= filed(_row(called, paid, value, unfunded, net, status), _ask(vehicle, as_of, year - age))
    return found


Number = Fraction | float | None


def _row(called: Number, paid: Number, nav: Number, unfunded: Number, net: Number, status: str) -> list[Made]:
    return [
        ("projected_contribution_amount", called, "money", status),
        ("projected_distribution_amount", paid, "money", status),
        ("projected_nav_amount", nav, "money", status),
        ("projected_unfunded_amount", unfunded, "money", status),
        ("projected_net_amount", net, "money", status),
    ]


def _ask(vehicle: Vehicle, as_of: date, years: int) -> tuple[str, str, date, str]:
    leap_to_common = (as_of.month, as_of.day) == (2, 29) and years % 4 != 0
    day = as_of.replace(year=as_of.year + years, day=28 if leap_to_common else as_of.day)
    return "vehicle", vehicle.vehicle_id, day, vehicle.vehicle_id


def _status(at: Standing, first: date | None) -> str:
    if at.worth.status == "closed":
        return "closed"
    if at.is_rate_missing:
        return "missing_rate"
    if not at.commitment or at.unfunded is None:
        return "no_commitment"
    if at.unfunded < 0:
        return "negative_unfunded"
    if at.worth.amount is None and first is not None:
        return "missing_nav"
    return "negative_nav" if at.worth.amount is not None and at.worth.amount < 0 else "ok"
