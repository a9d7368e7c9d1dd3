{{ config(
    unique_key=['tenant_id', 'vehicle_id', 'investor_id', 'period_end', 'holding_id'],
    meta={'audience': ['gp', 'lp'], 'indexes': [['tenant_id', 'investor_id', 'period_end']]}
) }}

with periods as materialized (
    select * from {{ ref('int_ilpa__periods') }}
    where has_allocations {{ for_tenants('and') }}
),

performance as materialized (
    select * from {{ ref('fct_holding_performance') }}
    {{ for_tenants() }}
),

investors as materialized (
    select * from {{ ref('int_ilpa__holders') }}
    {{ for_tenants() }}
),

holdings as materialized (
    select * from {{ ref('stg_capstan__holdings') }}
    {{ for_tenants() }}
),

vehicles as materialized (
    select * from {{ ref('fct_vehicle_performance') }}
    {{ for_tenants() }}
),

each as materialized (
    select
        p.tenant_id,
        p.vehicle_id,
        p.period_end,
        h.holding_id,
        p.vehicle_name,
        c.name as holding_name,
        c.sector,
        c.invested_on,
        h.invested_amount,
        h.proceeds_amount,
        h.nav_amount,
        h.nav_status,
        h.irr as gross_irr,
        h.irr_status as gross_irr_status,
        h.moic as gross_moic,
        p.currency_code
    from periods as p
    inner join performance as h on p.tenant_id = h.tenant_id and p.vehicle_id = h.vehicle_id and p.period_end = h.as_of
    inner join holdings as c on h.tenant_id = c.tenant_id and h.holding_id = c.holding_id
),

-- All of them pooled, under a blank holding.
pooled as materialized (
    select
        e.tenant_id,
        e.vehicle_id,
        e.period_end,
        '' as holding_id,
        e.vehicle_name,
        'All investments' as holding_name,
        null::text as sector,
        min(e.invested_on) as invested_on,
        {{ strict_sum('e.invested_amount') }} as invested_amount,
        {{ strict_sum('e.proceeds_amount') }} as proceeds_amount,
        {{ strict_sum('e.nav_amount') }} as nav_amount,
        case
            when bool_or(e.nav_amount is null) then 'missing'
            when bool_or(e.nav_status = 'rolled') then 'rolled'
            else 'reported'
        end as nav_status,
        v.gross_irr,
        v.gross_irr_status,
        v.gross_moic,
        e.currency_code
    from each as e
    inner join vehicles as v on e.tenant_id = v.tenant_id and e.vehicle_id = v.vehicle_id and e.period_end = v.as_of
    group by
        e.tenant_id, e.vehicle_id, e.period_end, e.vehicle_name, v.gross_irr, v.gross_irr_status, v.gross_moic, e.currency_code
)

select
    r.*,
    i.investor_id
from (
    select * from each
    union all
    select * from pooled
) as r
inner join investors as i on r.tenant_id = i.tenant_id and r.vehicle_id = i.vehicle_id
