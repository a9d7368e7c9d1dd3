-- `was_tried`: an earlier version of the same payment said something other than refunded, so it is itself what came back.
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
    status = 'refunded' and exists (
        select 1
        from {{ source('capstan', 'payments') }} as earlier
        where
            earlier.tenant_id = payments.tenant_id
            and earlier.payment_id = payments.payment_id
            and earlier._superseded_at < 'infinity'
            and earlier.status <> 'refunded'
    ) as was_tried,
    _source,
    _batch_id,
    _row_number
from {{ source('capstan', 'payments') }} as payments
where _superseded_at = 'infinity' and {{ in_scope() }}
