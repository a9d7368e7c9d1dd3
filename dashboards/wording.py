"""What figures say on pages: the formats and reasons of `reporting.presentation` in the tenant's own locale.

Nothing is computed here. A missing figure is a dash or `n.m.`; why it is missing is the matching `…_why`.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from dashboards.reading import page_context
from reporting.presentation import formats, metric_register, reasons

Row = Mapping[str, Any]


def locale() -> str:
    """The tenant's locale, for figures."""
    return page_context().tenant.locale


def money(amount: formats.Number | None, currency: str | None) -> str:
    """A whole amount with its currency, for tables."""
    return formats.money(amount, currency, locale=locale(), whole=True)


def short_money(amount: formats.Number | None, currency: str | None) -> str:
    """A headline amount such as `€12.4m`."""
    return formats.compact_money(amount, currency, locale=locale())


def exact_money(amount: formats.Number | None, currency: str | None) -> str:
    """An amount to the cent without its currency, for columns under one currency."""
    return formats.amount(amount, currency=currency, locale=locale())


def multiple(value: formats.Number | None) -> str:
    """A multiple of money: `1.84x`."""
    return formats.multiple(value, locale=locale())


def percent(value: formats.Number | None, digits: int = 1) -> str:
    """A fraction as per cent."""
    return formats.percent(value, digits=digits, locale=locale())


def whole(value: formats.Number | None) -> str:
    """A count such as `8,800`."""
    return formats.count(value, locale=locale())


def days(value: formats.Number | None) -> str:
    """A number of days."""
    return formats.days(value, locale=locale())


def duration(seconds: formats.Number | None) -> str:
    """A length of time."""
    return formats.duration(seconds)


def day(value: date | datetime | None) -> str:
    """A date as `30 Sep 2026`."""
    return formats.day(value)


def quote(value: Any) -> str:
    """An exchange rate as it was quoted, all its digits."""
    return f"{value:f}".rstrip("0").rstrip(".")


def sentence(code: str | None) -> str:
    """A code of the data as words: `return_of_capital` becomes `Return of capital`."""
    return reasons.status_words(code)


def stage(code: str | None) -> str:
    """A stage of the pipeline as it is shown."""
    return reasons.stage_words(code)


def counted(number: int | None, noun: str) -> str:
    """`1 commitment`, `2 commitments`."""
    return f"{whole(number or 0)} {noun}{'' if number == 1 else 's'}"


def firm_beside(name: str | None, firm: str | None) -> str:
    """The firm as the second line under a person's name; empty where it says the same."""
    return firm if firm and firm != name else ""


def irr_text(row: Row) -> str:
    """The annual rate of a row with `irr`, `irr_status` and `is_annualized`; `n.m.` or a dash where there is
    none."""
    return irr(row).text


def irr_why(row: Row) -> str:
    """Why there is no rate, or what to know about it; empty for a plain one."""
    return irr(row).why


def irr(row: Row) -> reasons.Shown:
    """The annual rate of a row with why it is missing or what to know about it."""
    return reasons.irr(row.get("irr"), row.get("irr_status"), row.get("is_annualized", True), locale=locale())


def nav_why(row: Row) -> str:
    """What to know about the NAV of a row: how old a rolled one is, why a missing one is missing."""
    return reasons.nav_words(
        row.get("nav_status"), nav_as_of=row.get("nav_as_of"), nav_age_days=row.get("nav_age_days")
    )


def nav_note(row: Row) -> str:
    """The short remark under a figure that rests on a NAV: `NAV rolled 94 days`; empty for a reported one."""
    return "" if row.get("nav_status") in (None, "reported", "closed") else f"NAV {reasons.nav_label(row)}"


def pme(row: Row, key: str = "ks_pme") -> reasons.Shown:
    """The public-market equivalent of a row, with the reason where there is none."""
    return reasons.pme(row.get(key), row.get("pme_status"), locale=locale())


def rate(row: Row, key: str) -> reasons.Shown:
    """An annual rate of a row that has `<key>_status` beside it, with the reason where there is none."""
    return reasons.rate(
        row.get(key), row.get(f"{key}_status"), row.get("is_annualized", True), locale=locale()
    )


def gain(value: formats.Number | None) -> str:
    """A difference of rates with its sign: `+5.2%`."""
    return formats.percent(value, locale=locale(), signed=True)


def share(row: Row, key: str, status: str) -> reasons.Shown:
    """A weight of holdings or a loss ratio of a row, with the reason where there is none."""
    return reasons.share(row.get(key), row.get(status), locale=locale())


def number(value: formats.Number | None, digits: int) -> str:
    """A plain number with this many decimals."""
    return formats.number(value, digits=digits, locale=locale())


def title(name: str) -> str:
    """What a metric is called, from the register. Raises UnknownMetric for a misspelt name."""
    return metric_register.metric(name).title


def question(name: str) -> str:
    """The question that a metric answers, from the register."""
    return metric_register.metric(name).question


def helps(name: str) -> str:
    """The question and the formula of a metric, from the register. Raises UnknownMetric for a misspelt
    name."""
    return metric_register.metric(name).help


def in_unit(value: Any, unit: str, currency: str | None) -> str:
    """A metric's value in the unit of the register."""
    written = {
        "money": lambda: formats.money(value, currency, locale=locale()),
        "multiple": lambda: formats.multiple(value, digits=4, locale=locale()),
        "fraction": lambda: formats.percent(value, digits=2, locale=locale()),
        "days": lambda: days(value),
        "seconds": lambda: duration(value),
    }
    return written.get(unit, lambda: whole(value))()
