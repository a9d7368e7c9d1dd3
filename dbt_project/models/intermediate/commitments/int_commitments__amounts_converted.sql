-- Each commitment with its amount in the vehicle's currency, at the rate of the day it was signed.
select
    c.tenant_id,
    c.commitment_id,
    c.vehicle_id,
    c.investor_id,
    c.amount,
    c.currency_code,
    c.status,
    c.signed_on,
    v.currency_code as vehicle_currency_code,
    {{ converted('c.amount', 'vehicle_rate') }} as vehicle_amount,
    vehicle_rate.reason as fx_reason
from {{ ref('stg_capstan__commitments') }} as c
inner join {{ ref('int_portfolio__vehicle_dates_found') }} as v
    on c.tenant_id = v.tenant_id and c.vehicle_id = v.vehicle_id
{{ fx_join('vehicle_rate', 'c.currency_code', 'v.currency_code', 'coalesce(c.signed_on, v.last_known_on)') }}
where c.amount <> 0
