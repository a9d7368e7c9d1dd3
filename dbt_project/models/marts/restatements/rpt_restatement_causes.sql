{{ config(
    unique_key=['tenant_id', 'vehicle_id', 'investor_id', 'seen_batch_seq', 'batch_seq', 'stream', 'row_key', 'change', 'batch_id'],
    meta={'audience': ['gp', 'lp'], 'indexes': [['tenant_id', 'investor_id', 'batch_seq']]}
) }}

with windows as materialized (
    select distinct
        tenant_id,
        vehicle_id,
        investor_id,
        as_of,
        seen_batch_seq,
        batch_seq
    from {{ ref('rpt_restatements') }}
    where cause = 'rows' {{ for_tenants('and') }}
),

{{ arrived_and_scoped() }},

-- A row moves every figure dated on or after it; the first of them stands for all.
first_moved as (
    select
        w.tenant_id,
        w.vehicle_id,
        w.investor_id,
        w.seen_batch_seq,
        w.batch_seq,
        s.stream,
        s.row_key,
        s.change,
        s.batch_id,
        s.label,
        s.dated_on,
        s.old_amount,
        s.new_amount,
        s.currency_code,
        s.source_file,
        s.source_row,
        min(w.as_of) as first_as_of,
        count(*) as dates
    from windows as w
    inner join scoped as s on {{ can_have_moved('s', 'w') }}
    group by
        w.tenant_id, w.vehicle_id, w.investor_id, w.seen_batch_seq, w.batch_seq, s.stream, s.row_key, s.change, s.batch_id,
        s.label, s.dated_on, s.old_amount, s.new_amount, s.currency_code, s.source_file, s.source_row
)

select
    tenant_id,
    vehicle_id,
    investor_id,
    seen_batch_seq,
    batch_seq,
    stream,
    row_key,
    change,
    batch_id,
    label,
    dated_on,
    old_amount,
    new_amount,
    currency_code,
    source_file,
    source_row,
    first_as_of,
    dates::integer as dates
from first_moved
