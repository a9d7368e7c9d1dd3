-- The rows "Other: 2016 ILPA Reporting Template value" stay empty for funds that commenced on or after 1 January 2026.
-- Why: they only carry over what the template of 2016 did not split. Commencement is the first call, draw of a line or fee.
-- A returned row is an amount on such a row.
with commenced as (
    select
        tenant_id,
        vehicle_id,
        min(effective_on) as commenced_on
    from {{ ref('fct_ilpa_amounts') }}
    where line in ('contributions', 'management_fees') {{ for_tenants('and') }}
    group by tenant_id, vehicle_id
),

drawn as (
    select
        tenant_id,
        vehicle_id,
        min(facility_drawn_on) as drawn_on
    from {{ ref('int_ilpa__investor_flows') }}
    {{ for_tenants() }}
    group by tenant_id, vehicle_id
)

select
    a.tenant_id,
    a.vehicle_id,
    a.investor_id,
    a.line,
    a.stated_in,
    a.amount
from {{ ref('fct_ilpa_amounts') }} as a
inner join commenced as c on a.tenant_id = c.tenant_id and a.vehicle_id = c.vehicle_id
left join drawn as d on a.tenant_id = d.tenant_id and a.vehicle_id = d.vehicle_id
where
    a.line like '%\_other\_2016' and a.amount <> 0
    and least(c.commenced_on, d.drawn_on) >= date '2026-01-01' {{ for_tenants('and', 'a.tenant_id') }}
