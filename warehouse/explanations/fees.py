# ruff: noqa: E501 - statements read as lines
"""Management fee and carried interest, computed from the agreement's terms, movements, promises and values.

Parameters: period_ats, period_are_known (arrays: the as-of dates of the vehicle up to the number's, and whether every rate of that
date was there). Rules: dbt_project/DECISIONLOG.md, "Fee and carry accruals".
"""

from warehouse.explanations.composing import converted, known_sum, rate_join
from warehouse.explanations.gross import EXITED

# A period runs from the date before, the first from the day on which the fee starts.
_PERIOD = """
    select p.at, lag(p.at) over (order by p.at) as previous_on, p.is_known, v.vehicle_id, v.at = p.at and v.is_latest as is_latest
      from unnest(%(period_ats)s::date[], %(period_are_known)s::boolean[]) as p (at, is_known) cross join vehicle v
"""

_TERMS = "select * from dim_vehicle_terms where vehicle_id = any(%(vehicles)s::text[])"

# Cost of what was held at the end of a date.
_HELD_COST = f"""
    select p.at, {known_sum("c.invested_amount", "not c.is_closed")} as amount
      from fee_period p
      cross join holding h
      cross join lateral (
            select max(n.as_of) as valued_on from holding_valuation n where n.holding_id = h.holding_id and n.as_of <= p.at) n
      cross join lateral (
            select {known_sum("-f.vehicle_amount", "f.kind = 'investment' and f.effective_on <= p.at")} as invested_amount,
                   coalesce((h.closed_from <= p.at and (n.valued_on is null or n.valued_on <= h.closed_from))
                       or (lower(h.status) = any(array{list(EXITED)}) and max(f.effective_on) <= p.at
                           and (n.valued_on is null or n.valued_on <= max(f.effective_on))), false) as is_closed
              from holding_flow f where f.holding_id = h.holding_id) c
     group by p.at
"""

_BASE = f"""
    select p.at, p.previous_on, p.is_known, t.*,
           case when p.previous_on is null then 0 else coalesce(c.amount, case when c.at is null then 0 end) end as cost_amount,
           case when p.previous_on is null then 0 else n.nav_amount end as nav_amount,
           (select {known_sum("m.vehicle_amount", "m.status in ('signed', 'funded') and (p.is_latest or m.signed_on is null or m.signed_on <= p.at)")}
              from promise m) as committed_amount,
           greatest(coalesce(p.previous_on, date '0001-01-01'),
                    coalesce(t.fee_starts_on, v.first_close_on, v.opened_on, (select min(effective_on) from flow), p.at)) as from_on,
           least(coalesce(t.fee_step_down_on, date '9999-12-31'), p.at) as step_on
      from fee_period p
      join fee_terms t using (vehicle_id)
      join dim_vehicle v using (vehicle_id)
      left join fee_cost c on c.at = p.previous_on
      left join vehicle_value n on n.at = p.previous_on and n.vehicle_id = p.vehicle_id
"""


def _amount_of(base: str) -> str:
    return f"case {base} when 'committed' then committed_amount when 'invested' then cost_amount when 'nav' then nav_amount end"


_FEE = f"""
    select at, case when is_known and management_fee_rate is not null and management_fee_base is not null then round(
           case when from_on < step_on then finance.accrue({_amount_of("management_fee_base")}, management_fee_rate, from_on,
                                                           step_on, day_count) else 0 end
           + case when greatest(from_on, step_on) < at then finance.accrue({_amount_of("fee_base_after")}, fee_rate_after,
                                                           greatest(from_on, step_on), at, day_count) else 0 end, 2) end as amount
      from fee_base
"""

_ROW = "vehicle_id, kind, purpose, category, effective_on, amount, currency_code, source_file, source_row, batch_id"
_OF_FEES = (
    "kind = 'fee' and 'management_fees' in (purpose, category) and vehicle_id = any(%(vehicles)s::text[])"
)

_FEE_ROW = f"""
    select f.*, v.code from (select investor_id, {_ROW} from fct_cash_flows where {_OF_FEES}
                     union all select null, {_ROW} from fct_vehicle_flows where {_OF_FEES}) f
      join vehicle v on v.vehicle_id = f.vehicle_id and f.effective_on <= v.at
"""

_CHARGED = f"""
    select {known_sum(f"-({converted('c.amount', 'c.currency_code', 'c.code', 'own')})")} as amount
      from fee_row c {rate_join("own", "c.currency_code", "c.code", "c.effective_on")}
"""

_CARRY = """
    select (finance.accrued_carry_detail(f.vehicle_amount, f.effective_on, t.nav_amount, %(as_of)s::date, jsonb_build_object(
               'carry_rate', a.carry_rate, 'hurdle_rate', a.hurdle_rate, 'compounding', a.hurdle_compounding,
               'day_count', a.day_count, 'catch_up_rate', a.catch_up_rate))).*
      from flow f cross join total t cross join fee_terms a
     where a.carry_rate is not null and a.waterfall = 'european' and t.nav_amount >= 0
       and (select bool_and(is_known) from fee_period where at = %(as_of)s::date)
    having count(*) > 0
"""

PARTS = {
    "fee_period": _PERIOD, "fee_terms": _TERMS, "fee_cost": _HELD_COST, "fee_base": _BASE, "fee_due": _FEE,
    "fee_row": _FEE_ROW, "fee_charged": _CHARGED, "carry_if_sold": _CARRY,
}  # fmt: skip

FIGURES = {
    "management_fee_amount": "(select amount from fee_due where at = %(as_of)s::date)",
    "management_fee_accrued_amount": "(select case when bool_and(amount is not null) then sum(amount) end from fee_due)",
    "management_fee_charged_amount": "(select amount from fee_charged)",
    "carry_distributed_amount": "(select carry_paid_amount from carry_if_sold)",
    "carry_accrued_amount": "(select accrued_carry_amount from carry_if_sold)",
    "clawback_amount": "(select clawback_amount from carry_if_sold)",
    "nav_after_carry_amount": "(select value_to_lps_amount from carry_if_sold)",
}
"""Metric of fees and carry -> an expression over the parts of this module, of `net`, `gross` and `rows`."""
