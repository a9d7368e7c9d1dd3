{{ config(unique_key=['tenant_id', 'holding_id']) }}

select
    tenant_id,
    holding_id,
    vehicle_id,
    name,
    sector,
    country_code,
    invested_on,
    status
from {{ ref('stg_capstan__holdings') }}
{{ for_tenants() }}
