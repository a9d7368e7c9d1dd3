"""The words and numbers of a statement as text: one view, from which HTML, plain text and PDF are set.

Everything in a view is ready to be shown; templates only place it. Facts come from `statement_facts.py`.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from reporting.packs.rendered import Brand
from reporting.packs.statement_facts import SPANS, Account, StatementFacts
from reporting.presentation import formats, reasons
from reporting.presentation.metric_register import metric

DEFINED = (
    "commitment_amount", "contributed_amount", "distributed_amount", "nav_amount", "unfunded_amount", "dpi",
    "tvpi", "irr", "gain_amount",
)  # fmt: skip
LINE_DEFINED = ("irr_without_facility", "tvpi_without_facility")
LINES = (
    ("opening_amount", "Opening balance", 1),
    ("contributions_amount", "Contributions", 1),
    ("distributions_amount", "Distributions", -1),
    ("fees_amount", "Fees and expenses", -1),
    ("gain_amount", "Net gain", 1),
    ("closing_amount", "Closing balance", 1),
)


@dataclass(frozen=True)
class Figure:
    """A headline: its name, its text, and what to know about it (empty: nothing)."""

    label: str
    text: str
    note: str = ""


@dataclass(frozen=True)
class StatementView:
    """A statement as text. Amounts in `vehicles` are whole units, in `accounts` and `transactions` exact."""

    tenant: str
    title: str
    period: str
    as_of: str
    investor: str
    firm: str
    currency: str
    prepared_on: str
    headline: list[Figure]
    vehicles: list[dict[str, str]]
    total: dict[str, str]
    accounts: list[dict[str, Any]]
    transactions: list[dict[str, str]]
    notes: list[str]
    definitions: list[dict[str, str]]
    quarter_moves: str
    spans: list[str] = field(default_factory=list)

    def as_data(self) -> dict[str, Any]:
        """The view as plain lists and dictionaries, for JSON."""
        return asdict(self)


class _Notes:
    """Footnotes in the order of their first use; the same words get the same number."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def mark(self, text: str) -> str:
        """The number of this note as text, or an empty text where there is nothing to say."""
        if not text:
            return ""
        if text not in self.texts:
            self.texts.append(text)
        return str(self.texts.index(text) + 1)


def view_statement(facts: StatementFacts, brand: Brand, prepared_on: date) -> StatementView:
    """The statement as it is worded for this tenant's locale."""
    notes = _Notes()
    locale = brand.locale
    totals = facts.totals
    end = facts.quarter.last_day
    return StatementView(
        tenant=brand.name,
        title="Capital account statement",
        period=facts.quarter.title,
        as_of=formats.day(end),
        investor=str(facts.investor["name"]),
        firm=_other(facts.investor.get("firm"), facts.investor["name"]),
        currency=str(totals["currency_code"]),
        prepared_on=formats.day(prepared_on),
        headline=_headline(totals, locale),
        vehicles=[_vehicle(row, notes, locale) for row in facts.vehicles],
        total=_total(totals, notes, locale),
        accounts=[_account(one, locale) for one in facts.accounts],
        transactions=[_transaction(row, locale) for row in facts.transactions],
        notes=notes.texts,
        definitions=[
            {"title": metric(name).title, "formula": metric(name).formula}
            for name in (*DEFINED, *(LINE_DEFINED if totals["has_facility"] else ()))
        ],
        quarter_moves=_quarter_moves(facts, locale),
        spans=[formats.quarter(end), f"{end.year} to date", "Since inception"],
    )


def _headline(totals: Mapping[str, Any], locale: str) -> list[Figure]:
    currency = totals["currency_code"]
    fx = _fx_words(totals)
    rate = reasons.irr(totals["irr"], totals["irr_status"], totals["is_annualized"], locale=locale)

    without = _without_line(totals, locale)
    line = without["irr"] or ("no subscription line known" if totals["irr"] is not None else "")

    def amount(name: str, column: str) -> Figure:
        return Figure(
            name,
            formats.compact_money(totals[column], currency, locale=locale),
            _if_missing(totals[column], fx),
        )

    return [
        amount("NAV", "nav_amount"),
        Figure(
            "TVPI",
            formats.multiple(totals["tvpi"], locale=locale),
            _if_missing(totals["tvpi"], fx) or without["tvpi"],
        ),
        Figure("DPI", formats.multiple(totals["dpi"], locale=locale), _if_missing(totals["dpi"], fx)),
        Figure("Net IRR", rate.text, " · ".join(part for part in (line, rate.why) if part)),
        amount("Commitment", "commitment_amount"),
        amount("Paid in", "contributed_amount"),
        amount("Distributed", "distributed_amount"),
        Figure(
            "Unfunded",
            formats.compact_money(totals["unfunded_amount"], currency, locale=locale),
            reasons.unfunded(totals["unfunded_status"], totals["fx_reason"]),
        ),
    ]  # fmt: skip


def _vehicle(row: Mapping[str, Any], notes: _Notes, locale: str) -> dict[str, str]:
    rate = reasons.irr(
        row["irr"], row["irr_status"], row["is_annualized"], nav_status=row["nav_status"], locale=locale
    )
    nav_why = reasons.nav_words(
        row["nav_status"], nav_as_of=row["nav_as_of"], nav_age_days=row["nav_age_days"]
    )
    fx_why = f"{row['fx_reason']}." if row["fx_reason"] else ""
    strategy, without = str(row["strategy"] or ""), _without_line(row, locale)
    about = [row["currency_code"], str(row["vintage_year"] or ""), strategy[:1].upper() + strategy[1:]]
    return {
        "name": str(row["vehicle_name"]),
        "about": " · ".join(part for part in about if part),
        "fx_mark": notes.mark(fx_why),
        "commitment": _whole(row["commitment_amount"], locale),
        "paid_in": _whole(row["contributed_amount"], locale),
        "distributed": _whole(row["distributed_amount"], locale),
        "nav": _whole(row["nav_amount"], locale),
        "nav_mark": notes.mark(nav_why),
        "nav_label": reasons.nav_label(row),
        "unfunded": _whole(row["unfunded_amount"], locale),
        "unfunded_mark": notes.mark(reasons.unfunded(row["unfunded_status"], row["fx_reason"])),
        "dpi": formats.multiple(row["dpi"], locale=locale),
        "tvpi": formats.multiple(row["tvpi"], locale=locale),
        "tvpi_without": without["tvpi"],
        "irr": rate.text,
        "irr_without": without["irr"],
        "irr_mark": notes.mark(rate.why),
    }


def _total(totals: Mapping[str, Any], notes: _Notes, locale: str) -> dict[str, str]:
    rate = reasons.irr(totals["irr"], totals["irr_status"], totals["is_annualized"], locale=locale)
    without = _without_line(totals, locale)
    return {
        "name": f"All, in {totals['currency_code']}",
        "fx_mark": notes.mark("" if totals["fx_status"] == "ok" else _fx_words(totals)),
        "commitment": _whole(totals["commitment_amount"], locale),
        "paid_in": _whole(totals["contributed_amount"], locale),
        "distributed": _whole(totals["distributed_amount"], locale),
        "nav": _whole(totals["nav_amount"], locale),
        "nav_mark": notes.mark(_if_missing(totals["nav_amount"], _fx_words(totals))),
        "unfunded": _whole(totals["unfunded_amount"], locale),
        "unfunded_mark": notes.mark(reasons.unfunded(totals["unfunded_status"], totals["fx_reason"])),
        "dpi": formats.multiple(totals["dpi"], locale=locale),
        "tvpi": formats.multiple(totals["tvpi"], locale=locale),
        "tvpi_without": without["tvpi"],
        "irr": rate.text,
        "irr_without": without["irr"],
        "irr_mark": notes.mark(rate.why),
    }


def _without_line(row: Mapping[str, Any], locale: str) -> dict[str, str]:
    """What stands under IRR and TVPI: the ones without the subscription line; empty where none is known."""
    if not row["has_facility"]:
        return {"irr": "", "tvpi": ""}
    rate = reasons.rate(
        row["irr_without_facility"], row["irr_without_facility_status"], row["is_annualized"], locale=locale
    )
    return {
        "irr": f"{rate.text} without line",
        "tvpi": f"{formats.multiple(row['tvpi_without_facility'], locale=locale)} without line",
    }


def _account(account: Account, locale: str) -> dict[str, Any]:
    spans = [_shown_span(account.spans[name], account.currency_code, locale) for name in SPANS]
    return {
        "name": account.vehicle_name,
        "currency": account.currency_code,
        "status": reasons.nav_label({"nav_status": account.nav_status}),
        "lines": [
            {"label": label, "amounts": [span[column] for span in spans], "sum": column == "closing_amount"}
            for column, label, _ in LINES
        ],
    }


def _shown_span(span: Mapping[str, Decimal | None], currency: str, locale: str) -> dict[str, str]:
    """The lines of one span, rounded so that what is printed adds up to the closing balance printed."""
    signs = {column: sign for column, _, sign in LINES}
    parts = [column for column, _, _ in LINES if column != "closing_amount"]
    shown = {column: None if span[column] is None else sign * span[column] for column, sign in signs.items()}  # type: ignore[operator]
    if all(shown[column] is not None for column in signs):
        digits = formats.minor_units(currency)
        rounded = formats.largest_remainder([shown[column] or Decimal(0) for column in parts], digits)
        shown.update(zip(parts, rounded, strict=True))
        shown["closing_amount"] = sum(rounded, Decimal(0))
    return {
        column: formats.amount(value, currency=currency, locale=locale) for column, value in shown.items()
    }


def _transaction(row: Mapping[str, Any], locale: str) -> dict[str, str]:
    kind = reasons.status_words(row["kind"])
    purpose = reasons.status_words(row["purpose"]).lower()
    marks = ["recallable"] if row["is_recallable"] else []
    if row["kind"] == "contribution" and row["is_within_commitment"] is False:
        marks.append("outside the commitment")
    return {
        "on": formats.day(row["effective_on"]),
        "vehicle": str(row["vehicle_name"]),
        "what": ", ".join(part for part in (kind, purpose, *marks) if part),
        "description": str(row["description"] or ""),
        "currency": str(row["currency_code"]),
        "amount": formats.amount(row["amount"], currency=row["currency_code"], locale=locale),
    }


def _quarter_moves(facts: StatementFacts, locale: str) -> str:
    """One plain sentence on the cash of the quarter, by currency; never a view on performance.

    The sums are those of the accounts: a fee taken from an account is no cash that the investor paid.
    """
    parts = []
    for column, words in (("contributions_amount", "paid in"), ("distributions_amount", "distributed")):
        sums: dict[str, Decimal] = {}
        for account in facts.accounts:
            moved = account.spans["quarter"][column] or Decimal(0)
            sums[account.currency_code] = sums.get(account.currency_code, Decimal(0)) + moved
        amounts = [formats.money(total, code, locale=locale) for code, total in sums.items() if total]
        if amounts:
            parts.append(f"{' and '.join(amounts)} {words}")
    said = f"In the quarter: {'; '.join(parts)}." if parts else "No cash moved in the quarter."
    unknown = [
        account.vehicle_name
        for account in facts.accounts
        if None
        in (
            account.spans["quarter"]["contributions_amount"],
            account.spans["quarter"]["distributions_amount"],
        )
    ]
    if unknown:
        missing = f"What moved in {', '.join(unknown)} is not known: an exchange rate is missing."
        return f"{said} {missing}" if parts else missing
    return said


def _fx_words(totals: Mapping[str, Any]) -> str:
    status = totals.get("fx_status")
    if status in (None, "ok"):
        return reasons.NAV["missing"]
    if totals.get("fx_reason"):
        return f"{totals['fx_reason']}."
    return str(reasons.FX.get(str(status), reasons.status_words(str(status))))


def _if_missing(value: Any, why: str) -> str:
    return why if value is None else ""


def _whole(value: Any, locale: str) -> str:
    return formats.number(value, digits=0, locale=locale)


def _other(value: Any, than: Any) -> str:
    return str(value) if value and str(value) != str(than) else ""
