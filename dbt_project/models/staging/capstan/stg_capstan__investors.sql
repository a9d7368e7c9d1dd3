select
    tenant_id,
    investor_id,
    name,
    nullif(firm, '') as firm,
    nullif(email, '') as email,
    nullif(kind, '') as kind,
    nullif(country_code, '') as country_code,
    upper(nullif(reporting_currency_code, '')) as reporting_currency_code,
    _source,
    _batch_id,
    _row_number
from {{ source('capstan', 'investors') }}
where _superseded_at = 'infinity' and {{ in_scope() }}
