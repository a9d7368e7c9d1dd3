"""Dates of the demo world: quarters as running numbers and business days. Nothing here reads the clock."""

from datetime import date, timedelta

LAST_DAY = date(2026, 9, 30)
"""The demo's today: the last quarter end that its files report."""


def quarter(year: int, number: int) -> int:
    """A quarter (1 to 4) of a year as a running number, so that quarters can be counted and compared."""
    return year * 4 + number - 1


def first_day(running: int) -> date:
    """The first day of a running quarter."""
    return date(running // 4, running % 4 * 3 + 1, 1)


def last_day(running: int) -> date:
    """The last day of a running quarter."""
    return first_day(running + 1) - timedelta(days=1)


def quarter_of(day: date) -> int:
    """The running quarter that contains the day."""
    return quarter(day.year, (day.month - 1) // 3 + 1)


def business_day(day: date) -> date:
    """The day itself, or the Monday after it where it falls on a weekend."""
    return day + timedelta(days={5: 2, 6: 1}.get(day.weekday(), 0))


def in_quarter(running: int, month: int, day: int) -> date:
    """The business day at or after `day` in the quarter's first, second or third month."""
    return business_day(date(running // 4, running % 4 * 3 + month, day))


def weekdays(start: date, end: date) -> list[date]:
    """All Mondays to Fridays from start to end, both included."""
    days = (start + timedelta(days=n) for n in range((end - start).days + 1))
    return [day for day in days if day.weekday() < 5]


def quarter_ends(start: date, end: date) -> list[date]:
    """The quarter ends from the one at or after start to the last one at or before end."""
    ends = [last_day(running) for running in range(quarter_of(start), quarter_of(end) + 1)]
    return [day for day in ends if day <= end]
