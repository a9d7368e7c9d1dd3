select
    tenant_id,
    allocation_id,
    vehicle_id,
    nullif(investor_id, '') as investor_id,
    line,
    amount,
    upper(currency_code) as currency_code,
    effective_on,
    offset_rate,
    nullif(description, '') as description,
    _batch_id,
    _row_number
from {{ source('capstan', 'allocations') }}
where _superseded_at = 'infinity' and {{ in_scope() }}
