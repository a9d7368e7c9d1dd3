{{ config(unique_key=['tenant_id', 'vehicle_id', 'stage']) }}

with opportunities as (
    select * from {{ ref('int_funnel__opportunities_summed') }} {{ for_tenants() }}
),

moves as (
    select * from {{ ref('int_funnel__moves_ordered') }} {{ for_tenants() }}
),

rounds as (
    select
        tenant_id,
        vehicle_id,
        max(vehicle_name) as vehicle_name,
        max(currency_code) as currency_code
    from opportunities
    group by tenant_id, vehicle_id
),

stays as (
    select
        tenant_id,
        vehicle_id,
        from_stage as stage,
        percentile_cont(0.5) within group (order by {{ days_between('entered_at', 'occurred_at') }}) as median_days_in_stage
    from moves
    where entered_at is not null and from_stage <> to_stage
    group by tenant_id, vehicle_id, from_stage
),

standing as (
    select
        tenant_id,
        vehicle_id,
        stage,
        count(*) as investors,
        {{ sum_or_null('amount', 'amount is not null or fx_reason is not null') }} as amount,
        count(*) filter (where amount is null) as without_amount
    from opportunities
    group by tenant_id, vehicle_id, stage
)

select
    r.tenant_id,
    r.vehicle_id,
    s.stage,
    s.stage_order::integer as stage_order,
    r.vehicle_name,
    coalesce(n.investors, 0)::integer as investors,
    {{ known_or_zero('n.tenant_id', 'n.amount') }} as amount,
    {{ known_or_zero('n.tenant_id', 'n.amount') }} * s.probability as weighted_amount,
    s.probability::double precision as probability,
    coalesce(n.without_amount, 0)::integer as investors_without_amount,
    d.median_days_in_stage,
    r.currency_code
from rounds as r
cross join {{ ref('int_funnel__stages') }} as s
left join standing as n on r.tenant_id = n.tenant_id and r.vehicle_id = n.vehicle_id and s.stage = n.stage
left join stays as d on r.tenant_id = d.tenant_id and r.vehicle_id = d.vehicle_id and s.stage = d.stage
