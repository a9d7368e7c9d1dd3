{{ config(unique_key=['tenant_id', 'vehicle_id']) }}

with opportunities as (
    select * from {{ ref('int_funnel__opportunities_summed') }} {{ for_tenants() }}
),

latest_dates as materialized (
    select * from {{ ref('int_portfolio__latest_dates') }} {{ for_tenants() }}
),

counted as (
    select
        tenant_id,
        vehicle_id,
        max(vehicle_name) as vehicle_name,
        max(currency_code) as currency_code,
        count(*) as opportunities,
        count(*) filter (where stage = 'committed') as won,
        count(*) filter (where stage = 'passed') as lost,
        {{ sum_or_null('amount', "stage = 'committed' and (amount is not null or fx_reason is not null)") }} as won_amount,
        percentile_cont(0.5) within group (order by {{ days_between('first_move_at', 'stage_entered_at') }})
        filter (where stage = 'committed' and moves > 1) as median_days_to_close
    from opportunities
    group by tenant_id, vehicle_id
)

select
    c.tenant_id,
    c.vehicle_id,
    c.vehicle_name,
    c.opportunities::integer as opportunities,
    c.won::integer as won,
    c.lost::integer as lost,
    (c.opportunities - c.won - c.lost)::integer as open,
    {{ ratio('c.won', 'c.won + c.lost') }} as win_rate,
    c.won_amount,
    c.won_amount / nullif(c.won, 0) as average_won_amount,
    c.median_days_to_close,
    c.opportunities
    * (c.won_amount / nullif(c.won, 0))::double precision
    * {{ ratio('c.won', 'c.won + c.lost') }}
    / nullif(c.median_days_to_close, 0) as velocity_per_day,
    c.currency_code,
    d.latest_known_on
from counted as c
left join latest_dates as d on c.tenant_id = d.tenant_id
