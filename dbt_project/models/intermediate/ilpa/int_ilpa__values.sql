-- What each holder's part is worth at the dates that the templates need: the value reported for that day, else the last one moved
-- by everything stated since (flows, costs, income, gains), else what was stated since inception. A vehicle without values and
-- without allocations tells nothing about its worth: null, never 0.
with dates as (
    select distinct
        p.tenant_id,
        p.vehicle_id,
        p.currency_code,
        p.closed_from,
        p.has_allocations,
        d.on_date
    from {{ ref('int_ilpa__periods') }} as p
    cross join lateral (values (p.period_end), (p.quarter_before), (p.year_before)) as d (on_date)
),

moving as (
    select
        m.tenant_id,
        m.vehicle_id,
        m.investor_id,
        m.effective_on,
        m.amount
    from {{ ref('int_ilpa__movements') }} as m
    inner join {{ ref('int_ilpa__row_members') }} as r on m.line = r.part and r.line = 'ending_nav_net'
),

joined as (
    select
        d.tenant_id,
        d.vehicle_id,
        h.investor_id,
        d.on_date,
        d.has_allocations,
        coalesce(d.closed_from <= d.on_date and (n.as_of is null or n.as_of <= d.closed_from), false) as is_closed,
        n.as_of as valued_on,
        {{ converted('n.nav_amount', 'nav_rate') }} as valued_amount,
        count(m.tenant_id) as movements,
        {{ strict_sum('m.amount', 'm.tenant_id is not null') }} as moved_amount
    from dates as d
    inner join {{ ref('int_ilpa__holders') }} as h on d.tenant_id = h.tenant_id and d.vehicle_id = h.vehicle_id
    left join {{ ref('int_portfolio__valuations_spanned') }} as n
        on
            h.tenant_id = n.tenant_id
            and h.vehicle_id = n.vehicle_id
            and h.investor_id = n.investor_id
            and n.holding_id is null
            and d.on_date between n.as_of and n.newest_until
    left join moving as m
        on
            h.tenant_id = m.tenant_id
            and h.vehicle_id = m.vehicle_id
            and h.investor_id = m.investor_id
            and d.on_date >= m.effective_on
            and (n.as_of is null or n.as_of < m.effective_on)
    {{ fx_join('nav_rate', 'n.currency_code', 'd.currency_code', 'd.on_date') }}
    group by
        d.tenant_id, d.vehicle_id, h.investor_id, d.on_date, d.has_allocations, d.closed_from, n.as_of, n.nav_amount, nav_rate.numerator, nav_rate.divisor
)

select
    tenant_id,
    vehicle_id,
    investor_id,
    on_date,
    case
        when is_closed then 0
        when valued_on = on_date then valued_amount
        when valued_on is not null then valued_amount + moved_amount
        when has_allocations or movements = 0 then moved_amount
    end as value_amount,
    case
        when is_closed then 'closed'
        when valued_on = on_date then 'reported'
        when valued_on is not null or has_allocations or movements = 0 then 'rolled'
        else 'missing'
    end as value_status,
    valued_on
from joined
