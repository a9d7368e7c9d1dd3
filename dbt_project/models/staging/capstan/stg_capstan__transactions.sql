select
    tenant_id,
    transaction_id,
    vehicle_id,
    nullif(investor_id, '') as investor_id,
    nullif(holding_id, '') as holding_id,
    kind,
    nullif(purpose, '') as purpose,
    amount,
    case
        when nullif(investor_id, '') is not null and kind in ('contribution', 'payment', 'fee', 'expense', 'tax') then -amount
        when nullif(investor_id, '') is not null and kind in ('distribution', 'refund') then amount
        when kind in ('contribution', 'investment', 'fee', 'expense', 'tax') then -amount
        when kind in ('distribution', 'proceeds', 'interest') then amount
    end as signed_amount,
    upper(currency_code) as currency_code,
    effective_on,
    due_on,
    settled_on,
    coalesce(recallable, false) as is_recallable,
    coalesce(outside_commitment, false) as is_outside_commitment,
    nullif(description, '') as description,
    nullif(category, '') as category,
    facility_drawn_on,
    _source,
    _batch_id,
    _row_number
from {{ source('capstan', 'transactions') }}
where _superseded_at = 'infinity' and {{ in_scope() }}
