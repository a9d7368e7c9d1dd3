-- stream: payments
-- format: document
-- prelude: _charges.sql
-- A charge that was only authorised (captured = false) has moved no money yet: pending; when it is released it never was
-- (amount 0). What went back of a charge, in part or in full, is a row of its own beside the charge, which stays as it
-- was: gross, never net.
select
    _row_number,
    charge_id as payment_id,
    coalesce(commitment_id, 'stripe-' || charge_id) as commitment_id,
    case when status = 'refunded' and not is_captured then 0 else amount end as amount,
    currency_code,
    case when status = 'refunded' and is_captured then 'succeeded' else status end as status,
    attempted_at,
    failure_reason
from charges
union all
select
    _row_number,
    charge_id || ':refunded' as payment_id,
    coalesce(commitment_id, 'stripe-' || charge_id) as commitment_id,
    refunded_amount as amount,
    currency_code,
    'refunded' as status,
    attempted_at,
    null as failure_reason
from charges
where refunded_amount > 0 and is_captured
