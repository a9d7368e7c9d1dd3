-- Reference data of the platform (tenant 0), the same for every tenant.
select
    base_currency_code,
    quote_currency_code,
    on_date,
    rate,
    source,
    _batch_id,
    _row_number
from {{ source('capstan', 'fx_rates') }}
where tenant_id = 0 and _superseded_at = 'infinity'
