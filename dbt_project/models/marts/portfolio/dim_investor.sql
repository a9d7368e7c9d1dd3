{{ config(unique_key=['tenant_id', 'investor_id'], meta={'audience': ['gp', 'lp']}) }}

select
    tenant_id,
    investor_id,
    name,
    firm,
    email,
    kind,
    country_code
from {{ ref('stg_capstan__investors') }}
{{ for_tenants() }}
