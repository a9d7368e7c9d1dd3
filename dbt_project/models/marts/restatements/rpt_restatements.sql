{{ config(
    unique_key=['tenant_id', 'mart', 'metric', 'vehicle_id', 'investor_id', 'as_of', 'known_from'],
    meta={'audience': ['gp', 'lp'], 'indexes': [['tenant_id', 'investor_id', 'as_of'], ['tenant_id', 'vehicle_id', 'known_from']]},
    post_hook="{{ versions_view('rpt_restatements', ['gp', 'lp'], versions_of_what_is_never_revised()) }}"
) }}

{%- set performance = [
        ('commitment_amount', 'money', none), ('contributed_amount', 'money', none), ('distributed_amount', 'money', none),
        ('recallable_amount', 'money', none), ('fees_amount', 'money', none), ('nav_amount', 'money', 'nav_status'),
        ('unfunded_amount', 'money', none), ('dpi', 'multiple', none), ('rvpi', 'multiple', 'nav_status'),
        ('tvpi', 'multiple', 'nav_status'), ('pic', 'multiple', none), ('irr', 'fraction', 'irr_status'),
        ('irr_without_facility', 'fraction', 'irr_without_facility_status'), ('tvpi_without_facility', 'multiple', 'irr_without_facility_status'),
        ('ks_pme', 'multiple', 'pme_status'), ('direct_alpha', 'fraction', 'pme_status')
    ] -%}
{%- set portfolio = [
        ('commitment_amount', 'money', none), ('contributed_amount', 'money', none), ('distributed_amount', 'money', none),
        ('nav_amount', 'money', 'fx_status'), ('unfunded_amount', 'money', none), ('dpi', 'multiple', none), ('rvpi', 'multiple', none),
        ('tvpi', 'multiple', none), ('pic', 'multiple', none), ('irr', 'fraction', 'irr_status'),
        ('irr_without_facility', 'fraction', 'irr_without_facility_status'), ('tvpi_without_facility', 'multiple', 'irr_without_facility_status')
    ] -%}
{%- set account = [
        ('opening_amount', 'money', none), ('contributions_amount', 'money', none), ('distributions_amount', 'money', none),
        ('fees_amount', 'money', none), ('gain_amount', 'money', none), ('closing_amount', 'money', 'nav_status')
    ] %}

with figures as materialized (
    {{ restated_figures(ref('fct_investor_performance'), ['tenant_id', 'vehicle_id', 'investor_id', 'as_of'], 'as_of', 'is_quarter_end', performance) }}
    union all
    {{ restated_figures(ref('fct_vehicle_performance'), ['tenant_id', 'vehicle_id', 'as_of'], 'as_of', 'is_quarter_end', performance) }}
    union all
    {{ restated_figures(ref('rpt_investor_portfolio'), ['tenant_id', 'investor_id', 'as_of'], 'as_of', 'is_quarter_end', portfolio) }}
    union all
    {{ restated_figures(ref('fct_capital_account'), ['tenant_id', 'vehicle_id', 'investor_id', 'quarter'], 'quarter', 'is_complete', account) }}
),

windows as materialized (
    select distinct
        tenant_id,
        vehicle_id,
        investor_id,
        as_of,
        seen_batch_seq,
        batch_seq
    from figures
),

{{ arrived_and_scoped() }},

causes as materialized (
    select
        w.*,
        s.stream,
        s.row_key,
        s.batch_id,
        s.source_file,
        s.source_row,
        count(*) over same_window as causes,
        row_number() over (same_window order by s.dated_on, s.stream, s.row_key, s.batch_seq, s.change) as nth
    from windows as w
    inner join scoped as s on {{ can_have_moved('s', 'w') }}
    window same_window as (partition by w.tenant_id, w.vehicle_id, w.investor_id, w.as_of, w.seen_batch_seq, w.batch_seq)
),

-- What no row of the books explains, newer rates may: those that arrived in between.
explained_by_rates as materialized (
    select
        f.*,
        f.metric in ('ks_pme', 'direct_alpha') as is_compared
    from figures as f
    left join causes as c on {{ same_window('f', 'c') }} and c.nth = 1
    where c.tenant_id is null and f.had_new_rates
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
    from explained_by_rates
),

{{ rates_that_arrived() }},

rate_causes as materialized (
    select
        moved_rates.*,
        count(*) over same_window as causes,
        row_number() over (same_window order by stream, on_date, row_key, batch_id) as nth
    from moved_rates
    window same_window as (partition by tenant_id, vehicle_id, investor_id, as_of, is_compared, seen_platform_seq, platform_seq)
)

select
    f.tenant_id,
    f.mart,
    f.metric,
    f.vehicle_id,
    f.investor_id,
    f.as_of,
    f.known_from,
    f.vehicle_name,
    f.unit,
    f.currency_code,
    f.old_value,
    f.new_value,
    f.new_value - f.old_value as difference,
    f.old_status,
    f.new_status,
    case
        when f.is_withdrawn then 'withdrawn'
        when f.old_value is null then 'became known'
        when f.new_value is null then 'became unknown'
        else 'changed'
    end as change,
    f.published_at,
    f.data_version,
    case
        when c.causes > 0 then 'rows'
        when f.had_new_rates then 'rates'
        when f.is_deployed then 'method'
        else 'unknown'
    end as cause,
    coalesce(c.causes, r.causes, 0)::integer as causes,
    coalesce(c.stream, r.stream) as cause_stream,
    coalesce(c.row_key, r.row_key) as cause_key,
    coalesce(c.batch_id, r.batch_id) as batch_id,
    case when c.tenant_id is null then r.source_file else c.source_file end as source_file,
    coalesce(c.source_row, r.source_row) as source_row,
    f.seen_batch_seq,
    f.batch_seq,
    case when c.tenant_id is null and f.had_new_rates then f.seen_platform_seq end as seen_platform_seq,
    case when c.tenant_id is null and f.had_new_rates then f.platform_seq end as platform_seq
from figures as f
left join causes as c on {{ same_window('f', 'c') }} and c.nth = 1
left join rate_causes as r
    on
        c.tenant_id is null
        and f.had_new_rates
        and f.tenant_id = r.tenant_id
        and coalesce(f.vehicle_id, '') = coalesce(r.vehicle_id, '')
        and coalesce(f.investor_id, '') = coalesce(r.investor_id, '')
        and f.as_of = r.as_of
        and (f.metric in ('ks_pme', 'direct_alpha')) = r.is_compared
        and f.seen_platform_seq = r.seen_platform_seq
        and f.platform_seq = r.platform_seq
        and r.nth = 1
