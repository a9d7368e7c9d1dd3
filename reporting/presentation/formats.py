"""How numbers, money, dates and missing values are written: one set for screen, mail, PDF and tables.

Rounding happens here and nowhere before. Values come from marts: money as Decimal in its own currency, rates
and ratios as fractions. A missing value is a dash, never a zero; why it is missing is in `reasons.py`.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Decimal, InvalidOperation
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.numbers import format_currency, format_decimal, get_currency_precision

MISSING = "—"
MINUS = "−"
SPACE = "\u00a0"
"""A space that does not break, between a number and its unit."""

_DIGITS_OF_A_PATTERN = re.compile(r"[#0,.]+")
_LETTERS_MEET_DIGITS = re.compile(r"(?<=[^\W\d_])(?=\d)")

Number = Decimal | float | int

_ROUNDS_UP = Decimal("0.9995")
_COMPACT = ((Decimal(10) ** 9, "bn"), (Decimal(10) ** 6, "m"), (Decimal(10) ** 3, "k"))


@cache
def locale_of(name: str | None) -> Locale:
    """The locale of this name, such as `en`, `de` or `fr_CH`; an unknown one is English."""
    try:
        return Locale.parse((name or "en").replace("-", "_"))
    except (UnknownLocaleError, ValueError, TypeError):
        return Locale.parse("en")


def minor_units(currency: str) -> int:
    """How many decimals the currency has: 2 for EUR, 0 for JPY, 3 for KWD."""
    return get_currency_precision(currency)


def money(
    amount: Number | None, currency: str | None, *, locale: str | None = "en", whole: bool = False
) -> str:
    """An amount with its currency, at the currency's minor units or `whole`: `€1,234,567.89`, `1.234.568 €`.

    Without a currency the bare number is written, with two decimals.
    """
    value = _decimal(amount)
    if value is None:
        return MISSING
    if not currency:
        return number(value, digits=0 if whole else 2, locale=locale)
    digits = 0 if whole else minor_units(currency)
    text = format_currency(
        _rounded(value, digits),
        currency,
        locale=locale_of(locale),
        currency_digits=False,
        decimal_quantization=False,
        format=_currency_pattern(locale, digits),
    )
    return _typeset(_LETTERS_MEET_DIGITS.sub(SPACE, text))


def amount(value: Number | None, *, currency: str | None = None, locale: str | None = "en") -> str:
    """An amount without its currency, at the currency's minor units: for columns whose heading names it."""
    return number(value, digits=minor_units(currency) if currency else 2, locale=locale)


def compact_money(amount: Number | None, currency: str | None, *, locale: str | None = "en") -> str:
    """An amount for headlines, three or four digits and a magnitude: `€12.4m`, `€1.08bn`, `-€950k`."""
    value = _decimal(amount)
    if value is None:
        return MISSING
    symbol = _symbol(currency, locale)
    sign = MINUS if value < 0 else ""
    size = abs(value)
    for magnitude, unit in _COMPACT:
        scaled = size / magnitude
        if scaled >= _ROUNDS_UP:
            digits = 0 if unit == "k" or scaled >= 1000 else 1 if scaled >= 10 else 2
            return f"{sign}{symbol}{_plain(scaled, digits, locale)}{unit}"
    return f"{sign}{symbol}{_plain(size, 0, locale)}"


def axis_amount(value: Number, *, locale: str | None = "en") -> str:
    """A round amount beside an axis, without decimals that say nothing: `20m`, `2.5m`, `500k`, `0`."""
    given = _decimal(value)
    if given is None:
        return MISSING
    size = abs(given)
    magnitude, unit = next(((scale, name) for scale, name in _COMPACT if size >= scale), (Decimal(1), ""))
    scaled = size / magnitude
    digits = next((few for few in (0, 1, 2) if _rounded(scaled, few) == _rounded(scaled, 6)), 2)
    return f"{MINUS if given < 0 else ''}{_plain(scaled, digits, locale)}{unit}"


def multiple(value: Number | None, *, digits: int = 2, locale: str | None = "en") -> str:
    """A multiple of money: `1.84x`."""
    return MISSING if _decimal(value) is None else f"{number(value, digits=digits, locale=locale)}x"


def percent(value: Number | None, *, digits: int = 1, locale: str | None = "en", signed: bool = False) -> str:
    """A fraction as per cent, as the locale writes it: 0.125 is `12.5%`, in German `12,5 %`; `signed` puts a
    plus before gains."""
    fraction = _decimal(value)
    if fraction is None:
        return MISSING
    text = number(fraction * 100, digits=digits, locale=locale)
    return f"{'+' if signed and fraction > 0 else ''}{_percent_pattern(locale).replace('0', text)}"


def number(value: Number | None, *, digits: int = 0, locale: str | None = "en") -> str:
    """A number with the locale's separators and exactly `digits` decimals."""
    given = _decimal(value)
    if given is None:
        return MISSING
    rounded = _rounded(given, digits)
    if rounded == 0:
        rounded = abs(rounded)
    return f"{MINUS if rounded < 0 else ''}{_plain(abs(rounded), digits, locale)}"


def count(value: Number | None, *, locale: str | None = "en") -> str:
    """How many: `8,800`."""
    return number(value, digits=0, locale=locale)


def days(value: Number | None, *, locale: str | None = "en") -> str:
    """A number of days: `1 day`, `94 days`, `21.5 days`."""
    given = _decimal(value)
    if given is None:
        return MISSING
    digits = 0 if given == given.to_integral_value() else 1
    return f"{number(given, digits=digits, locale=locale)}{SPACE}{'day' if given == 1 else 'days'}"


def duration(seconds: Number | None) -> str:
    """A length of time: `1 h 12 min`, `4 min`, `48 s`."""
    given = _decimal(seconds)
    if given is None:
        return MISSING
    minutes, rest = divmod(round(given), 60)
    if minutes < 1:
        return f"{rest}{SPACE}s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}{SPACE}h {minutes:02}{SPACE}min" if hours else f"{minutes}{SPACE}min"


def day(value: date | datetime | None) -> str:
    """A date that is read the same everywhere: `30 Sep 2026`."""
    return f"{value.day}{SPACE}{value:%b}{SPACE}{value.year}" if value else MISSING


def iso_day(value: date | datetime | None) -> str:
    """A date for machines: `2026-09-30`; empty where there is none."""
    return f"{value:%Y-%m-%d}" if value else ""


def quarter(value: date | None) -> str:
    """The quarter that a date lies in: `Q3 2026`."""
    return f"Q{(value.month + 2) // 3}{SPACE}{value.year}" if value else MISSING


def largest_remainder(parts: Sequence[Number], digits: int = 0) -> list[Decimal]:
    """The parts rounded to `digits` decimals so that they sum to their rounded total.

    Each part is rounded down and the units left over go to the largest remainders, the earlier part first
    where two are equal. No part moves by a whole unit. Raises ValueError for a part that is not finite.
    """
    exact = []
    for part in parts:
        value = _decimal(part)
        if value is None:
            raise ValueError(f"{part!r} cannot be part of a sum; leave missing parts out, they are not zero")
        exact.append(value)
    unit = Decimal(1).scaleb(-digits)
    floors = [value.quantize(unit, rounding=ROUND_FLOOR) for value in exact]
    total = sum(exact, Decimal(0)).quantize(unit, rounding=ROUND_HALF_EVEN)
    left = int((total - sum(floors, Decimal(0))) / unit)
    order = sorted(range(len(exact)), key=lambda place: (floors[place] - exact[place], place))
    for place in order[:left]:
        floors[place] += unit
    return floors


def _decimal(value: Number | None) -> Decimal | None:
    if value is None:
        return None
    try:
        given = (
            value
            if isinstance(value, Decimal)
            else Decimal(repr(value) if isinstance(value, float) else value)
        )
    except (InvalidOperation, TypeError, ValueError):
        return None
    return given if given.is_finite() else None


def _rounded(value: Decimal, digits: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_EVEN)


def _plain(value: Decimal, digits: int, locale: str | None) -> str:
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return _typeset(format_decimal(_rounded(value, digits), format=pattern, locale=locale_of(locale)))


@cache
def _currency_pattern(locale: str | None, digits: int) -> str:
    pattern = str(locale_of(locale).currency_formats["standard"].pattern).split(";")[0]
    return pattern.replace(".00", "." + "0" * digits if digits else "")


@cache
def _percent_pattern(locale: str | None) -> str:
    """Where the locale puts the sign, with one `0` in place of the digits: `0%`, `0 %`, `%0`."""
    pattern = str(locale_of(locale).percent_formats[None].pattern).split(";")[0]
    return _typeset(_DIGITS_OF_A_PATTERN.sub("0", pattern))


@cache
def _symbol(currency: str | None, locale: str | None) -> str:
    if not currency:
        return ""
    symbol = locale_of(locale).currency_symbols.get(currency, currency)
    return symbol if len(symbol) < 3 or not symbol.isalpha() else f"{symbol}{SPACE}"


def _typeset(text: str) -> str:
    return text.replace("-", MINUS).replace("\u202f", SPACE)
