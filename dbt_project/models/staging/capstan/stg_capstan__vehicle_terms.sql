select
    tenant_id,
    vehicle_id,
    management_fee_rate,
    nullif(management_fee_base, '') as management_fee_base,
    fee_starts_on,
    fee_step_down_on,
    coalesce(fee_rate_after, management_fee_rate) as fee_rate_after,
    coalesce(nullif(fee_base_after, ''), nullif(management_fee_base, '')) as fee_base_after,
    carry_rate,
    coalesce(hurdle_rate, 0) as hurdle_rate,
    coalesce(nullif(hurdle_compounding, ''), 'exponential') as hurdle_compounding,
    coalesce(catch_up_rate, 1) as catch_up_rate,
    coalesce(nullif(waterfall, ''), 'european') as waterfall,
    coalesce(nullif(day_count, ''), 'ACT/365F') as day_count,
    life_years,
    _batch_id,
    _row_number
from {{ source('capstan', 'vehicle_terms') }}
where _superseded_at = 'infinity' and {{ in_scope() }}
