{{ config(
    unique_key=['tenant_id', 'mart', 'metric', 'vehicle_id', 'investor_id', 'as_of', 'known_from'],
    meta={'audience': ['gp', 'lp'], 'indexes': [['tenant_id', 'investor_id', 'as_of'], ['tenant_id', 'vehicle_id', 'known_from']]}
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
    coalesce(c.causes, 0)::integer as causes,
    c.stream as cause_stream,
    c.row_key as cause_key,
    c.batch_id,
    c.source_file,
    c.source_row,
    f.seen_batch_seq,
    f.batch_seq
from figures as f
left join causes as c
    on
        f.tenant_id = c.tenant_id
        and coalesce(f.vehicle_id, '') = coalesce(c.vehicle_id, '')
        and coalesce(f.investor_id, '') = coalesce(c.investor_id, '')
        and f.as_of = c.as_of
        and f.seen_batch_seq = c.seen_batch_seq
        and f.batch_seq = c.batch_seq
        and c.nth = 1
