select
    tenant_id,
    commitment_id,
    vehicle_id,
    investor_id,
    amount,
    upper(currency_code) as currency_code,
    status,
    signed_on,
    _source,
    _batch_id,
    _row_number
from {{ source('capstan', 'commitments') }}
where _superseded_at = 'infinity' and {{ in_scope() }}
