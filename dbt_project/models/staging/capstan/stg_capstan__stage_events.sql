select
    tenant_id,
    event_id,
    vehicle_id,
    investor_id,
    nullif(from_stage, '') as from_stage,
    to_stage,
    amount,
    upper(nullif(currency_code, '')) as currency_code,
    occurred_at,
    nullif(actor, '') as actor,
    nullif(reason, '') as reason,
    _source,
    _batch_id,
    _row_number
from {{ source('capstan', 'stage_events') }}
where _superseded_at = 'infinity' and {{ in_scope() }}
