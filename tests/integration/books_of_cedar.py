# ruff: noqa: E501 - rows of data read as lines
"""Books of a manager who reports in euros, told in two files; and what the platform says a euro was."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tests.integration.marts_world import flow, nav

FIRST_FILE: dict[str, list[dict[str, Any]]] = {
    "vehicles": [{"vehicle_id": "fund", "name": "Fund"}, {"vehicle_id": "euro", "name": "Euro", "currency_code": "EUR"}, {"vehicle_id": "abroad", "name": "Abroad"}],
    "investors": [
        {"investor_id": "ann", "kind": "Pension fund"}, {"investor_id": "bob", "kind": "Family office"},
        {"investor_id": "gus", "kind": "General Partner"},
    ],
    "transactions": [
        flow(1, "fund", "ann", "contribution", 400, "2020-02-14"),
        flow(2, "fund", "bob", "contribution", "150.55", "2020-02-14"),
        flow(3, "fund", "ann", "contribution", 100, "2020-11-16"),
        flow(4, "fund", "bob", "fee", "3.05", "2020-08-03"),
        flow(5, "euro", "ann", "contribution", 110, "2020-03-02"),
        flow(6, "euro", "ann", "contribution", 50, "2020-03-02", currency_code="EUR"),
        flow(7, "abroad", "dan", "contribution", 100, "2020-12-31", currency_code="EUR"),
    ],
    "valuations": [
        nav("fund", "ann", "2020-09-30", 420), nav("fund", "bob", "2020-09-30", 155),
        nav("fund", "bob", "2020-12-31", 160), nav("fund", "gus", "2020-12-31", 9),
        nav("euro", "ann", "2020-12-31", 170, currency_code="EUR"),
        nav("abroad", "dan", "2020-12-31", 100, currency_code="EUR"), nav("abroad", "dan", "2021-03-31", 118, currency_code="EUR"),
    ],
}  # fmt: skip
SECOND_FILE: dict[str, list[dict[str, Any]]] = {
    "transactions": [
        flow(9, "abroad", "dan", "contribution", 11, "2021-02-10"),
        flow(10, "fund", "ann", "distribution", "33.33", "2021-02-15"),
        flow(11, "fund", "bob", "contribution", 20, "2021-03-01"),
        flow(12, "fund", "bob", "fee", "1.10", "2021-03-02"),
        flow(13, "euro", "ann", "distribution", 44, "2021-05-03"),
    ],
    "valuations": [
        nav("fund", "ann", "2020-12-31", 530), nav("fund", "bob", "2020-12-31", 158),
        nav("fund", "ann", "2021-03-31", 515), nav("fund", "bob", "2021-03-31", 190), nav("fund", "gus", "2021-03-31", 11),
        nav("fund", "ann", "2021-06-30", 540), nav("fund", "bob", "2021-06-30", 201), nav("fund", "gus", "2021-06-30", 12),
        nav("euro", "ann", "2021-06-30", 140, currency_code="EUR"),
    ],
}  # fmt: skip


def euro_in_dollars(day: date) -> Decimal:
    """What platform_rows says of the day, or of the last weekday before it."""
    while day.weekday() > 4:
        day -= timedelta(days=1)
    weekdays = sum(
        (date(2019, 12, 31) + timedelta(days=n)).weekday() < 5 for n in range((day - date(2019, 12, 31)).days)
    )
    return Decimal("1.1") + Decimal(weekdays) / 10000


def in_euros(dollars: object, day: date) -> Decimal:
    return Decimal(str(dollars)) / euro_in_dollars(day)
