-- In which currencies each investor's portfolio is told: the tenant's, those of the vehicles they are in, the one in the register, those
-- that viewers of theirs chose, and those that every investor of every tenant is offered (var reporting_currencies).
with holders as (
    select
        tenant_id,
        investor_id,
        vehicle_id
    from {{ ref('stg_capstan__commitments') }}
    union
    select
        tenant_id,
        investor_id,
        vehicle_id
    from {{ ref('stg_capstan__transactions') }}
    where investor_id is not null
    union
    select
        tenant_id,
        investor_id,
        vehicle_id
    from {{ ref('stg_capstan__valuations') }}
    where investor_id is not null
)

select
    h.tenant_id,
    h.investor_id,
    v.currency_code
from holders as h
inner join {{ ref('stg_capstan__vehicles') }} as v on h.tenant_id = v.tenant_id and h.vehicle_id = v.vehicle_id
union
select
    h.tenant_id,
    h.investor_id,
    t.currency_code
from holders as h
inner join {{ ref('stg_control__tenants') }} as t on h.tenant_id = t.tenant_id
union
select
    h.tenant_id,
    h.investor_id,
    i.reporting_currency_code
from holders as h
inner join {{ ref('stg_capstan__investors') }} as i on h.tenant_id = i.tenant_id and h.investor_id = i.investor_id
where i.reporting_currency_code is not null
union
select
    h.tenant_id,
    h.investor_id,
    c.currency_code
from holders as h
inner join {{ ref('stg_control__told_in') }} as c on h.tenant_id = c.tenant_id and h.investor_id = c.investor_id
union
select
    h.tenant_id,
    h.investor_id,
    offered.currency_code
from holders as h
cross join unnest(array[{% for code in var('reporting_currencies') %}'{{ code }}'{{ ', ' if not loop.last }}{% endfor %}]::text[]) as offered (currency_code)
