{{ config(
    unique_key=['tenant_id', 'vehicle_id', 'investor_id', 'method', 'counted_on', 'transaction_type', 'effective_on'],
    meta={'audience': ['gp', 'lp'], 'indexes': [['tenant_id', 'investor_id', 'counted_on']]}
) }}

-- granular: gross figures leave out what was called for fees, expenses and the line's cost, by the calls' own purposes.
-- gross_up: calls are not told apart; gross figures count all of them and, with the other sign, what was charged, on the day that the
-- administrator states it: fees and expenses net of reductions, offering costs, placement fees.
-- Both are before carried interest: what was paid of it, less what came back, is added to what investors got.
-- A contribution that repays the subscription line counts on its day with the line and on the day of the draw without it; what was
-- called for the line's cost is in the net figures with it only.
with reporting as materialized (
    select distinct
        tenant_id,
        vehicle_id
    from {{ ref('int_ilpa__periods') }}
    where has_allocations {{ for_tenants('and') }}
),

readers as materialized (
    select
        h.tenant_id,
        h.vehicle_id,
        h.investor_id,
        h.is_affiliated
    from {{ ref('int_ilpa__holders') }} as h
    inner join reporting as r on h.tenant_id = r.tenant_id and h.vehicle_id = r.vehicle_id
    {{ for_tenants('where', 'h.tenant_id') }}
),

vehicles as materialized (
    select * from {{ ref('stg_capstan__vehicles') }}
    {{ for_tenants() }}
),

investor_flows as materialized (
    select * from {{ ref('int_ilpa__investor_flows') }}
    {{ for_tenants() }}
),

amounts as materialized (
    select * from {{ ref('fct_ilpa_amounts') }}
    {{ for_tenants() }}
),

invested as materialized (
    select
        f.tenant_id,
        f.vehicle_id,
        f.effective_on,
        f.facility_drawn_on,
        f.transaction_type,
        f.is_paid_in,
        f.amount,
        f.told_amount,
        f.currency_code,
        f.vehicle_currency_code,
        f.transaction_type in ('capital_call_management_fees', 'capital_call_expenses', 'capital_call_facility_costs') as is_for_costs,
        f.transaction_type = 'capital_call_facility_costs' as is_for_facility_costs
    from investor_flows as f
    inner join readers as r
        on f.tenant_id = r.tenant_id and f.vehicle_id = r.vehicle_id and f.investor_id = r.investor_id and not r.is_affiliated
),

-- Each flow on its own day, and what repays the line once more on the day of the draw, at that day's rate.
dated as materialized (
    select
        i.tenant_id,
        i.vehicle_id,
        i.effective_on,
        i.is_paid_in,
        i.is_for_costs,
        i.is_for_facility_costs,
        i.amount,
        i.effective_on as counted_on,
        case
            when i.facility_drawn_on is not null and not i.is_for_facility_costs then i.transaction_type || '_repaying_facility'
            else i.transaction_type
        end as counted_type,
        true as is_with_facility,
        i.facility_drawn_on is null or i.is_for_facility_costs as is_without_facility
    from invested as i
    union all
    select
        i.tenant_id,
        i.vehicle_id,
        i.effective_on,
        i.is_paid_in,
        i.is_for_costs,
        i.is_for_facility_costs,
        {{ converted('i.told_amount', 'draw_rate') }},
        least(i.facility_drawn_on, i.effective_on),
        i.transaction_type || '_at_facility_draw',
        false,
        true
    from invested as i
    {{ fx_join('draw_rate', 'i.currency_code', 'i.vehicle_currency_code', 'least(i.facility_drawn_on, i.effective_on)') }}
    where i.facility_drawn_on is not null and not i.is_for_facility_costs
),

-- What was charged to the investors measured, as the Reporting Template states it.
charged as materialized (
    select
        a.tenant_id,
        a.vehicle_id,
        a.effective_on,
        case
            when a.line in ('carry_paid', 'carry_clawback') then 'gross_up_carried_interest'
            when t.block = 'management_fees' then 'gross_up_management_fees'
            when a.line like 'subscription\_facility\_%' then 'gross_up_facility_costs'
            else 'gross_up_expenses'
        end as transaction_type,
        case when a.line in ('carry_paid', 'carry_clawback') then a.amount else -a.amount end as amount
    from amounts as a
    inner join readers as r
        on a.tenant_id = r.tenant_id and a.vehicle_id = r.vehicle_id and a.investor_id = r.investor_id and not r.is_affiliated
    inner join {{ ref('int_ilpa__template_rows') }} as t on a.line = t.line and t.section = 'A.1' and t.role = 'part'
    where
        t.block in ('management_fees', 'internal', 'external')
        or a.line in ('offering_costs', 'placement_fees', 'carry_paid', 'carry_clawback')
),

counted as materialized (
    select
        d.tenant_id,
        d.vehicle_id,
        m.method,
        d.counted_on,
        d.counted_type as transaction_type,
        d.effective_on,
        d.amount,
        d.is_paid_in,
        d.is_with_facility as is_in_net_with_facility,
        d.is_without_facility and not d.is_for_facility_costs as is_in_net_without_facility,
        d.is_with_facility and (m.method = 'gross_up' or not d.is_for_costs) as is_in_gross_with_facility,
        d.is_without_facility and (m.method = 'gross_up' or not d.is_for_costs) as is_in_gross_without_facility
    from dated as d
    cross join (values ('granular'), ('gross_up')) as m (method)
    union all
    select
        c.tenant_id,
        c.vehicle_id,
        m.method,
        c.effective_on as counted_on,
        c.transaction_type,
        c.effective_on,
        c.amount,
        c.transaction_type <> 'gross_up_carried_interest',
        false,
        false,
        true,
        true
    from charged as c
    inner join (values ('granular'), ('gross_up')) as m (method)
        on m.method = 'gross_up' or c.transaction_type = 'gross_up_carried_interest'
),

totals as materialized (
    select
        tenant_id,
        vehicle_id,
        method,
        counted_on,
        transaction_type,
        effective_on,
        is_paid_in,
        is_in_net_with_facility,
        is_in_net_without_facility,
        is_in_gross_with_facility,
        is_in_gross_without_facility,
        {{ strict_sum('amount') }} as amount
    from counted
    group by
        tenant_id, vehicle_id, method, counted_on, transaction_type, effective_on, is_paid_in, is_in_net_with_facility,
        is_in_net_without_facility, is_in_gross_with_facility, is_in_gross_without_facility
)

select
    f.tenant_id,
    f.vehicle_id,
    r.investor_id,
    f.method,
    f.counted_on,
    f.transaction_type,
    f.effective_on,
    v.name as vehicle_name,
    f.amount,
    f.is_paid_in,
    f.is_in_net_with_facility,
    f.is_in_net_without_facility,
    f.is_in_gross_with_facility,
    f.is_in_gross_without_facility,
    v.currency_code
from totals as f
inner join readers as r on f.tenant_id = r.tenant_id and f.vehicle_id = r.vehicle_id
inner join vehicles as v on f.tenant_id = v.tenant_id and f.vehicle_id = v.vehicle_id
