# ruff: noqa: E501 - statements read as lines
"""Figures of the value bridge, computed from rows: as they are known now, and as they were when the opening was published.

The value that a quarter opens at is computed a second time in the marts as known then; what was learned of it since is the
difference. The rules are those of dbt_project/DECISIONLOG.md, "Value bridge", in the currency of the vehicle.
"""

from warehouse.explanations.composing import known_sum

# Since is the day that the quarter opened on; published_amount and published_status are what was said of it then.
_KNOWN = """(case when %(since)s::date is null then 0
        else (select nav_amount from vehicle_value where at = %(since)s::date) end)"""
_OPENING = f"coalesce(%(published_amount)s::numeric, {_KNOWN})"
_REVISED = f"({_KNOWN} - {_OPENING})"
_IS_SAME = """coalesce(%(published_status)s::text = (select nav_status from vehicle_value where at = %(since)s::date), true)"""


def _moved(part: str, amount: str, condition: str = "true") -> str:
    """A sum over the quarter; unknown as soon as anything up to its end is, as the difference of two sums is."""
    counted = f"case when effective_on > coalesce(%(since)s::date, '-infinity') then {amount} else 0 * ({amount}) end"
    return f"(select {known_sum(counted, condition)} from {part})"


_IN = _moved("flow", "-vehicle_amount", "kind = 'contribution'")
_OUT = _moved("flow", "vehicle_amount", "kind = 'distribution'")
_FEES = _moved("charge", "-vehicle_amount")
_CLOSING = "(select nav_amount from total)"
_CHANGE = f"{_CLOSING} - {{}} - {_IN} + {_OUT} + {_FEES}"
_GAIN = f"({_CHANGE.format(_KNOWN)})"

FIGURES = {
    "opening_amount": _OPENING,
    "late_corrections_amount": f"case when {_IS_SAME} then {_REVISED} else 0 end",
    "method_amount": f"case when {_IS_SAME} then 0 else {_REVISED} end",
    "contributions_amount": _IN,
    "distributions_amount": _OUT,
    "fees_amount": _FEES,
    "gain_amount": _GAIN,
    "fx_amount": f"{_CHANGE.format(_OPENING)} - {_REVISED} - {_GAIN}",
    "closing_amount": _CLOSING,
}
"""Metric of a bridge -> an expression over the parts of `net` and of `rows`."""

OF_GAIN = ("gain_amount", "fx_amount")
"""Metrics in which a value that was reported in a third currency has an effect of its own, which is not computed again."""
