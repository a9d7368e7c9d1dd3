-- Every version of every exchange rate and index level of the platform, superseded ones too, in one shape. `quote_code` is blank for
-- an index.
select
    'fx_rates' as stream,
    base_currency_code as code,
    quote_currency_code as quote_code,
    on_date,
    rate as amount,
    _batch_id,
    _row_number,
    _superseded_at
from {{ source('capstan', 'fx_rates') }}
where tenant_id = 0
union all
select
    'index_levels',
    index_code as code,
    '' as quote_code,
    on_date,
    level as amount,
    _batch_id,
    _row_number,
    _superseded_at
from {{ source('capstan', 'index_levels') }}
where tenant_id = 0
