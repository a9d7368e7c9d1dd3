# ruff: noqa: E501 - statements read as lines
"""Figures of capital accounts, computed from rows: the quarter, the year and the time since inception, one account or all of a vehicle.

An account is there from its first flow or value on. Parameters: as_of (the closing day), since and year_since (the closing days
before the quarter and before the year). The rules are those of dbt_project/DECISIONLOG.md, "Capital accounts".
"""

from warehouse.explanations.composing import known_sum

_IS_THERE = "(h.flows > 0 or h.nav_amount is not null)"

_ACCOUNT_HOLDER = f"""
    select h.vehicle_id, h.investor_id, h.nav_amount from holder_value h
     where h.investor_id is not null and h.at = %(as_of)s::date and {_IS_THERE}
"""

# Of a holder who closes with an account: what it opened at, 0 where it was not there yet.
_OPENED = f"""
    select d.day, a.investor_id, case when h.investor_id is null then 0 else h.nav_amount end as nav_amount
      from account_holder a
      cross join (select distinct day from unnest(array[%(since)s::date, %(year_since)s::date]) as d (day)) d
      left join holder_value h on h.vehicle_id = a.vehicle_id and h.investor_id = a.investor_id and h.at = d.day and {_IS_THERE}
"""

PARTS = {"account_holder": _ACCOUNT_HOLDER, "account_opened": _OPENED}


def _moved(part: str, amount: str, since: str, condition: str = "true") -> str:
    """A sum over a period; unknown as soon as anything up to the closing day is, as the difference of two sums is."""
    counted = (
        f"case when m.effective_on > coalesce({since}, '-infinity') then {amount} else 0 * ({amount}) end"
    )
    return f"(select {known_sum(counted, condition)} from {part} m join account_holder a using (vehicle_id, investor_id))"


def _opening(since: str) -> str:
    return f"""(case when {since} is null then 0
        else (select {known_sum("o.nav_amount")} from account_opened o where o.day = {since}) end)"""


_CLOSING = f"(select {known_sum('nav_amount')} from account_holder)"


def _period(prefix: str, since: str) -> dict[str, str]:
    paid = _moved("flow", "-m.vehicle_amount", since, "m.kind = 'contribution'")
    back = _moved("flow", "m.vehicle_amount", since, "m.kind = 'distribution'")
    fees = _moved("charge", "-m.vehicle_amount", since)
    opening = _opening(since)
    return {
        f"{prefix}opening_amount": opening,
        f"{prefix}contributions_amount": paid,
        f"{prefix}distributions_amount": back,
        f"{prefix}fees_amount": fees,
        f"{prefix}gain_amount": f"{_CLOSING} - {opening} - {paid} + {back} + {fees}",
    }


FIGURES = {
    **_period("", "%(since)s::date"),
    **_period("ytd_", "%(year_since)s::date"),
    **_period("itd_", "null::date"),
    "closing_amount": _CLOSING,
}
"""Metric of a capital account -> an expression over the parts of this module, of `net` and of `rows`."""
