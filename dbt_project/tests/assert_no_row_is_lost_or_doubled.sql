-- Every current row of a stream is in its mart exactly once.
-- Why: an inner join loses rows and a join on half a key doubles them, and both look plausible in a total.
-- A returned row names a mart whose count differs from the rows that it is made from.
with counts as (
    select
        'dim_vehicle' as mart,
        tenant_id,
        count(*) as rows_in,
        0 as rows_out
    from {{ ref('stg_capstan__vehicles') }}
    group by tenant_id
    union all
    select
        'dim_vehicle',
        tenant_id,
        0,
        count(*)
    from {{ ref('dim_vehicle') }}
    group by tenant_id
    union all
    select
        'dim_investor',
        tenant_id,
        count(*),
        0
    from {{ ref('stg_capstan__investors') }}
    group by tenant_id
    union all
    select
        'dim_investor',
        tenant_id,
        0,
        count(*)
    from {{ ref('dim_investor') }}
    group by tenant_id
    union all
    select
        'fct_cash_flows',
        tenant_id,
        count(*),
        0
    from {{ ref('stg_capstan__transactions') }}
    where amount <> 0 and investor_id is not null and signed_amount is not null
    group by tenant_id
    union all
    select
        'fct_cash_flows',
        tenant_id,
        0,
        count(*)
    from {{ ref('fct_cash_flows') }}
    group by tenant_id
    union all
    select
        'fct_valuations',
        tenant_id,
        count(*),
        0
    from {{ ref('stg_capstan__valuations') }}
    group by tenant_id
    union all
    select
        'fct_valuations',
        tenant_id,
        0,
        count(*)
    from {{ ref('fct_valuations') }}
    group by tenant_id
    union all
    select
        'fct_stage_transitions',
        tenant_id,
        count(*),
        0
    from {{ ref('stg_capstan__stage_events') }}
    group by tenant_id
    union all
    select
        'fct_stage_transitions',
        tenant_id,
        0,
        count(*)
    from {{ ref('fct_stage_transitions') }}
    group by tenant_id
    union all
    select
        'fct_document_views',
        tenant_id,
        count(*),
        0
    from {{ ref('stg_capstan__views') }}
    group by tenant_id
    union all
    select
        'fct_document_views',
        tenant_id,
        0,
        count(*)
    from {{ ref('fct_document_views') }}
    group by tenant_id
    union all
    select
        'rpt_commitment_progress',
        tenant_id,
        count(*),
        0
    from {{ ref('stg_capstan__vehicles') }}
    group by tenant_id
    union all
    select
        'rpt_commitment_progress',
        tenant_id,
        0,
        count(*)
    from {{ ref('rpt_commitment_progress') }}
    group by tenant_id
)

select
    mart,
    tenant_id,
    sum(rows_in) as rows_in,
    sum(rows_out) as rows_out
from counts
{{ for_tenants() }}
group by mart, tenant_id
having sum(rows_in) <> sum(rows_out)
