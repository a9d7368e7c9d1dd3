# ruff: noqa: E501 - statements read as lines
"""Figures of holdings, computed from rows: what went in, came out and is left, before fees and carry.

`gross` has one row over all holdings in question, in the currency of the number. The rules are those of
dbt_project/DECISIONLOG.md. What investors paid and received is in `net`.
"""

from warehouse.explanations.composing import converted, known_sum, rate_join, ratio, standing_value

EXITED = ("exited", "realised", "realized", "sold", "written off", "written_off", "written-off", "liquidated")
"""Words by which a tenant says that a holding is no longer held (macro exited_statuses)."""

_COST = (
    "case f.kind when 'investment' then -f.vehicle_amount when 'proceeds' then -f.vehicle_amount else 0 end"
)

_HOLDING_VALUE = f"""
    select r.*, {standing_value("r.is_closed", "r.nav_as_of", "r.at", "r.valued", "r.rolled")}
      from (select h.holding_id, h.vehicle_id, h.at, h.code, f.flows, f.invested_amount, f.proceeds_amount,
                   n.as_of as nav_as_of, {converted("n.nav_amount", "n.currency_code", "h.code", "own")} as valued,
                   {converted("n.nav_amount", "n.currency_code", "h.code", "own")} + f.cost_since as rolled,
                   coalesce((h.closed_from <= h.at and (n.as_of is null or n.as_of <= h.closed_from))
                            or (x.exited_on <= h.at and (n.as_of is null or n.as_of <= x.exited_on)), false) as is_closed
              from holding h
              left join lateral (select * from holding_valuation n where n.holding_id = h.holding_id
                                  order by n.as_of desc limit 1) n on true
              {rate_join("own", "n.currency_code", "h.code", "h.at")}
              cross join lateral (
                    select case when lower(h.status) = any(array{list(EXITED)}) then max(f.effective_on) end as exited_on
                      from holding_flow f where f.holding_id = h.holding_id) x
              cross join lateral (
                    select count(*) as flows, {known_sum("-f.vehicle_amount", "f.kind = 'investment'")} as invested_amount,
                           {known_sum("f.vehicle_amount", "f.kind in ('proceeds', 'interest')")} as proceeds_amount,
                           case when count(*) filter (where {_COST} is null) = 0
                                then coalesce(sum({_COST}) filter (where f.effective_on > n.as_of), 0) end as cost_since
                      from holding_flow f where f.holding_id = h.holding_id and f.effective_on <= h.at) f) r
"""

_GROSS = f"""
    select t.*, case when t.nav_amount is not null and t.flows > 0 then
                (select finance.xirr_detail(s.amount, s.on_date)
                   from (select total_amount, effective_on from holding_flow where effective_on <= at
                         union all select t.nav_amount, %(as_of)s::date) as s (amount, on_date)) end as irr_detail
      from (select count(*) filter (where flows > 0 or nav_status <> 'missing') as holdings, sum(flows) as flows,
                   (select {known_sum("-total_amount", "kind = 'investment'")} from holding_flow where effective_on <= at)
                       as invested_amount,
                   (select {known_sum("total_amount", "kind in ('proceeds', 'interest')")} from holding_flow
                     where effective_on <= at) as proceeds_amount,
                   {known_sum("told_nav", "flows > 0 or nav_status <> 'missing'")} as nav_amount
              from (select v.*, case when v.nav_amount = 0 then 0
                                else {converted("v.nav_amount", "v.code", "%(code)s", "told")} end as told_nav
                      from holding_value v
                      {rate_join("told", "v.code", "%(code)s", "%(as_of)s::date")}) told) t
"""

_DEAL = "select * from holding_value where flows > 0 or nav_status <> 'missing'"

_LOSS = """
    select (finance.loss_ratio(invested_amount, proceeds_amount + nav_amount)).* from deal
    having bool_and(nav_amount is not null and proceeds_amount is not null)
"""

_CONCENTRATION = """
    select (finance.concentration(nav_amount, (select nav_amount from total))).*,
           count(*) filter (where nav_amount <> 0) as held
      from deal having bool_and(nav_amount is not null)
"""

PARTS = {
    "holding_value": _HOLDING_VALUE, "gross": _GROSS, "deal": _DEAL, "loss": _LOSS, "concentration": _CONCENTRATION,
}  # fmt: skip

_IN = "(select invested_amount from gross)"
_OUT = "(select proceeds_amount from gross)"
_LEFT = "(select nav_amount from gross)"
INVESTED_IN_DEALS = "(select invested_amount from gross where holdings > 0)"
_MOIC = ratio(f"{_OUT} + {_LEFT}", _IN)


def _of_capital(expression: str) -> str:
    return f"(select case when (select nav_amount from total) > 0 then {expression} end from concentration)"


FIGURES = {
    "invested_amount": _IN,
    "proceeds_amount": _OUT,
    "nav_amount": _LEFT,
    "holdings_nav_amount": "(select nav_amount from gross where holdings > 0)",
    "moic": _MOIC,
    "gross_moic": _MOIC,
    "irr": "((select irr_detail from gross)).irr",
    "gross_irr": "((select irr_detail from gross)).irr",
    "period_return": "((select irr_detail from gross)).period_return",
    "holdings": "(select holdings from gross)",
    "holdings_held": "(select count(*) filter (where nav_amount <> 0) from deal having bool_and(nav_amount is not null) is not false)",
    "loss_ratio_cost": "(select loss_ratio_cost from loss)",
    "loss_ratio_loss": "(select loss_ratio_amount from loss)",
    "loss_ratio_count": "(select loss_ratio_count from loss)",
    "invested_share": ratio(_LEFT, "(select nav_amount from total where nav_amount > 0)"),
    "top_1_share": _of_capital("top_1_share"),
    "top_5_share": _of_capital("top_5_share"),
    "top_10_share": _of_capital("top_10_share"),
    "hhi": _of_capital("hhi"),
    "effective_holdings": _of_capital("effective_positions"),
}
"""Metric -> an expression over the parts of this module, of `net` and of `rows`."""
