-- Every version of every row that moves portfolio numbers, superseded ones too, in one shape. Amounts as they were given: positive.
select
    tenant_id,
    'transactions' as stream,
    transaction_id as row_key,
    vehicle_id,
    nullif(investor_id, '') as investor_id,
    effective_on as dated_on,
    kind as label,
    amount,
    upper(currency_code) as currency_code,
    _batch_id,
    _row_number,
    _superseded_at
from {{ source('capstan', 'transactions') }}
where {{ in_scope() }}
union all
select
    tenant_id,
    'valuations',
    concat_ws(' ', vehicle_id, nullif(investor_id, ''), nullif(holding_id, ''), to_char(as_of, 'YYYY-MM-DD')),
    vehicle_id,
    nullif(investor_id, ''),
    as_of,
    coalesce(nullif(basis, ''), 'value'),
    nav_amount,
    upper(currency_code),
    _batch_id,
    _row_number,
    _superseded_at
from {{ source('capstan', 'valuations') }}
where {{ in_scope() }}
union all
select
    tenant_id,
    'commitments',
    commitment_id,
    vehicle_id,
    investor_id,
    signed_on,
    status,
    amount,
    upper(currency_code),
    _batch_id,
    _row_number,
    _superseded_at
from {{ source('capstan', 'commitments') }}
where {{ in_scope() }}
union all
select
    tenant_id,
    'holdings',
    holding_id,
    vehicle_id,
    null,
    null,
    nullif(status, ''),
    null,
    null,
    _batch_id,
    _row_number,
    _superseded_at
from {{ source('capstan', 'holdings') }}
where {{ in_scope() }}
union all
select
    tenant_id,
    'vehicles',
    vehicle_id as row_key,
    vehicle_id,
    null,
    null,
    status,
    null,
    upper(currency_code),
    _batch_id,
    _row_number,
    _superseded_at
from {{ source('capstan', 'vehicles') }}
where {{ in_scope() }}
