# ruff: noqa: E501 - statements read as lines
"""Parts that are rows of the books as they were loaded, each with its file and row, and the platform's quotes.

Parameters: vehicles, ats, codes, are_latest, latest_ons, closed_froms, indexes (arrays, one element a vehicle in
question), moment_vehicles, moment_ats (dates that a value is wanted for), holdings, holding_ats (arrays), investor,
as_of, code (currency of the number), rates_on (the day whose rates tell it, where one day's do), stage, commitment, view.
"""

from warehouse.explanations.composing import converted, rate_join

VEHICLE = """
    select * from unnest(%(vehicles)s::text[], %(ats)s::date[], %(codes)s::text[], %(are_latest)s::boolean[],
                         %(latest_ons)s::date[], %(closed_froms)s::date[], %(indexes)s::text[])
        as v (vehicle_id, at, code, is_latest, latest_on, closed_from, index_code)
"""

MOMENT = """
    select m.vehicle_id, m.at, v.code, v.closed_from
      from unnest(%(moment_vehicles)s::text[], %(moment_ats)s::date[]) as m (vehicle_id, at)
      join vehicle v using (vehicle_id)
"""

RATE = """
    select from_currency_code as from_code, to_currency_code as to_code, on_date,
           coalesce(max(rate) filter (where not is_divisor), 1) as numerator,
           coalesce(max(rate) filter (where is_divisor), 1) as divisor
      from fct_rates_used
     where %(investor)s::text is null or investor_id = %(investor)s
     group by from_currency_code, to_currency_code, on_date
    having bool_or('EUR' in (from_currency_code, to_currency_code)
                   or base_currency_code in (from_currency_code, to_currency_code))
        or count(distinct quote_currency_code) = 2
"""

LEVEL = """
    select distinct on (index_code, on_date) index_code, on_date, level::double precision as level
      from fct_levels_used where %(investor)s::text is null or investor_id = %(investor)s
"""

_FLOW_COLUMNS = """vehicle_id, kind, purpose, category, facility_drawn_on, effective_on, amount, currency_code,
           is_within_commitment, is_recallable, is_performance_flow, transaction_id, source_file, source_row, batch_id"""

OWN_MOVEMENT = f"""
    select investor_id, {_FLOW_COLUMNS} from fct_cash_flows
     where vehicle_id = any(%(vehicles)s::text[]) and investor_id = %(investor)s
"""

ALL_MOVEMENT = f"""
    select investor_id, {_FLOW_COLUMNS} from fct_cash_flows where vehicle_id = any(%(vehicles)s::text[])
    union all
    select null, {_FLOW_COLUMNS} from fct_vehicle_flows
     where vehicle_id = any(%(vehicles)s::text[]) and is_performance_flow
"""

MOVED = f"""
    select f.*, v.at, v.code, v.index_code,
           {converted("f.amount", "f.currency_code", "v.code", "own")} as vehicle_amount,
           {converted("f.amount", "f.currency_code", "%(code)s", "total")} as total_amount
      from movement f
      join vehicle v using (vehicle_id)
      {rate_join("own", "f.currency_code", "v.code", "f.effective_on")}
      {rate_join("total", "f.currency_code", "%(code)s", "coalesce(%(rates_on)s::date, f.effective_on)")}
     where f.effective_on <= v.at
"""

FLOW = "select * from moved where is_performance_flow"

CHARGE = "select * from moved where kind in ('fee', 'expense', 'tax') and investor_id is not null"

VALUATION = """
    select n.vehicle_id, n.investor_id, n.as_of, n.nav_amount, n.currency_code, n.basis,
           n.source_file, n.source_row, n.batch_id
      from fct_valuations n
     where n.vehicle_id = any(%(vehicles)s::text[]) and n.holding_id is null
       and (%(investor)s::text is null or n.investor_id = %(investor)s)
"""

PROMISE = f"""
    select c.*, v.code, v.at, v.is_latest,
           {converted("c.amount", "c.currency_code", "v.code", "own")} as vehicle_amount
      from fct_commitments c
      join vehicle v using (vehicle_id)
      {rate_join("own", "c.currency_code", "v.code", "coalesce(c.signed_on, v.latest_on)")}
     where c.amount <> 0 and (%(investor)s::text is null or c.investor_id = %(investor)s)
"""

# At the latest date everything that is known counts, before it what was signed by then.
BOUND = "select * from promise where is_latest or signed_on is null or signed_on <= at"

HOLDING = """
    select h.*, s.at, v.code, v.closed_from
      from unnest(%(holdings)s::text[], %(holding_ats)s::date[]) as s (holding_id, at)
      join dim_holding h using (holding_id)
      join vehicle v using (vehicle_id)
"""

HOLDING_FLOW = f"""
    select f.*, h.at, h.code, {converted("f.amount", "f.currency_code", "h.code", "own")} as vehicle_amount,
           {converted("f.amount", "f.currency_code", "%(code)s", "total")} as total_amount
      from fct_vehicle_flows f
      join holding h using (vehicle_id, holding_id)
      {rate_join("own", "f.currency_code", "h.code", "f.effective_on")}
      {rate_join("total", "f.currency_code", "%(code)s", "f.effective_on")}
     where f.is_holding_flow
"""

HOLDING_VALUATION = """
    select n.vehicle_id, n.holding_id, n.as_of, n.nav_amount, n.currency_code, n.basis,
           n.source_file, n.source_row, n.batch_id
      from fct_valuations n join holding h using (vehicle_id, holding_id)
     where n.investor_id is null and n.as_of <= h.at
"""

EVENT = f"""
    select e.*, v.code, {converted("e.amount", "e.currency_code", "v.code", "own")} as vehicle_amount
      from fct_stage_transitions e
      join vehicle v using (vehicle_id)
      {rate_join("own", "e.currency_code", "v.code", "e.occurred_at::date")}
"""

PAYMENT = f"""
    select p.*, c.amount as committed, c.currency_code as commitment_code,
           {converted("p.amount", "p.currency_code", "c.currency_code", "paid")} as commitment_amount
      from fct_payments p
      join fct_commitments c using (commitment_id)
      {rate_join("paid", "p.currency_code", "c.currency_code", "p.attempted_at::date")}
     where p.vehicle_id = any(%(vehicles)s::text[])
       and (%(commitment)s::text is null or p.commitment_id = %(commitment)s)
"""

VIEW = """
    select * from fct_document_views
     where (%(view)s::text is not null and view_id = %(view)s)
        or (%(view)s::text is null and vehicle_id = any(%(vehicles)s::text[])
            and (%(investor)s::text is null or investor_id = %(investor)s)
            and investor_id is not null and not is_machine and not is_own_team)
"""

TOUCH = """
    select * from fct_communications
     where vehicle_id = any(%(vehicles)s::text[]) and (%(investor)s::text is null or investor_id = %(investor)s)
"""

SETTING = "select setting, value from dim_setting"

PARTS = {
    "vehicle": VEHICLE, "moment": MOMENT, "rate": RATE, "level": LEVEL, "movement": ALL_MOVEMENT, "moved": MOVED,
    "flow": FLOW, "charge": CHARGE, "valuation": VALUATION, "promise": PROMISE, "bound": BOUND,
    "holding": HOLDING, "holding_flow": HOLDING_FLOW, "holding_valuation": HOLDING_VALUATION,
    "event": EVENT, "payment": PAYMENT, "view": VIEW, "touch": TOUCH, "setting": SETTING,
}  # fmt: skip
"""Name of a part -> its text, in an order in which each reads only parts before it."""
