select
    tenant_id,
    room_id,
    vehicle_id,
    name,
    opened_on,
    _source,
    _batch_id,
    _row_number
from {{ source('capstan', 'deal_rooms') }}
where _superseded_at = 'infinity' and {{ in_scope() }}
