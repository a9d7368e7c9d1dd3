-- In which currencies beside its own all of a tenant's vehicles are told, together and one by one: those that its people chose, and those
-- offered to all (var reporting_currencies).
with offered as (
    select
        tenant_id,
        currency_code
    from {{ ref('stg_control__told_in') }}
    where investor_id is null
    union
    select
        t.tenant_id,
        offered.currency_code
    from {{ ref('stg_control__tenants') }} as t
    cross join unnest(array[{% for code in var('reporting_currencies') %}'{{ code }}'{{ ', ' if not loop.last }}{% endfor %}]::text[]) as offered (currency_code)
)

select
    o.tenant_id,
    o.currency_code,
    t.currency_code as tenant_currency_code
from offered as o
inner join {{ ref('stg_control__tenants') }} as t on o.tenant_id = t.tenant_id
