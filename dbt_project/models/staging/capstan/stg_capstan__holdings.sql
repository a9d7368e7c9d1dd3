select
    tenant_id,
    holding_id,
    vehicle_id,
    name,
    nullif(sector, '') as sector,
    nullif(country_code, '') as country_code,
    invested_on,
    nullif(status, '') as status,
    _source,
    _batch_id,
    _row_number
from {{ source('capstan', 'holdings') }}
where _superseded_at = 'infinity' and {{ in_scope() }}
