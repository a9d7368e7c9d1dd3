-- Every movement that happened (amount 0 is a row that never was), with its amount in the vehicle's currency.
select
    t.tenant_id,
    t.vehicle_id,
    t.transaction_id,
    t.investor_id,
    t.holding_id,
    v.name as vehicle_name,
    t.kind,
    t.purpose,
    t.category,
    t.facility_drawn_on,
    t.effective_on,
    t.due_on,
    t.settled_on,
    t.amount,
    t.signed_amount,
    t.currency_code,
    v.currency_code as vehicle_currency_code,
    {{ converted('t.amount', 'vehicle_rate') }} as vehicle_amount,
    {{ converted('t.signed_amount', 'vehicle_rate') }} as signed_vehicle_amount,
    vehicle_rate.reason as fx_reason,
    t.kind in ('contribution', 'distribution') as is_performance_flow,
    t.investor_id is not null and t.kind in ('fee', 'expense', 'tax') as is_account_charge,
    h.holding_id is not null and t.kind in ('investment', 'proceeds', 'interest') as is_holding_flow,
    t.kind = 'contribution' and not t.is_outside_commitment as is_within_commitment,
    t.kind = 'distribution' and t.is_recallable as is_recallable,
    t.description,
    t._batch_id as batch_id,
    t._row_number as source_row
from {{ ref('stg_capstan__transactions') }} as t
inner join {{ ref('stg_capstan__vehicles') }} as v
    on t.tenant_id = v.tenant_id and t.vehicle_id = v.vehicle_id
-- a flow that names a holding of another vehicle counts for neither vehicle's gross figures
left join {{ ref('stg_capstan__holdings') }} as h
    on t.tenant_id = h.tenant_id and t.holding_id = h.holding_id and t.vehicle_id = h.vehicle_id
{{ fx_join('vehicle_rate', 't.currency_code', 'v.currency_code', 't.effective_on') }}
where t.amount <> 0
