{{ config(
    unique_key=['tenant_id', 'vehicle_id', 'investor_id', 'transaction_id'],
    meta={'audience': ['gp', 'lp'], 'indexes': [['tenant_id', 'investor_id', 'effective_on'], ['tenant_id', 'vehicle_id', 'effective_on']]}
) }}

with flows as (
    select * from {{ ref('int_portfolio__flows_converted') }} {{ for_tenants() }}
),

batches as (
    select * from {{ ref('stg_capstan__batches') }} {{ for_tenants() }}
)

select
    f.tenant_id,
    f.vehicle_id,
    f.investor_id,
    f.transaction_id,
    f.vehicle_name,
    f.kind,
    f.purpose,
    f.category,
    f.facility_drawn_on,
    f.effective_on,
    f.due_on,
    f.settled_on,
    f.signed_amount as amount,
    f.currency_code,
    case when f.kind = 'contribution' then f.is_within_commitment end as is_within_commitment,
    f.is_recallable,
    f.is_performance_flow,
    f.description,
    f.batch_id,
    b.file_name as source_file,
    f.source_row
from flows as f
left join batches as b on f.tenant_id = b.tenant_id and f.batch_id = b.batch_id
where f.investor_id is not null and f.signed_amount is not null
