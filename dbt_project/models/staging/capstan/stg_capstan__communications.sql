select
    tenant_id,
    communication_id,
    vehicle_id,
    investor_id,
    channel,
    nullif(direction, '') as direction,
    occurred_at,
    nullif(subject, '') as subject,
    _source,
    _batch_id,
    _row_number
from {{ source('capstan', 'communications') }}
where _superseded_at = 'infinity' and {{ in_scope() }}
