-- What investors paid in and received, and what nobody in particular did, is what the vehicle shows.
-- Why: both are summed on their own ways through the models; a lost or doubled flow shows here.
-- A returned row is a vehicle and date where the sums differ.
with investors as (
    select
        v.tenant_id,
        v.vehicle_id,
        v.as_of,
        coalesce(sum(f.vehicle_amount) filter (where f.kind = 'contribution'), 0) as contributed_amount,
        coalesce(sum(f.vehicle_amount) filter (where f.kind = 'distribution'), 0) as distributed_amount
    from {{ ref('fct_vehicle_performance') }} as v
    left join {{ ref('int_portfolio__flows_measured') }} as f
        on v.tenant_id = f.tenant_id and v.vehicle_id = f.vehicle_id and v.as_of >= f.effective_on
    where v.fx_status = 'ok' {{ for_tenants('and', 'v.tenant_id') }}
    group by v.tenant_id, v.vehicle_id, v.as_of
)

select
    v.tenant_id,
    v.vehicle_id,
    v.as_of,
    v.contributed_amount,
    v.distributed_amount
from {{ ref('fct_vehicle_performance') }} as v
inner join investors as i on v.tenant_id = i.tenant_id and v.vehicle_id = i.vehicle_id and v.as_of = i.as_of
where (v.contributed_amount <> i.contributed_amount or v.distributed_amount <> i.distributed_amount) {{ for_tenants('and', 'v.tenant_id') }}
