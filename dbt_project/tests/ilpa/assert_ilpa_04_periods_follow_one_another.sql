-- A quarter begins where the quarter before ended, a year where the year before ended; in the first quarter QTD is YTD.
-- Why: a restated opening balance is a break that a reader of two reports finds first. A returned row is such a break.
with ends as (
    select
        m.tenant_id,
        m.vehicle_id,
        m.investor_id,
        m.period_end,
        case m.line
            when 'ending_nav_net' then 'beginning_nav'
            when 'carry_end' then 'carry_start'
            when 'unapplied_offsets_end' then 'unapplied_offsets_start'
        end as line,
        cell.column_group,
        cell.amount
    from {{ ref('fct_ilpa_nav_reconciliation') }} as m
    {{ ilpa_cells() }}
    where
        m.line in ('ending_nav_net', 'carry_end', 'unapplied_offsets_end') and cell.span = 'itd' {{ for_tenants('and', 'm.tenant_id') }}
    union all
    select
        m.tenant_id,
        m.vehicle_id,
        m.investor_id,
        m.period_end,
        'unfunded_start',
        cell.column_group,
        cell.amount
    from {{ ref('fct_ilpa_commitment') }} as m
    {{ ilpa_cells() }}
    where m.line = 'unfunded_end' and cell.span = 'itd' {{ for_tenants('and', 'm.tenant_id') }}
),

cells as (
    select
        m.tenant_id,
        m.vehicle_id,
        m.investor_id,
        m.period_end,
        m.line,
        cell.column_group,
        cell.span,
        cell.amount
    from {{ ref('fct_ilpa_nav_reconciliation') }} as m
    {{ ilpa_cells() }}
    where cell.span in ('qtd', 'ytd') {{ for_tenants('and', 'm.tenant_id') }}
    union all
    select
        m.tenant_id,
        m.vehicle_id,
        m.investor_id,
        m.period_end,
        m.line,
        cell.column_group,
        cell.span,
        cell.amount
    from {{ ref('fct_ilpa_commitment') }} as m
    {{ ilpa_cells() }}
    where cell.span in ('qtd', 'ytd') {{ for_tenants('and', 'm.tenant_id') }}
)

select
    c.tenant_id,
    c.vehicle_id,
    c.investor_id,
    c.period_end,
    c.line,
    c.column_group,
    c.span,
    c.amount - e.amount as difference
from cells as c
inner join ends as e
    on
        c.tenant_id = e.tenant_id
        and c.vehicle_id = e.vehicle_id
        and c.investor_id = e.investor_id
        and c.line = e.line
        and c.column_group = e.column_group
        and e.period_end = date_trunc(case c.span when 'qtd' then 'quarter' else 'year' end, c.period_end::timestamp)::date - 1
where c.amount <> e.amount
union all
select
    q.tenant_id,
    q.vehicle_id,
    q.investor_id,
    q.period_end,
    q.line,
    q.column_group,
    'qtd and ytd',
    q.amount - y.amount
from cells as q
inner join cells as y
    on
        q.tenant_id = y.tenant_id
        and q.vehicle_id = y.vehicle_id
        and q.investor_id = y.investor_id
        and q.period_end = y.period_end
        and q.line = y.line
        and q.column_group = y.column_group
where q.span = 'qtd' and y.span = 'ytd' and extract(month from q.period_end) = 3 and q.amount <> y.amount
