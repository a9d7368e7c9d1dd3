-- Each investor's way through a round: where it stands, since when, the amount last spoken of, and how long it took.
select
    tenant_id,
    vehicle_id,
    investor_id,
    max(vehicle_name) as vehicle_name,
    max(vehicle_currency_code) as currency_code,
    max(to_stage) filter (where is_current) as stage,
    max(occurred_at) filter (where is_current) as stage_entered_at,
    min(occurred_at) as first_move_at,
    count(*) as moves,
    (array_agg(vehicle_amount order by move_number desc) filter (where amount is not null))[1] as amount,
    (array_agg(fx_reason order by move_number desc) filter (where amount is not null))[1] as fx_reason
from {{ ref('int_funnel__moves_ordered') }}
group by tenant_id, vehicle_id, investor_id
