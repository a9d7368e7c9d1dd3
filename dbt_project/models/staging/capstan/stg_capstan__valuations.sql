select
    tenant_id,
    vehicle_id,
    nullif(investor_id, '') as investor_id,
    nullif(holding_id, '') as holding_id,
    as_of,
    nav_amount,
    upper(currency_code) as currency_code,
    nullif(basis, '') as basis,
    _source,
    _batch_id,
    _row_number
from {{ source('capstan', 'valuations') }}
where _superseded_at = 'infinity' and {{ in_scope() }}
