-- Reference data of the platform (tenant 0), the same for every tenant.
select
    index_code,
    on_date,
    level,
    _batch_id,
    _row_number
from {{ source('capstan', 'index_levels') }}
where tenant_id = 0 and _superseded_at = 'infinity'
