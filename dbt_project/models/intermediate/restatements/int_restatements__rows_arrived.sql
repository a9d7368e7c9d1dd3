-- Each arrival of a row, once for every party whose numbers it can move: whom it is about now, and whom it was about before.
-- A party that has lost the row sees no new amount, one that has gained it no old one: those are another investor's.
with versions as (
    select
        v.*,
        b.batch_seq,
        b.file_name,
        lag(v.vehicle_id) over earlier as old_vehicle_id,
        lag(v.investor_id) over earlier as old_investor_id,
        lag(v.dated_on) over earlier as old_dated_on,
        lag(v.amount) over earlier as old_amount,
        lag(v.currency_code) over earlier as old_currency_code,
        row_number() over earlier > 1 as is_correction
    from {{ ref('stg_capstan__book_versions') }} as v
    inner join {{ ref('stg_capstan__batches') }} as b on v.tenant_id = b.tenant_id and v._batch_id = b.batch_id
    window earlier as (partition by v.tenant_id, v.stream, v.row_key order by v._superseded_at, b.batch_seq)
),

parties as (
    select
        versions.*,
        not is_correction
        or (vehicle_id = old_vehicle_id and investor_id is not distinct from old_investor_id) as is_same_party
    from versions
)

select
    tenant_id,
    batch_seq,
    stream,
    row_key,
    vehicle_id,
    investor_id,
    least(dated_on, case when is_same_party then old_dated_on end) as dated_on,
    label,
    case when is_correction then 'corrected' else 'added' end as change,
    case when is_same_party then old_amount end as old_amount,
    amount as new_amount,
    coalesce(currency_code, old_currency_code) as currency_code,
    _batch_id as batch_id,
    file_name as source_file,
    _row_number as source_row
from parties
union all
select
    tenant_id,
    batch_seq,
    stream,
    row_key,
    old_vehicle_id,
    old_investor_id,
    old_dated_on,
    label,
    'moved away',
    old_amount,
    null,
    old_currency_code,
    _batch_id,
    file_name,
    _row_number
from parties
where not is_same_party
