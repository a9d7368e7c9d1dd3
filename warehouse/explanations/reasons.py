# ruff: noqa: E501 - statements read as lines
"""Why a number is null, and why one cannot be computed again from the rows listed. Words only."""

from warehouse.explanations.standing import Standing

STATUS_OF = {
    "irr": "irr_status", "period_return": "irr_status", "gross_irr": "gross_irr_status", "ks_pme": "pme_status",
    "direct_alpha": "pme_status", "unfunded_amount": "unfunded_status",
    "irr_without_facility": "irr_without_facility_status", "tvpi_without_facility": "irr_without_facility_status",
    "ln_pme": "ln_pme_status", "ln_pme_spread": "ln_pme_status", "pme_plus": "pme_plus_status",
    "pme_plus_spread": "pme_plus_status", "pme_plus_scale": "pme_plus_status", "mpme": "mpme_status",
    "mpme_spread": "mpme_status",
}  # fmt: skip
"""Column -> the column beside it that says how it stands; others go by the first that the mart has."""

STATUSES = (
    "quartile_status",
    "concentration_status",
    "loss_status",
    "pacing_status",
    "nav_status",
    "fx_status",
)

NAV_WORDS = {
    "missing": "no net asset value was reported on or before this date; missing is not zero",
    "refused": "the last net asset value, rolled by the flows since, falls below zero",
}


def status(standing: Standing) -> str | None:
    """How the number stands, in the word of the mart."""
    row = standing.row
    named = STATUS_OF.get(standing.column)
    if named is not None and named in row:
        return str(row[named]) if row[named] is not None else None
    if standing.column.startswith("loss_") and "loss_status" in row:
        return str(row["loss_status"])
    return next((str(row[name]) for name in STATUSES if row.get(name) is not None), None)


def why_null(standing: Standing) -> str:
    """Why there is no number."""
    row = standing.row
    if row.get("irr_status") == "gross_only":
        return "a sector pools holdings, so it has gross figures only"
    if row.get("fx_reason"):
        return str(row["fx_reason"])
    if row.get("nav_status") in NAV_WORDS and "nav_amount" in row and row["nav_amount"] is None:
        return NAV_WORDS[row["nav_status"]]
    how = status(standing)
    if how not in (None, "ok", "reported", "rolled", "closed"):
        return f"{standing.column} is {str(how).replace('_', ' ')}"
    return "the number it would be divided by is zero, or nothing was told that it could rest on"


def not_again(standing: Standing) -> str | None:
    """Why the number is shown with its rows but not computed again; None where it is."""
    if standing.column in standing.family.figures:
        return None
    return f"{standing.mart}.{standing.column} rests on rules that these rows alone do not show"
