select
    tenant_id,
    investor_id,
    name,
    nullif(firm, '') as firm,
    nullif(email, '') as email,
    nullif(kind, '') as kind,
    nullif(country_code, '') as country_code,
    _source,
    _batch_id,
    _row_number
from {{ source('capstan', 'investors') }}
where _superseded_at = 'infinity'
