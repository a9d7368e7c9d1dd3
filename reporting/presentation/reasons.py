"""Why a number is missing or should not be relied on, in words, for every status that a mart can carry.

A status without words here would show as itself: a test compares these tables with METRICS section A.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from reporting.presentation import formats

NOT_MEANINGFUL = "n.m."

IRR = {
    "ok": "",
    "multiple": "Several rates solve these cash flows equally well, so none is shown.",
    "tangent": "The cash flows only touch break-even at one rate; it is not a reliable return.",
    "none": "No rate of return fits these cash flows.",
    "no_flows": "There are no cash flows yet.",
    "single_flow": "One cash flow alone has no rate of return.",
    "no_sign_change": "Money has moved in one direction only so far.",
    "same_day_only": "All cash flows fall on one day, so there is no time to earn a rate over.",
    "total_loss": "Everything paid in is lost; no rate describes that.",
    "not_converged": "The rate could not be determined reliably.",
    "out_of_range": "The rate is too large to mean anything.",
}
YOUNG = "Less than a year since the first cash flow: an annual rate would not be meaningful."

NAV = {
    "reported": "",
    "closed": "The vehicle is closed.",
    "rolled": "The last reported value, moved forward by the cash since.",
    "missing": "No value has been reported; a missing value is not zero.",
    "refused": "Cash since the last report exceeds that value, so it was not rolled forward.",
}

PME = {  # beside these, the statuses of IRR: direct alpha is one
    "ok": "",
    "no_benchmark": "No benchmark is named for this vehicle.",
    "missing_level": "An index level is missing near the date of a flow.",
    "missing_nav": "No value has been reported, so the comparison cannot be made.",
    "no_contributions": "Nothing has been paid in yet.",
    "no_distributions": "Nothing has been paid out yet, so nothing can be compared by its scale.",
    "short_index": "The index would have been used up before: the same payments out of it have no return.",
    "negative_scale": "The value held is more than the index could have made, so the scale means nothing.",
    "negative_nav": "The value after a distribution is below zero.",
    "mixed_levels": "One day has two index levels.",
}
FACILITY = {  # beside these, the statuses of IRR
    "no_facility_flows": "No draws of a subscription line are known, so the rate stands alone.",
}
POOL = {  # beside these, the statuses of IRR
    "gross_only": "A sector has gross figures only; the net ones are those of all vehicles.",
    "too_few_members": "Fewer than eight peers have this figure.",
    "not_peers": "Quartiles are of vehicles of one vintage, strategy and currency.",
}

UNFUNDED = {
    "ok": "",
    "no_commitment": "A commitment is not known, so neither is what may still be called.",
    "missing_rate": "An exchange rate is missing on the date of a commitment or flow.",
}
CONCENTRATION = {  # of the weights of holdings and of what is at a loss
    "ok": "",
    "no_holdings": "No holding is known by this date.",
    "missing_value": "The value of a holding is not known; a missing value is not zero.",
    "missing_nav": "The value of the vehicle is not known, so no share of it is.",
    "no_capital": "Partners' capital is zero or below, so nothing can be a share of it.",
    "no_cost": "Nothing was paid for the holdings, so nothing of it can be lost.",
}
PACING = {
    "ok": "",
    "closed": "The fund is closed, so nothing is projected.",
    "missing_rate": "An exchange rate is missing, so nothing is projected.",
    "no_commitment": "A commitment is not known, so nothing is projected.",
    "negative_unfunded": "More was called than was committed, so nothing is projected.",
    "missing_nav": "No value has been reported, so nothing is projected.",
    "negative_nav": "The value is below zero, so nothing is projected.",
}
ACCRUAL = {  # of management fee and carried interest by the terms
    "no_fee_terms": "The terms name no management fee.",
    "missing_base": "What the fee is a fraction of is not known for the period.",
    "no_carry_terms": "The terms name no carried interest.",
    "deal_by_deal": "Carried interest deal by deal needs what each deal realised, which is not in the data.",
    "missing_nav": "No value is known at the date; a missing value is not zero.",
    "negative_nav": "The value is below zero, so nothing can be shared out.",
    "no_flows": "No cash has moved yet.",
    "missing_rate": "An exchange rate is missing on the date of a flow or of the value.",
}
ILPA_NET = {  # beside these, the statuses of IRR: net returns by investment
    "missing_rate": "An exchange rate is missing for a flow of the investment or for a charge of the fund.",
    "missing_nav": "A value is not known, so neither is a gain that carried interest could be taken off.",
    "no_cost_to_charge": "Nothing was invested that the fund's costs could be loaded on.",
    "no_gain_to_charge": "Carried interest is charged, but no investment has a gain to take it off.",
}
UNASSIGNED = {
    "cash_without_investor": "Name the investor in the source and load the row again.",
    "no_commitment_to_share_by": "State the amount of each investor, or load the commitments to share it by.",
}
RESTATED = {
    "rows": "Rows of the books",
    "rates": "Newer exchange rates or index levels",
    "method": "A new version of the computation",
    "unknown": "Not known",
}
FX = {"ok": "", "missing_rate": "An exchange rate is missing on the date of a flow or of the value."}

STAGES = {
    "contacted": "Contacted",
    "meeting": "Meeting",
    "dd": "Due diligence",
    "term_sheet": "Term sheet",
    "committed": "Committed",
    "passed": "Passed",
}


def unfunded(status: str | None, fx_reason: str | None = None) -> str:
    """Why what may still be called is missing, with the rate that is; empty where it is known."""
    if status == "missing_rate" and fx_reason:
        return f"{fx_reason}."
    return UNFUNDED.get(status or "ok", status_words(str(status)))


@dataclass(frozen=True)
class Shown:
    """A number as it is written, and why it is missing or what to know about it (empty: nothing)."""

    text: str
    why: str = ""


def irr(
    value: float | None, status: str | None, is_annualized: bool | None = True, *,
    nav_status: str | None = None, locale: str | None = "en",
) -> Shown:  # fmt: skip
    """An annual rate as text; `n.m.` under a year, a dash with the reason where there is none.

    Marts leave `irr_status` empty where the NAV is not known; then `nav_status` is the reason.
    """
    if value is None or status not in (None, "ok"):
        why = IRR.get(status or "", status_words(status)) or NAV.get(nav_status or "", "")
        return Shown(formats.MISSING, why or "The rate is not known.")
    if is_annualized is False:
        return Shown(NOT_MEANINGFUL, YOUNG)
    return Shown(formats.percent(value, locale=locale))


def rate(
    value: float | None, status: str | None, is_annualized: bool | None = True, *, locale: str | None = "en"
) -> Shown:
    """An annual rate that rests on more than the flows of a fund: on an index, or on its subscription line.

    As `irr`, with the reasons of market comparisons and of lines beside those of rates.
    """
    if value is None or status not in (None, "ok"):
        why = {**IRR, **PME, **FACILITY}.get(status or "", status_words(status))
        return Shown(formats.MISSING, why or "The rate is not known.")
    return irr(value, "ok", is_annualized, locale=locale)


def share(value: float | None, status: str | None, *, locale: str | None = "en") -> Shown:
    """A weight of holdings or a loss ratio; a dash with the reason where there is none."""
    if value is None or status not in (None, "ok"):
        why = CONCENTRATION.get(status or "", status_words(status))
        return Shown(formats.MISSING, why or "The share is not known.")
    return Shown(formats.percent(value, locale=locale))


def pme(value: float | None, status: str | None, *, locale: str | None = "en") -> Shown:
    """A public-market equivalent as a multiple; a dash with the reason where there is none."""
    if value is None or status not in (None, "ok"):
        why = {**IRR, **PME}.get(status or "", status_words(status))
        return Shown(formats.MISSING, why or "The comparison is not known.")
    return Shown(formats.multiple(value, locale=locale))


def nav(
    amount: Any, currency: str | None, status: str | None, *, nav_as_of: date | None = None,
    nav_age_days: int | None = None, locale: str | None = "en", whole: bool = True,
) -> Shown:  # fmt: skip
    """A net asset value; a rolled one says how old it is, a missing one why it is missing."""
    why = nav_words(status, nav_as_of=nav_as_of, nav_age_days=nav_age_days)
    if amount is None and not why:
        why = NAV["missing"]
    return Shown(formats.money(amount, currency, locale=locale, whole=whole), why)


def nav_words(status: str | None, *, nav_as_of: date | None = None, nav_age_days: int | None = None) -> str:
    """What to know about a NAV of this status; empty for a reported one."""
    why = NAV.get(status or "", status_words(status))
    if status == "rolled" and nav_as_of is not None and nav_age_days is not None:
        return f"{why} Reported {formats.day(nav_as_of)}, {formats.days(nav_age_days)} before."
    return why


def nav_label(row: Mapping[str, Any]) -> str:
    """Two or three words beside a NAV in a table: `reported`, `rolled 94 days`, `not reported`."""
    status = row.get("nav_status")
    if status == "rolled" and row.get("nav_age_days") is not None:
        return f"rolled {formats.days(row['nav_age_days'])}"
    return {"missing": "not reported", "refused": "not rolled"}.get(str(status), status_words(status))


def stage_words(code: str | None) -> str:
    """A stage of the pipeline as it is shown."""
    return STAGES.get(code or "", status_words(code))


def status_words(code: str | None) -> str:
    """A code of the data as words: `return_of_capital` becomes `Return of capital`."""
    return (code or "").replace("_", " ").capitalize()
