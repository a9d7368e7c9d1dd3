{{ config(unique_key=['tenant_id', 'holding_id']) }}

with latest as materialized (
    select * from {{ ref('fct_holding_performance') }}
    where is_latest {{ for_tenants('and') }}
),

holdings as materialized (
    select * from {{ ref('stg_capstan__holdings') }}
    {{ for_tenants() }}
),

vehicles as materialized (
    select * from {{ ref('stg_capstan__vehicles') }}
    {{ for_tenants() }}
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
    {{ known_or_zero('p.tenant_id', 'p.invested_amount') }} as invested_amount,
    {{ known_or_zero('p.tenant_id', 'p.proceeds_amount') }} as proceeds_amount,
    p.nav_amount,
    coalesce(p.nav_status, 'missing') as nav_status,
    p.moic,
    p.irr,
    case when p.tenant_id is null then 'no_flows' else p.irr_status end as irr_status,
    v.currency_code
from holdings as h
inner join vehicles as v on h.tenant_id = v.tenant_id and h.vehicle_id = v.vehicle_id
left join latest as p on h.tenant_id = p.tenant_id and h.holding_id = p.holding_id
