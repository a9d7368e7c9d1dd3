"""Numbers, money, dates and missing values are written in one way, in the reader's locale."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.presentation import formats
from reporting.presentation.delimited import csv_text, safe_cell

NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "text"),
    [
        (Decimal("1234567.895"), "EUR", "en", "€1,234,567.90"),
        (Decimal("-1234567.895"), "EUR", "en", "−€1,234,567.90"),
        (Decimal("1234567.895"), "EUR", "de", f"1.234.567,90{NBSP}€"),
        (Decimal("1234567.895"), "JPY", "en", "¥1,234,568"),
        (Decimal("1.0994"), "KWD", "en", f"KWD{NBSP}1.099"),
        (Decimal("5"), "CHF", "en", f"CHF{NBSP}5.00"),
        (Decimal("0"), "EUR", "no such locale", "€0.00"),
        (Decimal("5.5"), None, "en", "5.50"),
        (None, "EUR", "en", "—"),
        (float("nan"), "EUR", "en", "—"),
        (float("inf"), "EUR", "en", "—"),
    ],
)
def test_money_has_its_currency_its_minor_units_and_the_locales_separators(amount, currency, locale, text):
    assert formats.money(amount, currency, locale=locale) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (12_400_000, "€12.4m"),
        (1_084_000_000, "€1.08bn"),
        (-950_000, "−€950k"),
        (999_499, "€999k"),
        (999_500, "€1.00m"),
        (0, "€0"),
        (12, "€12"),
        (124_600_000, "€124.6m"),
        (None, "—"),
    ],
)
def test_headline_amounts_are_short_and_never_round_to_a_thousand_of_the_smaller_unit(amount, text):
    assert formats.compact_money(amount, "EUR") == text


def test_rates_multiples_days_and_dates():
    assert formats.percent(0.125) == "12.5%"
    assert formats.percent(0.125, locale="tr") == "%12,5", "a sign that stands before the digits"
    assert formats.percent(0.125, locale="de") == f"12,5{NBSP}%"
    assert formats.percent(-0.0004) == "0.0%", "no minus zero"
    assert formats.percent(0.02, signed=True) == "+2.0%"
    assert formats.multiple(1.84) == "1.84x"
    assert formats.multiple(None) == formats.percent(None) == formats.day(None) == formats.days(None) == "—"
    assert (formats.days(1), formats.days(21.5)) == (f"1{NBSP}day", f"21.5{NBSP}days")
    assert formats.day(date(2026, 9, 30)) == f"30{NBSP}Sep{NBSP}2026"
    assert formats.quarter(date(2026, 9, 30)) == f"Q3{NBSP}2026"
    assert (formats.duration(48), formats.duration(4320)) == (f"48{NBSP}s", f"1{NBSP}h 12{NBSP}min")


def test_parts_rounded_by_largest_remainder_add_up_where_plain_rounding_does_not():
    parts = [Decimal("33.335")] * 3
    assert sum(round(part, 2) for part in parts) != round(sum(parts), 2), (
        "the fault: plain rounding is a cent off"
    )
    assert formats.largest_remainder(parts, 2) == [Decimal("33.34"), Decimal("33.33"), Decimal("33.33")]


@given(st.lists(st.decimals(min_value=-(10**9), max_value=10**9, places=5), max_size=12), st.integers(0, 3))
def test_largest_remainder_keeps_the_sum_and_moves_no_part_by_a_unit(parts, digits):
    rounded = formats.largest_remainder(parts, digits)
    unit = Decimal(1).scaleb(-digits)
    assert abs(sum(rounded, Decimal(0)) - sum(parts, Decimal(0))) <= unit / 2
    assert all(abs(one - part) < unit for one, part in zip(rounded, parts, strict=True))


def test_a_missing_part_is_not_zero():
    with pytest.raises(ValueError, match="they are not zero"):
        formats.largest_remainder([Decimal(1), None])


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "＝1", "\r\n=1"])
def test_text_that_a_spreadsheet_would_run_is_defused(text):
    assert safe_cell(text).startswith("'")


def test_a_download_may_name_its_columns_and_a_name_cannot_be_run_either():
    rows = [{"a": 1, "b": "x"}]
    assert csv_text({"b": "=B", "a": "A"}, rows) == "'=B,A\r\nx,1\r\n"
    assert csv_text(None, rows) == "a,b\r\n1,x\r\n"
    assert csv_text(None, []) == "\r\n"


def test_numbers_stay_numbers_in_csv():
    written = csv_text(
        ["amount", "text", "on", "flag", "none"],
        [
            {
                "amount": Decimal("-1.50"),
                "text": 'a "b", c',
                "on": date(2026, 1, 2),
                "flag": True,
                "none": None,
            }
        ],
    )
    assert written == 'amount,text,on,flag,none\r\n-1.50,"a ""b"", c",2026-01-02,true,\r\n'
