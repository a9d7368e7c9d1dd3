{{ config(
    unique_key=['tenant_id', 'vehicle_id', 'investor_id', 'line', 'stated_in'],
    meta={'audience': ['gp', 'lp'], 'indexes': [['tenant_id', 'vehicle_id', 'effective_on']]}
) }}

with movements as materialized (
    select * from {{ ref('int_ilpa__movements') }}
    {{ for_tenants() }}
),

vehicles as materialized (
    select * from {{ ref('stg_capstan__vehicles') }}
    {{ for_tenants() }}
)

select
    m.tenant_id,
    m.vehicle_id,
    m.investor_id,
    m.line,
    m.stated_in,
    v.name as vehicle_name,
    m.effective_on,
    m.amount,
    m.is_estimate,
    v.currency_code
from movements as m
inner join vehicles as v on m.tenant_id = v.tenant_id and m.vehicle_id = v.vehicle_id
where v.kind in ('fund', 'spv')
