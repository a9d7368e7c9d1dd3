-- The flows that returns are measured on: what investors paid in (negative) and received, in the vehicle's currency.
-- A blank investor: the vehicle as a whole; it counts for the vehicle only.
select
    f.tenant_id,
    f.vehicle_id,
    f.investor_id,
    f.transaction_id,
    f.kind,
    f.effective_on,
    f.amount,
    f.signed_amount,
    f.currency_code,
    f.vehicle_amount,
    f.signed_vehicle_amount,
    f.is_within_commitment,
    f.is_recallable,
    f.fx_reason,
    v.benchmark_code
from {{ ref('int_portfolio__flows_converted') }} as f
inner join {{ ref('stg_capstan__vehicles') }} as v on f.tenant_id = v.tenant_id and f.vehicle_id = v.vehicle_id
where f.is_performance_flow
