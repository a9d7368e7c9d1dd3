-- At the latest date the unfunded commitments of all investors are the vehicle's, less what nobody in particular moved.
-- Why: recallable distributions, calls outside the commitment and released parts each enter by their own condition.
-- A returned row is a vehicle whose investors owe another amount than it shows.
with nobody as (
    select
        tenant_id,
        vehicle_id,
        coalesce(sum(vehicle_amount) filter (where is_recallable), 0)
        - coalesce(sum(vehicle_amount) filter (where is_within_commitment), 0) as unfunded_amount
    from {{ ref('int_portfolio__flows_measured') }}
    where investor_id is null {{ for_tenants('and') }}
    group by tenant_id, vehicle_id
),

investors as (
    select
        tenant_id,
        vehicle_id,
        sum(unfunded_amount) as unfunded_amount
    from {{ ref('fct_investor_performance') }}
    where is_latest {{ for_tenants('and') }}
    group by tenant_id, vehicle_id
)

select
    v.tenant_id,
    v.vehicle_id,
    v.unfunded_amount,
    i.unfunded_amount as investors_unfunded_amount
from {{ ref('fct_vehicle_performance') }} as v
inner join investors as i on v.tenant_id = i.tenant_id and v.vehicle_id = i.vehicle_id
left join nobody as n on v.tenant_id = n.tenant_id and v.vehicle_id = n.vehicle_id
where v.is_latest and v.fx_status = 'ok' and v.unfunded_amount <> i.unfunded_amount + coalesce(n.unfunded_amount, 0) {{ for_tenants('and', 'v.tenant_id') }}
