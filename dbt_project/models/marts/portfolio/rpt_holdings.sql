{{ config(unique_key=['tenant_id', 'holding_id']) }}

with positions as materialized (
    select * from {{ ref('int_portfolio__holding_positions') }}
    where is_latest {{ for_tenants('and') }}
),

holdings as materialized (
    select * from {{ ref('stg_capstan__holdings') }}
    {{ for_tenants() }}
),

vehicles as materialized (
    select * from {{ ref('stg_capstan__vehicles') }}
    {{ for_tenants() }}
),

flows as materialized (
    select * from {{ ref('int_portfolio__flows_converted') }}
    where is_holding_flow {{ for_tenants('and') }}
),

series as materialized (
    select
        p.tenant_id,
        p.holding_id,
        f.signed_vehicle_amount as amount,
        f.effective_on as on_date
    from positions as p
    inner join flows as f on p.tenant_id = f.tenant_id and p.holding_id = f.holding_id
    where p.nav_amount is not null
    union all
    select
        tenant_id,
        holding_id,
        nav_amount,
        as_of
    from positions
    where nav_amount is not null
),

returns as materialized (
    select
        tenant_id,
        holding_id,
        finance.xirr_detail(amount, on_date) as irr_detail
    from series
    group by tenant_id, holding_id
)

select
    h.tenant_id,
    h.holding_id,
    h.vehicle_id,
    h.name,
    v.name as vehicle_name,
    h.sector,
    h.country_code,
    h.invested_on,
    h.status,
    p.as_of,
    coalesce(p.invested_amount, case when p.tenant_id is null then 0 end) as invested_amount,
    coalesce(p.proceeds_amount, case when p.tenant_id is null then 0 end) as proceeds_amount,
    p.nav_amount,
    coalesce(p.nav_status, 'missing') as nav_status,
    {{ ratio('p.proceeds_amount + p.nav_amount', 'p.invested_amount') }} as moic,
    (r.irr_detail).irr as irr,
    case when coalesce(p.flows, 0) = 0 then 'no_flows' else (r.irr_detail).irr_status end as irr_status,
    v.currency_code
from holdings as h
inner join vehicles as v on h.tenant_id = v.tenant_id and h.vehicle_id = v.vehicle_id
left join positions as p on h.tenant_id = p.tenant_id and h.holding_id = p.holding_id
left join returns as r on h.tenant_id = r.tenant_id and h.holding_id = r.holding_id
