# ruff: noqa: E501 - statements read as lines
"""Figures of the value bridge, computed from rows: as they are known now, and as they were when the opening was published.

The value that a quarter opens at is computed a second time in the marts as known then; what was learned of it since is the
difference. The rules are those of dbt_project/DECISIONLOG.md, "Value bridge", in the currency of the vehicle or of the tenant.
"""

from warehouse.explanations.composing import converted, known_sum, rate_join

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

# Whose value it is, and at a vehicle those of its investors: what it opened and closed at, and when both were valued.
_PARTY = """
    select %(investor)s::text as investor_id, n.vehicle_id, v.code, true as is_subject, n.nav_amount,
           n.at - n.nav_age_days as valued_on, o.at - o.nav_age_days as opening_valued_on,
           case when %(since)s::date is null then 0 else o.nav_amount end as opening_amount
      from vehicle_value n
      join vehicle v using (vehicle_id)
      left join vehicle_value o on o.vehicle_id = n.vehicle_id and o.at = %(since)s::date
     where n.at = %(as_of)s::date
    union all
    select h.investor_id, h.vehicle_id, v.code, false, h.nav_amount,
           case when not h.is_closed then h.nav_as_of end, case when not o.is_closed then o.nav_as_of end,
           case when o.investor_id is null then 0 else o.nav_amount end
      from holder_value h
      join vehicle v using (vehicle_id)
      left join holder_value o
        on o.vehicle_id = h.vehicle_id and o.investor_id = h.investor_id and o.at = %(since)s::date
       and (o.flows > 0 or o.nav_amount is not null)
     where h.at = %(as_of)s::date and h.investor_id is not null and %(investor)s::text is null
       and (h.flows > 0 or h.nav_amount is not null)
"""

# The currency that the closing value was reported in, else the opening one's.
_VALUED_IN = """
    select p.*, coalesce(c.currency_code, o.currency_code, p.code) as value_code
      from party p
      left join valuation c
        on c.vehicle_id = p.vehicle_id and c.investor_id is not distinct from p.investor_id and c.as_of = p.valued_on
      left join valuation o
        on o.vehicle_id = p.vehicle_id and o.investor_id is not distinct from p.investor_id and o.as_of = p.opening_valued_on
"""

# Cash and charges in the account's sign, in the vehicle's currency and, of the quarter, in that of the value.
_ACCOUNT_CASH = f"""
    select p.is_subject, p.investor_id, f.effective_on > coalesce(%(since)s::date, '-infinity') as is_since,
           date_trunc('quarter', f.effective_on::timestamp) = date_trunc('quarter', %(as_of)s::timestamp) as is_of_quarter,
           case when f.is_performance_flow then f.vehicle_amount else -f.vehicle_amount end as vehicle_amount,
           case when f.is_performance_flow then 1 else -1 end
               * {converted("f.amount", "f.currency_code", "p.value_code", "there")} as value_amount
      from valued_in p
      join moved f
        on f.vehicle_id = p.vehicle_id and (p.investor_id is null or f.investor_id = p.investor_id)
       and (f.is_performance_flow or (f.kind in ('fee', 'expense', 'tax') and f.investor_id is not null))
      {rate_join("there", "f.currency_code", "p.value_code", "f.effective_on")}
"""

_GAINED = f"""
    select p.is_subject, p.nav_amount, p.value_code <> p.code as is_elsewhere,
           p.nav_amount - p.opening_amount + c.vehicle_amount as plain_amount,
           case when p.value_code = p.code then p.nav_amount - p.opening_amount + c.vehicle_amount
                else {
    converted(
        "("
        + converted("p.nav_amount", "p.code", "p.value_code", "closing")
        + " - case when p.opening_amount = 0 then 0 else "
        + converted("p.opening_amount", "p.code", "p.value_code", "opening")
        + " end + c.value_amount)",
        "p.value_code",
        "p.code",
        "back",
    )
} end as gain_amount
      from valued_in p
      cross join lateral (
            select {
    known_sum("case when m.is_since then m.vehicle_amount else 0 * m.vehicle_amount end")
} as vehicle_amount,
                   {known_sum("m.value_amount", "m.is_of_quarter")} as value_amount
              from account_cash m
             where m.is_subject = p.is_subject and m.investor_id is not distinct from p.investor_id) c
      {rate_join("closing", "p.code", "p.value_code", "%(as_of)s::date")}
      {rate_join("opening", "p.code", "p.value_code", "coalesce(%(since)s::date, %(as_of)s::date)")}
      {rate_join("back", "p.value_code", "p.code", "%(as_of)s::date")}
"""

# A vehicle whose value is the sum of its investors' gained what they gained.
_GAIN_OF_SUBJECT = f"""
    select case when i.is_elsewhere and i.nav_amount = s.nav_amount then s.plain_amount - i.fx_amount
                else s.gain_amount end as gain_amount
      from gained s
      cross join (
            select bool_or(is_elsewhere) as is_elsewhere, {known_sum("nav_amount")} as nav_amount,
                   {known_sum("plain_amount - gain_amount", "is_elsewhere")} as fx_amount
              from gained where not is_subject) i
     where s.is_subject
"""

PARTS = {
    "party": _PARTY, "valued_in": _VALUED_IN, "account_cash": _ACCOUNT_CASH, "gained": _GAINED,
    "gain_of_subject": _GAIN_OF_SUBJECT,
}  # fmt: skip

_GAIN = "(select gain_amount from gain_of_subject)"

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
"""Metric of a bridge -> an expression over the parts of this module, of `net` and of `rows`."""


def _told(amount: str, day: str) -> str:
    """An amount of the vehicle in the currency asked for; nothing is nothing in every currency."""
    return f"""(select case when told.amount = 0 then 0 else {converted("told.amount", "told.code", "%(code)s", "then_rate")} end
        from (select v.code, {amount} as amount from vehicle v) told
        {rate_join("then_rate", "told.code", "%(code)s", day)})"""


def _at_own_days(part: str, amount: str, condition: str = "true") -> str:
    of_quarter = (
        "date_trunc('quarter', effective_on::timestamp) = date_trunc('quarter', %(as_of)s::timestamp)"
    )
    return f"(select {known_sum(amount, f'({condition}) and {of_quarter}')} from {part})"


_OPENED_ON = "coalesce(%(since)s::date, %(as_of)s::date)"
_TOLD_OPENING, _TOLD_REVISED = _told(_OPENING, _OPENED_ON), _told(_REVISED, _OPENED_ON)
_TOLD_GAIN = _told(_GAIN, "%(as_of)s::date")
_TOLD_IN = _at_own_days("flow", "-total_amount", "kind = 'contribution'")
_TOLD_OUT = _at_own_days("flow", "total_amount", "kind = 'distribution'")
_TOLD_FEES = _at_own_days("charge", "-total_amount")

TOLD = {
    "opening_amount": _TOLD_OPENING,
    "late_corrections_amount": f"case when {_IS_SAME} then {_TOLD_REVISED} else 0 end",
    "method_amount": f"case when {_IS_SAME} then 0 else {_TOLD_REVISED} end",
    "contributions_amount": _TOLD_IN,
    "distributions_amount": _TOLD_OUT,
    "fees_amount": _TOLD_FEES,
    "gain_amount": _TOLD_GAIN,
    "fx_amount": f"{_CLOSING} - {_TOLD_OPENING} - {_TOLD_REVISED} - {_TOLD_IN} + {_TOLD_OUT} + {_TOLD_FEES} - {_TOLD_GAIN}",
    "closing_amount": _CLOSING,
}
"""The same in the tenant's currency: balances at the rate of their day, cash and charges each at that of its own."""
