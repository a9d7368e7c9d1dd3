-- stream: vehicles
-- format: document
-- prelude: _charges.sql
-- A charge that names no commitment (metadata.commitment_id) stands for a direct payment: one vehicle a currency.
select
    min(_row_number) as _row_number,
    'stripe-direct-' || currency_code as vehicle_id,
    'Direct payments (Stripe, ' || currency_code || ')' as name,
    'priced_round' as kind,
    currency_code,
    'active' as status
from charges
where commitment_id is null
group by currency_code
