{{ config(unique_key=['tenant_id', 'vehicle_id', 'stage']) }}

with entered as (
    select * from {{ ref('int_funnel__stages_entered') }} {{ for_tenants() }}
),

opportunities as (
    select * from {{ ref('int_funnel__opportunities_summed') }} {{ for_tenants() }}
),

stages as (
    select * from {{ ref('int_funnel__stages') }}
),

rounds as (
    select
        tenant_id,
        vehicle_id,
        max(vehicle_name) as vehicle_name
    from opportunities
    group by tenant_id, vehicle_id
),

counted as (
    select
        e.tenant_id,
        e.vehicle_id,
        e.stage,
        count(*) as entered,
        count(e.advanced_at) as advanced,
        count(*) filter (where e.advanced_at is null and o.stage = 'passed') as passed,
        count(*) filter (where e.advanced_at is null and not standing.is_decided) as open,
        percentile_cont(0.5) within group (order by {{ days_between('e.entered_at', 'e.advanced_at') }}) as median_days_to_advance
    from entered as e
    inner join opportunities as o
        on e.tenant_id = o.tenant_id and e.vehicle_id = o.vehicle_id and e.investor_id = o.investor_id
    inner join stages as standing on o.stage = standing.stage
    group by e.tenant_id, e.vehicle_id, e.stage
)

select
    r.tenant_id,
    r.vehicle_id,
    s.stage,
    s.stage_order::integer as stage_order,
    r.vehicle_name,
    coalesce(c.entered, 0)::integer as entered,
    case when not s.is_decided then coalesce(c.advanced, 0) end::integer as advanced,
    coalesce(c.passed, 0)::integer as passed,
    coalesce(c.open, 0)::integer as open,
    case when not s.is_decided then {{ ratio('c.advanced', 'c.entered') }} end as conversion_rate,
    c.median_days_to_advance
from rounds as r
cross join stages as s
left join counted as c on r.tenant_id = c.tenant_id and r.vehicle_id = c.vehicle_id and s.stage = c.stage
