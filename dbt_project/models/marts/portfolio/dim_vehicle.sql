{{ config(unique_key=['tenant_id', 'vehicle_id']) }}

select
    tenant_id,
    vehicle_id,
    name,
    kind,
    currency_code,
    target_amount,
    hard_cap_amount,
    vintage_year,
    opened_on,
    first_close_on,
    final_close_on,
    closed_on,
    status,
    strategy,
    benchmark_code
from {{ ref('stg_capstan__vehicles') }}
{{ for_tenants() }}
