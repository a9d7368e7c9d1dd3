{{ config(unique_key=['tenant_id', 'vehicle_id']) }}

with opportunities as (
    select * from {{ ref('int_funnel__opportunities_summed') }} {{ for_tenants() }}
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
    tenant_id,
    vehicle_id,
    vehicle_name,
    opportunities::integer as opportunities,
    won::integer as won,
    lost::integer as lost,
    (opportunities - won - lost)::integer as open,
    {{ ratio('won', 'won + lost') }} as win_rate,
    won_amount,
    won_amount / nullif(won, 0) as average_won_amount,
    median_days_to_close,
    opportunities
    * (won_amount / nullif(won, 0))::double precision
    * {{ ratio('won', 'won + lost') }}
    / nullif(median_days_to_close, 0) as velocity_per_day,
    currency_code
from counted
