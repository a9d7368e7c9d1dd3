{{ config(
    unique_key=['tenant_id', 'vehicle_id', 'investor_id', 'seen_batch_seq', 'batch_seq', 'stream', 'row_key', 'change', 'batch_id'],
    meta={'audience': ['gp', 'lp'], 'indexes': [['tenant_id', 'investor_id', 'batch_seq']]},
    post_hook="{{ versions_view('rpt_restatement_causes', ['gp', 'lp'], versions_of_what_is_never_revised()) }}"
) }}

with windows as materialized (
    select
        tenant_id,
        vehicle_id,
        investor_id,
        as_of,
        seen_batch_seq,
        batch_seq,
        min(known_from) as known_from
    from {{ ref('rpt_restatements') }}
    where cause = 'rows' {{ for_tenants('and') }}
    group by tenant_id, vehicle_id, investor_id, as_of, seen_batch_seq, batch_seq
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
        count(*) as dates,
        min(w.known_from) as known_from
    from windows as w
    inner join scoped as s on {{ can_have_moved('s', 'w') }}
    group by
        w.tenant_id, w.vehicle_id, w.investor_id, w.seen_batch_seq, w.batch_seq, s.stream, s.row_key, s.change, s.batch_id,
        s.label, s.dated_on, s.old_amount, s.new_amount, s.currency_code, s.source_file, s.source_row
),

rate_restated as materialized (
    select
        *,
        metric in ('ks_pme', 'direct_alpha') as is_compared
    from {{ ref('rpt_restatements') }}
    where cause = 'rates' {{ for_tenants('and') }}
),

rate_windows as materialized (
    select distinct
        tenant_id,
        vehicle_id,
        investor_id,
        as_of,
        is_compared,
        seen_platform_seq,
        platform_seq
    from rate_restated
),

{{ rates_that_arrived() }},

rates_restated_once as materialized (
    select
        tenant_id,
        vehicle_id,
        investor_id,
        as_of,
        is_compared,
        seen_batch_seq,
        batch_seq,
        seen_platform_seq,
        platform_seq,
        min(known_from) as known_from
    from rate_restated
    group by tenant_id, vehicle_id, investor_id, as_of, is_compared, seen_batch_seq, batch_seq, seen_platform_seq, platform_seq
),

rates_first_moved as (
    select
        w.tenant_id,
        w.vehicle_id,
        w.investor_id,
        w.seen_batch_seq,
        w.batch_seq,
        m.platform_seq,
        m.stream,
        m.row_key,
        m.batch_id,
        m.on_date,
        m.old_amount,
        m.new_amount,
        m.quote_code,
        m.source_file,
        m.source_row,
        min(m.as_of) as first_as_of,
        count(distinct m.as_of) as dates,
        min(w.known_from) as known_from
    from rates_restated_once as w
    inner join moved_rates as m
        on
            w.tenant_id = m.tenant_id
            and coalesce(w.vehicle_id, '') = coalesce(m.vehicle_id, '')
            and coalesce(w.investor_id, '') = coalesce(m.investor_id, '')
            and w.as_of = m.as_of
            and w.is_compared = m.is_compared
            and w.seen_platform_seq = m.seen_platform_seq
            and w.platform_seq = m.platform_seq
    group by
        w.tenant_id, w.vehicle_id, w.investor_id, w.seen_batch_seq, w.batch_seq, m.platform_seq, m.stream, m.row_key, m.batch_id,
        m.on_date, m.old_amount, m.new_amount, m.quote_code, m.source_file, m.source_row
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
    dates::integer as dates,
    null::bigint as platform_seq,
    known_from
from first_moved
union all
select
    tenant_id,
    vehicle_id,
    investor_id,
    seen_batch_seq,
    batch_seq,
    stream,
    row_key,
    case when old_amount is null then 'added' else 'corrected' end,
    batch_id,
    case stream when 'fx_rates' then 'exchange rate' else 'index level' end,
    on_date,
    old_amount,
    new_amount,
    quote_code,
    source_file,
    source_row,
    first_as_of,
    dates::integer,
    platform_seq,
    known_from
from rates_first_moved
