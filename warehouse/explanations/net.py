# ruff: noqa: E501 - statements read as lines
"""Figures of investors' money, computed from rows: sums, values, multiples, returns and comparisons with an index.

One vehicle or several, one investor or all: `total` has one row, in the currency of the number. The rules are
those of dbt_project/DECISIONLOG.md; nothing here reads a mart that holds a figure.
"""

from warehouse.explanations.composing import converted, known_sum, rate_join, ratio, standing_value

# An investor's account, and (investor blank) the vehicle by its own valuation.
_ACCOUNT = """
    select vehicle_id, investor_id from flow where investor_id is not null
    union select vehicle_id, investor_id from valuation where investor_id is not null
    union select vehicle_id, investor_id from promise where status in ('signed', 'funded')
"""

_HOLDER = """
    select vehicle_id, investor_id from account
    union all select vehicle_id, null from vehicle where %(investor)s::text is null
"""

_HOLDER_VALUE = f"""
    select r.vehicle_id, r.at, r.investor_id, r.flows, r.nav_as_of,
           {standing_value("r.is_closed", "r.nav_as_of", "r.at", "r.valued", "r.rolled")}, r.is_closed,
           r.told_amount, r.told_code
      from (select m.vehicle_id, m.at, h.investor_id, m.code, n.as_of as nav_as_of, f.flows,
                   n.nav_amount as told_amount, n.currency_code as told_code,
                   {converted("n.nav_amount", "n.currency_code", "m.code", "own")} as valued,
                   {converted("n.nav_amount", "n.currency_code", "m.code", "own")} - f.moved_since as rolled,
                   coalesce(m.closed_from <= m.at and (n.as_of is null or n.as_of <= m.closed_from), false)
                       as is_closed
              from moment m
              join holder h using (vehicle_id)
              left join lateral (
                    select * from valuation n
                     where n.vehicle_id = m.vehicle_id and n.as_of <= m.at
                       and n.investor_id is not distinct from h.investor_id
                     order by n.as_of desc limit 1) n on true
              {rate_join("own", "n.currency_code", "m.code", "m.at")}
              left join lateral (
                    select count(*) as flows,
                           case when bool_and(f.vehicle_amount is not null) or count(*) = 0 then
                               coalesce(sum(f.vehicle_amount) filter (where f.effective_on > n.as_of), 0) end
                               as moved_since
                      from flow f
                     where f.vehicle_id = m.vehicle_id and f.effective_on <= m.at
                       and (h.investor_id is null or f.investor_id = h.investor_id)) f on true) r
"""

# The accounts' values where each is known and no flow belongs to nobody, else the vehicle's own.
_VEHICLE_VALUE = f"""
    select s.vehicle_id, s.at,
           case when s.is_own then s.own_amount when s.status <> 'missing' and s.nobodys = 0 then s.amount end
               as nav_amount,
           case when s.is_own then s.own_status when s.nobodys > 0 then 'missing' else s.status end as nav_status,
           case when s.is_own and not s.own_closed then s.at - s.own_on
                when not s.is_own and s.nobodys = 0 then s.age end as nav_age_days
      from (select a.*, o.nav_amount as own_amount, o.nav_status as own_status, o.nav_as_of as own_on,
                   o.is_closed as own_closed,
                   o.nav_amount is not null and (a.amount is null or a.status = 'missing' or a.nobodys > 0) as is_own
              from (select m.vehicle_id, m.at,
                           (select count(*) from flow f where f.vehicle_id = m.vehicle_id
                               and f.investor_id is null and f.effective_on <= m.at) as nobodys,
                           {known_sum("h.nav_amount", "h.flows > 0 or h.nav_status <> 'missing'")} as amount,
                           max(m.at - h.nav_as_of) filter (where not h.is_closed) as age,
                           case when bool_or(h.nav_status = 'missing' and h.flows > 0) then 'missing'
                                when bool_or(h.nav_status = 'refused') then 'refused'
                                when bool_or(h.nav_status = 'rolled') then 'rolled'
                                when bool_or(h.nav_status = 'reported') then 'reported'
                                when bool_or(h.nav_status = 'closed') then 'closed' else 'missing' end as status
                      from moment m
                      left join holder_value h
                        on h.vehicle_id = m.vehicle_id and h.at = m.at and h.investor_id is not null
                     group by m.vehicle_id, m.at) a
              left join holder_value o
                on o.vehicle_id = a.vehicle_id and o.at = a.at and o.investor_id is null
             where %(investor)s::text is null) s
    union all
    select vehicle_id, at, nav_amount, nav_status, case when not is_closed then at - nav_as_of end
      from holder_value where investor_id = %(investor)s
"""

_ACCOUNT_SUM = f"""
    select r.*, least(r.cancelled_amount, greatest(r.commitment_amount + r.cancelled_amount - r.called_amount
                                                   + r.recallable_amount, 0)) as released_amount,
           r.commitment_amount = 0 and r.cancelled_amount = 0 as is_uncommitted
      from (select a.vehicle_id, a.investor_id, p.commitment_amount, p.cancelled_amount,
                   f.flows, f.called_amount, f.recallable_amount
              from account a
              cross join lateral (
                    select {known_sum("p.vehicle_amount", "p.status in ('signed', 'funded')")} as commitment_amount,
                           {known_sum("p.vehicle_amount", "p.status = 'cancelled'")} as cancelled_amount
                      from bound p where p.vehicle_id = a.vehicle_id and p.investor_id = a.investor_id) p
              cross join lateral (
                    select count(*) as flows,
                           {known_sum("-f.vehicle_amount", "f.is_within_commitment")} as called_amount,
                           {known_sum("f.vehicle_amount", "f.is_recallable")} as recallable_amount
                      from flow f where f.vehicle_id = a.vehicle_id and f.investor_id = a.investor_id) f) r
"""

_SUMMED = f"""
    select v.vehicle_id, v.at, v.code, n.nav_amount, n.nav_status, n.nav_age_days, a.*, f.*, c.fees_amount,
           case when not coalesce(a.is_uncommitted, true)
                then a.commitment_amount + a.cancelled_amount - f.called_amount + f.recallable_amount
                     - a.released_amount end as unfunded_amount
      from vehicle v
      left join vehicle_value n using (vehicle_id, at)
      cross join lateral (
            select count(*) filter (where s.commitment_amount <> 0 or s.flows > 0) as investors,
                   {known_sum("s.commitment_amount")} as commitment_amount,
                   {known_sum("s.cancelled_amount")} as cancelled_amount,
                   {known_sum("s.released_amount")} as released_amount,
                   bool_and(s.is_uncommitted) or bool_or(s.is_uncommitted
                       and (s.called_amount <> 0 or s.recallable_amount <> 0)) as is_uncommitted
              from account_sum s where s.vehicle_id = v.vehicle_id) a
      cross join lateral (
            select count(*) as flows, {known_sum("-f.vehicle_amount", "f.kind = 'contribution'")} as contributed_amount,
                   {known_sum("f.vehicle_amount", "f.kind = 'distribution'")} as distributed_amount,
                   {known_sum("-f.vehicle_amount", "f.is_within_commitment")} as called_amount,
                   {known_sum("f.vehicle_amount", "f.is_recallable")} as recallable_amount
              from flow f where f.vehicle_id = v.vehicle_id) f
      cross join lateral (
            select {known_sum("-c.vehicle_amount")} as fees_amount
              from charge c where c.vehicle_id = v.vehicle_id) c
"""

# In constant currency: a value as it was told, and the cash since, each at its own currency's rate of one day.
_VALUE_AT_ONE_DAY = f"""
    select v.vehicle_id, v.at,
           case when v.is_closed then 0 else
               case when v.told_amount = 0 then 0
                    else {converted("v.told_amount", "v.told_code", "%(code)s", "one_day")} end
               - (select {known_sum("f.total_amount")} from flow f
                   where f.vehicle_id = v.vehicle_id and f.effective_on > v.nav_as_of and f.effective_on <= v.at)
               end as told_nav
      from holder_value v
      {rate_join("one_day", "v.told_code", "%(code)s", "%(rates_on)s::date")}
     where v.investor_id = %(investor)s and v.nav_amount is not null
"""

# What is shown for a date is told at that date's rate, in constant currency at that of one day.
_TOLD = f"""
    select s.*, {converted("s.commitment_amount", "s.code", "%(code)s", "told")} as told_commitment,
           {converted("s.unfunded_amount", "s.code", "%(code)s", "told")} as told_unfunded,
           case when s.flows = 0 and s.nav_status = 'missing' and %(is_of_many)s then 0
                when %(rates_on)s::date is not null then (select v.told_nav from value_at_one_day v
                     where v.vehicle_id = s.vehicle_id and v.at = s.at)
                when s.nav_amount = 0 then 0
                else {converted("s.nav_amount", "s.code", "%(code)s", "told")} end as told_nav
      from summed s
      {rate_join("told", "s.code", "%(code)s", "coalesce(%(rates_on)s::date, %(as_of)s::date)")}
"""

_TOTAL = f"""
    select t.*, case when t.nav_amount is not null then
                (select finance.xirr_detail(s.amount, s.on_date)
                   from (select total_amount, effective_on from flow
                         union all select t.nav_amount, %(as_of)s::date) as s (amount, on_date)) end as irr_detail
      from (select count(*) as vehicles, max(investors) as investors, {known_sum("told_commitment")} as commitment_amount,
                   {known_sum("told_unfunded")} as unfunded_amount, {known_sum("told_nav")} as nav_amount,
                   max(nav_status) as nav_status, max(nav_age_days) as nav_age_days,
                   {known_sum("fees_amount")} as fees_amount,
                   {known_sum("recallable_amount")} as recallable_amount
              from told) t
"""

_SIDES = f"""
    select {known_sum("-total_amount", "kind = 'contribution'")} as contributed_amount,
           {known_sum("total_amount", "kind = 'distribution'")} as distributed_amount
      from flow
"""

_MEMBER = f"""
    select s.vehicle_id, {ratio("s.distributed_amount", "s.contributed_amount")} as dpi,
           {ratio("s.distributed_amount + s.nav_amount", "s.contributed_amount")} as tvpi,
           case when s.nav_amount is not null then
                (select case when (d.detail).is_annualized then (d.detail).irr end
                   from (select finance.xirr_detail(i.amount, i.on_date) as detail
                           from (select vehicle_amount, effective_on from flow f where f.vehicle_id = s.vehicle_id
                                 union all select s.nav_amount, s.at) as i (amount, on_date)) d) end as irr
      from summed s
"""

# As if capital had been called when the line was drawn.
_UNLEVERED = f"""
    select f.vehicle_id, f.kind, f.amount, f.is_of_facility, f.on_date
      from (select m.vehicle_id, m.kind, p.part <> 'kept' as is_of_facility,
                   case p.part when 'repayment' then least(m.facility_drawn_on, m.effective_on)
                        else m.effective_on end as on_date,
                   case p.part when 'cost' then 0 when 'repayment' then
                        {converted("m.amount", "m.currency_code", "%(code)s", "drawn")}
                        else m.total_amount end as amount
              from flow m
              cross join lateral (select case when m.kind <> 'contribution' then 'kept'
                    when coalesce(m.category, '') in ('subscription_facility_interest', 'subscription_facility_fees')
                        then 'cost'
                    when m.facility_drawn_on is not null then 'repayment' else 'kept' end as part) p
              {rate_join("drawn", "m.currency_code", "%(code)s", "coalesce(%(rates_on)s::date, least(m.facility_drawn_on, m.effective_on))")}) f
     where exists (select 1 from flow m where m.facility_drawn_on is not null and m.kind = 'contribution'
                       or m.category in ('subscription_facility_interest', 'subscription_facility_fees'))
"""

_UNLEVERED_TOTAL = f"""
    select {known_sum("-u.amount", "u.kind = 'contribution'")} as contributed_amount,
           {known_sum("u.amount", "u.kind = 'distribution'")} as distributed_amount,
           case when (select nav_amount from total) is not null and count(*) > 0 then
                (select (finance.xirr_detail(s.amount, s.on_date)).irr
                   from (select amount, on_date from unlevered
                         union all select (select nav_amount from total), %(as_of)s::date) as s (amount, on_date)) end
               as irr
      from unlevered u
    having count(*) > 0
"""

_COMPARED = """
    select f.vehicle_id, f.vehicle_amount as amount, f.effective_on as on_date, l.level, null::numeric as nav
      from flow f
      left join level l on l.index_code = f.index_code and l.on_date = f.effective_on
     where f.index_code is not null
"""

_PME = """
    select finance.pme_detail(s.amount, s.on_date, s.level, s.nav order by s.on_date, s.amount) as detail
      from (select amount, on_date, level, nav from compared
            union all
            select null, v.at, l.level, t.nav_amount from total t cross join vehicle v
              left join level l on l.index_code = v.index_code and l.on_date = v.at
             where v.index_code is not null) s
     where (select nav_amount from total) is not null
"""

_ACCOUNTS = """
    select finance.index_accounts(s.amount, s.on_date, s.level, s.nav) as detail
      from (select amount, on_date, level, nav from compared
            union all
            select null, n.at, null, n.nav_amount from vehicle_value n join vehicle v using (vehicle_id)
             where n.at < v.at and n.nav_amount is not null
            union all
            select null, v.at, l.level, t.nav_amount from total t cross join vehicle v
              left join level l on l.index_code = v.index_code and l.on_date = v.at
             where v.index_code is not null) s
     where (select nav_amount from total) is not null
"""

_CURVE = """
    select case when count(*) = 0 then 0 else (finance.j_curve(vehicle_amount, effective_on)).trough_amount end as trough_amount
      from flow
"""

PARTS = {
    "account": _ACCOUNT, "holder": _HOLDER, "holder_value": _HOLDER_VALUE, "vehicle_value": _VEHICLE_VALUE,
    "account_sum": _ACCOUNT_SUM, "summed": _SUMMED, "value_at_one_day": _VALUE_AT_ONE_DAY, "told": _TOLD, "total": _TOTAL, "sides": _SIDES,
    "member": _MEMBER, "unlevered": _UNLEVERED, "unlevered_total": _UNLEVERED_TOTAL, "compared": _COMPARED,
    "pme": _PME, "accounts": _ACCOUNTS, "curve": _CURVE,
}  # fmt: skip

_PAID = "(select contributed_amount from sides)"
_BACK = "(select distributed_amount from sides)"
_NAV = "(select nav_amount from total)"
_RECALLABLE = "(select recallable_amount from total)"
_IRR = "((select irr_detail from total))"

FIGURES = {
    "commitment_amount": "(select commitment_amount from total)",
    "contributed_amount": _PAID,
    "distributed_amount": _BACK,
    "recallable_amount": _RECALLABLE,
    "fees_amount": "(select fees_amount from total)",
    "nav_amount": _NAV,
    "nav_age_days": "(select nav_age_days from total)",
    "unfunded_amount": "(select unfunded_amount from total)",
    "vehicles": "(select vehicles from total)",
    "investors": "(select investors from total)",
    "dpi": ratio(_BACK, _PAID),
    "rvpi": ratio(_NAV, _PAID),
    "tvpi": ratio(f"{_BACK} + {_NAV}", _PAID),
    "pic": ratio(_PAID, "(select commitment_amount from total)"),
    "irr": f"{_IRR}.irr",
    "period_return": f"{_IRR}.period_return",
    "total_exposure_amount": f"{_NAV} + (select unfunded_amount from total)",
    "dpi_netted": ratio(f"{_BACK} - {_RECALLABLE}", f"{_PAID} - {_RECALLABLE}"),
    "tvpi_netted": ratio(f"{_BACK} - {_RECALLABLE} + {_NAV}", f"{_PAID} - {_RECALLABLE}"),
    "irr_without_facility": "(select irr from unlevered_total)",
    "tvpi_without_facility": f"(select {ratio(f'distributed_amount + {_NAV}', 'contributed_amount')} from unlevered_total)",
    "ks_pme": "(select (detail).ks_pme from pme)",
    "direct_alpha": "(select (detail).direct_alpha from pme)",
    "net_cash_amount": f"{_BACK} - {_PAID}",
    "trough_amount": "(select trough_amount from curve)",
    "trough_pct": ratio("-(select trough_amount from curve where exists (select 1 from flow))", "(select commitment_amount from total)"),
    "members_with_irr": "(select count(irr) from member)",
    "mean_irr": "(select avg(irr) from member)",
    "mean_tvpi": "(select avg(tvpi) from member)",
    "median_irr": "(select percentile_cont(0.5) within group (order by irr) from member)",
    "median_tvpi": "(select percentile_cont(0.5) within group (order by tvpi) from member)",
    **{
        f"{name}{suffix}": f"(select ((detail).{name}).{field} from accounts)"
        for name in ("ln_pme", "pme_plus", "mpme")
        for suffix, field in (("", name), ("_spread", f"{name}_spread"))
    },
    "pme_plus_scale": "(select ((detail).pme_plus).scale from accounts)",
    **{
        f"{name}_p{at}": f"""(select percentile_cont(0.{at}) within group (order by {name}) from member
            having count({name}) >= (select value::text::integer from setting where setting = 'quartile_min_members')
               and %(is_peers)s)"""
        for name in ("irr", "tvpi", "dpi")
        for at in (25, 50, 75)
    },
}  # fmt: skip
"""Metric -> an expression over the parts."""


def _setting(name: str) -> str:
    return f"(select value from setting where setting = '{name}')"


_PROJECTED = f"""(select p.{{0}} from finance.takahashi_alexander(
        (select commitment_amount from total),
        array(select jsonb_array_elements_text({_setting("pacing_contribution_rates")})::numeric),
        coalesce((select life_years from dim_vehicle_terms where vehicle_id = any(%(vehicles)s::text[])),
                 {_setting("pacing_life_years")}::text::integer),
        {_setting("pacing_bow")}::text::numeric, {_setting("pacing_growth")}::text::numeric,
        {_setting("pacing_yield")}::text::numeric, %(years_passed)s::integer,
        (select unfunded_amount from total), coalesce({_NAV}, 0)) p
    where p.year = %(years_passed)s::integer + %(year)s::integer)"""

_WORTH_NOW = f"coalesce({_NAV}, case when not exists (select 1 from flow) then 0 end)"

PACING = {
    f"projected_{ours}_amount": f"case when %(year)s::integer = 0 then {now} else {_PROJECTED.format(theirs)} end"
    for ours, theirs, now in (
        ("contribution", "contribution", "0"),
        ("distribution", "distribution", "0"),
        ("nav", "nav", _WORTH_NOW),
        ("unfunded", "unfunded", "(select unfunded_amount from total)"),
        ("net", "cumulative_net", "0"),
    )
}
"""Metric of a projection -> an expression over where the fund stands and the project's settings."""
