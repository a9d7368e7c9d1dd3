-- stream: commitments
-- format: document
-- prelude: _charges.sql
-- A direct payment is its own commitment: promised and paid in one step. What failed or came back promises nothing.
select
    _row_number,
    'stripe-' || charge_id as commitment_id,
    'stripe-direct-' || currency_code as vehicle_id,
    'stripe-' || coalesce(customer_id, charge_id) as investor_id,
    amount,
    currency_code,
    case status when 'succeeded' then 'funded' when 'pending' then 'signed' else 'cancelled' end as status,
    cast(attempted_at at time zone 'UTC' as date) as signed_on
from charges
where commitment_id is null
