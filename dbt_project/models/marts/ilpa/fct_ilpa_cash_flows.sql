{{ config(
    unique_key=['tenant_id', 'vehicle_id', 'investor_id', 'method', 'counted_on', 'transaction_type', 'effective_on'],
    meta={'audience': ['gp', 'lp'], 'indexes': [['tenant_id', 'investor_id', 'counted_on']]}
) }}

with flows as materialized (
    select * from {{ ref('int_ilpa__performance_flows') }}
    {{ for_tenants() }}
),

holders as materialized (
    select * from {{ ref('int_ilpa__holders') }}
    {{ for_tenants() }}
),

vehicles as materialized (
    select * from {{ ref('stg_capstan__vehicles') }}
    {{ for_tenants() }}
)

select
    f.tenant_id,
    f.vehicle_id,
    h.investor_id,
    f.method,
    f.counted_on,
    f.transaction_type,
    f.effective_on,
    v.name as vehicle_name,
    f.amount,
    f.is_net and f.is_with_facility as is_in_net_with_facility,
    f.is_net and f.is_without_facility as is_in_net_without_facility,
    f.is_gross and f.is_with_facility as is_in_gross_with_facility,
    f.is_gross and f.is_without_facility as is_in_gross_without_facility,
    v.currency_code
from flows as f
inner join holders as h on f.tenant_id = h.tenant_id and f.vehicle_id = h.vehicle_id
inner join vehicles as v on f.tenant_id = v.tenant_id and f.vehicle_id = v.vehicle_id
