select
    tenant_id,
    payment_id,
    commitment_id,
    amount,
    upper(currency_code) as currency_code,
    status,
    attempted_at,
    attempt,
    nullif(failure_reason, '') as failure_reason,
    _source,
    _batch_id,
    _row_number
from {{ source('capstan', 'payments') }}
where _superseded_at = 'infinity'
