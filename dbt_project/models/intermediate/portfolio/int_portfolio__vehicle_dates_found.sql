-- What is known of each vehicle's time: first flow, newest flow or valuation, and the day it closed.
with flows as (
    select
        tenant_id,
        vehicle_id,
        min(effective_on) as first_flow_on,
        max(effective_on) as last_flow_on
    from {{ ref('stg_capstan__transactions') }}
    where amount <> 0
    group by tenant_id, vehicle_id
),

valuations as (
    select
        tenant_id,
        vehicle_id,
        max(as_of) as last_valued_on
    from {{ ref('stg_capstan__valuations') }}
    group by tenant_id, vehicle_id
),

commitments as (
    select
        tenant_id,
        vehicle_id,
        max(signed_on) as last_signed_on
    from {{ ref('stg_capstan__commitments') }}
    where status in ('signed', 'funded')
    group by tenant_id, vehicle_id
)

select
    v.tenant_id,
    v.vehicle_id,
    v.name as vehicle_name,
    v.kind as vehicle_kind,
    v.vintage_year,
    v.strategy,
    v.currency_code,
    v.benchmark_code,
    f.first_flow_on,
    case when v.status = 'closed' then coalesce(v.closed_on, f.last_flow_on) end as closed_from,
    coalesce(
        greatest(f.last_flow_on, n.last_valued_on, case when v.status = 'closed' then v.closed_on end),
        c.last_signed_on
    ) as last_known_on
from {{ ref('stg_capstan__vehicles') }} as v
left join flows as f on v.tenant_id = f.tenant_id and v.vehicle_id = f.vehicle_id
left join valuations as n on v.tenant_id = n.tenant_id and v.vehicle_id = n.vehicle_id
left join commitments as c on v.tenant_id = c.tenant_id and v.vehicle_id = c.vehicle_id
