select
    tenant_id,
    vehicle_id,
    name,
    kind,
    upper(currency_code) as currency_code,
    target_amount,
    hard_cap_amount,
    vintage_year,
    opened_on,
    first_close_on,
    final_close_on,
    closed_on,
    status,
    nullif(strategy, '') as strategy,
    nullif(benchmark_code, '') as benchmark_code,
    _source,
    _batch_id,
    _row_number
from {{ source('capstan', 'vehicles') }}
where _superseded_at = 'infinity' and {{ in_scope() }}
