-- The flows of investors as if the vehicle had called capital on the day it drew its subscription line instead (ILPA 2017; DECISIONLOG):
-- a contribution that repays the line counts on the day of the draw, at that day's rate; what was called for the line's interest and
-- fees counts 0. A draw dated after the call counts on the day of the call. `effective_on` stays the day on which the flow became one: before it nothing is known of it.
with flows as (
    select
        tenant_id,
        vehicle_id,
        investor_id,
        kind,
        effective_on,
        least(facility_drawn_on, effective_on) as facility_drawn_on,
        amount,
        currency_code,
        vehicle_currency_code,
        vehicle_amount,
        fx_reason,
        case
            when kind <> 'contribution' then 'kept'
            when coalesce(category, '') in ('subscription_facility_interest', 'subscription_facility_fees') then 'cost'
            when facility_drawn_on is not null then 'repayment'
            else 'kept'
        end as part
    from {{ ref('int_portfolio__flows_converted') }}
    where is_performance_flow
)

select
    tenant_id,
    vehicle_id,
    investor_id,
    kind,
    effective_on,
    effective_on as counted_on,
    case when part = 'cost' then 0 else amount end as amount,
    currency_code,
    case when part = 'cost' then 0 else vehicle_amount end as vehicle_amount,
    part <> 'kept' as is_of_facility,
    case when part = 'kept' then fx_reason end as fx_reason
from flows
where part <> 'repayment'
union all
select
    f.tenant_id,
    f.vehicle_id,
    f.investor_id,
    f.kind,
    f.effective_on,
    f.facility_drawn_on,
    f.amount,
    f.currency_code,
    {{ converted('f.amount', 'draw_rate') }},
    true,
    draw_rate.reason
from flows as f
{{ fx_join('draw_rate', 'f.currency_code', 'f.vehicle_currency_code', 'f.facility_drawn_on') }}
where f.part = 'repayment'
