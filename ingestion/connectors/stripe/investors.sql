-- stream: investors
-- format: document
-- prelude: _charges.sql
-- Who pays directly: Stripe's customer where there is one, otherwise the charge itself.
select
    min(_row_number) as _row_number,
    'stripe-' || coalesce(customer_id, charge_id) as investor_id,
    coalesce(min(payer_name), 'Payer of ' || coalesce(customer_id, charge_id)) as name,
    min(payer_email) as email
from charges
where commitment_id is null
group by customer_id, charge_id, coalesce(customer_id, charge_id)
