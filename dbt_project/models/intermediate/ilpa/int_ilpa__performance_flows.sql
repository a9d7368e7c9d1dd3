-- The cash flows that the Performance Template measures, by type and day, and what each of its figures counts. Only vehicles with
-- allocations. granular: between the fund and its investors, without the GP and affiliates; fees and expenses count net only.
-- gross_up: the gross figures count cash between the fund and its investments. A contribution that repays the subscription line
-- counts on its day with the line and on the day of the draw without it; what was called for the line's cost counts with it only.
with reporting as (
    select distinct
        tenant_id,
        vehicle_id
    from {{ ref('int_ilpa__periods') }}
    where has_allocations
),

invested as (
    select
        f.tenant_id,
        f.vehicle_id,
        f.effective_on,
        f.facility_drawn_on,
        f.transaction_type,
        f.amount,
        f.transaction_type not in ('capital_call_management_fees', 'capital_call_expenses', 'capital_call_facility_costs') as is_gross
    from {{ ref('int_ilpa__investor_flows') }} as f
    inner join {{ ref('int_ilpa__holders') }} as h
        on f.tenant_id = h.tenant_id and f.vehicle_id = h.vehicle_id and f.investor_id = h.investor_id and not h.is_affiliated
    inner join reporting as r on f.tenant_id = r.tenant_id and f.vehicle_id = r.vehicle_id
),

counted as (
    select
        tenant_id,
        vehicle_id,
        effective_on,
        effective_on as counted_on,
        transaction_type,
        amount,
        true as is_with_facility,
        facility_drawn_on is null and transaction_type <> 'capital_call_facility_costs' as is_without_facility,
        is_gross,
        true as is_net
    from invested
    union all
    select
        tenant_id,
        vehicle_id,
        effective_on,
        least(facility_drawn_on, effective_on),
        transaction_type || '_at_facility_draw',
        amount,
        false,
        true,
        is_gross,
        true
    from invested
    where facility_drawn_on is not null and transaction_type <> 'capital_call_facility_costs'
)

select
    tenant_id,
    vehicle_id,
    'granular' as method,
    effective_on,
    counted_on,
    transaction_type,
    is_with_facility,
    is_without_facility,
    is_gross,
    is_net,
    {{ strict_sum('amount') }} as amount
from counted
group by tenant_id, vehicle_id, effective_on, counted_on, transaction_type, is_with_facility, is_without_facility, is_gross, is_net
union all
select
    tenant_id,
    vehicle_id,
    'gross_up',
    effective_on,
    counted_on,
    transaction_type,
    is_with_facility,
    is_without_facility,
    false,
    true,
    {{ strict_sum('amount') }}
from counted
group by tenant_id, vehicle_id, effective_on, counted_on, transaction_type, is_with_facility, is_without_facility
union all
select
    f.tenant_id,
    f.vehicle_id,
    'gross_up',
    f.effective_on,
    f.effective_on as counted_on,
    case f.kind when 'investment' then 'fund_investment' when 'proceeds' then 'fund_proceeds' else 'fund_income' end,
    true,
    true,
    true,
    false,
    {{ strict_sum('f.signed_vehicle_amount') }}
from {{ ref('int_portfolio__flows_converted') }} as f
inner join reporting as r on f.tenant_id = r.tenant_id and f.vehicle_id = r.vehicle_id
where f.is_holding_flow and f.amount <> 0
group by f.tenant_id, f.vehicle_id, f.effective_on, f.kind
