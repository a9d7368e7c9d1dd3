{#-
  What each holder's part is worth at the dates that the templates need: the value reported for that day, else the last one moved by
  everything stated since (flows, costs, income, gains), else what was stated since inception. A vehicle without values and without
  allocations tells nothing about its worth: null, never 0. After `ilpa_imports`; gives `worth` by holder and `on_date`.
-#}
{% macro ilpa_worth() -%}
dates as materialized (
    select distinct
        p.tenant_id,
        p.vehicle_id,
        p.currency_code,
        p.closed_from,
        p.has_allocations,
        d.on_date
    from periods as p
    cross join lateral (values (p.period_end), (p.quarter_before), (p.year_before)) as d (on_date)
),

moving_parts as materialized (
    select
        m.tenant_id,
        m.vehicle_id,
        m.investor_id,
        m.effective_on,
        m.amount
    from amounts as m
    inner join members as r on m.line = r.part and r.line = 'ending_nav_net'
),

-- Each value with the days it is the newest one for.
reported as materialized (
    select
        tenant_id,
        vehicle_id,
        investor_id,
        as_of,
        nav_amount,
        currency_code,
        coalesce(lead(as_of) over (partition by tenant_id, vehicle_id, investor_id order by as_of) - 1, date '9999-12-31') as newest_until
    from {{ ref('stg_capstan__valuations') }}
    where investor_id is not null and holding_id is null {{ for_tenants('and') }}
),

valuations as materialized (
    select
        d.tenant_id,
        d.vehicle_id,
        h.investor_id,
        d.on_date,
        d.has_allocations,
        coalesce(d.closed_from <= d.on_date and (n.as_of is null or n.as_of <= d.closed_from), false) as is_closed,
        n.as_of as valued_on,
        {{ converted('n.nav_amount', 'nav_rate') }} as valued_amount
    from dates as d
    inner join holders as h on d.tenant_id = h.tenant_id and d.vehicle_id = h.vehicle_id
    left join reported as n
        on
            h.tenant_id = n.tenant_id
            and h.vehicle_id = n.vehicle_id
            and h.investor_id = n.investor_id
            and d.on_date between n.as_of and n.newest_until
    {{ fx_join('nav_rate', 'n.currency_code', 'd.currency_code', 'd.on_date') }}
),

moved_since as materialized (
    select
        v.tenant_id,
        v.vehicle_id,
        v.investor_id,
        v.on_date,
        count(m.tenant_id) as movements,
        {{ strict_sum('m.amount', 'm.tenant_id is not null') }} as moved_amount
    from valuations as v
    left join moving_parts as m
        on
            v.tenant_id = m.tenant_id
            and v.vehicle_id = m.vehicle_id
            and v.investor_id = m.investor_id
            and v.on_date >= m.effective_on
            and (v.valued_on is null or v.valued_on < m.effective_on)
    group by v.tenant_id, v.vehicle_id, v.investor_id, v.on_date
),

worth as materialized (
    select
        v.tenant_id,
        v.vehicle_id,
        v.investor_id,
        v.on_date,
        case
            when v.is_closed then 0
            when v.valued_on = v.on_date then v.valued_amount
            when v.valued_on is not null then v.valued_amount + m.moved_amount
            when v.has_allocations or m.movements = 0 then m.moved_amount
        end as value_amount,
        case
            when v.is_closed then 'closed'
            when v.valued_on = v.on_date then 'reported'
            when v.valued_on is not null or v.has_allocations or m.movements = 0 then 'rolled'
            else 'missing'
        end as value_status
    from valuations as v
    inner join moved_since as m
        on v.tenant_id = m.tenant_id and v.vehicle_id = m.vehicle_id and v.investor_id = m.investor_id and v.on_date = m.on_date
)
{%- endmacro %}
