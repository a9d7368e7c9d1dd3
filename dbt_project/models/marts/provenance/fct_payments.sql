{{ config(unique_key=['tenant_id', 'payment_id'], meta={'indexes': [['tenant_id', 'vehicle_id'], ['tenant_id', 'commitment_id']]}) }}

with payments as (
    select * from {{ ref('stg_capstan__payments') }}
    where amount <> 0 {{ for_tenants('and') }}
),

commitments as (
    select * from {{ ref('stg_capstan__commitments') }} {{ for_tenants() }}
),

batches as (
    select * from {{ ref('stg_capstan__batches') }} {{ for_tenants() }}
)

select
    p.tenant_id,
    p.payment_id,
    p.commitment_id,
    c.vehicle_id,
    c.investor_id,
    p.amount,
    p.currency_code,
    p.status,
    p.was_tried,
    p.attempted_at,
    p.attempt,
    p.failure_reason,
    p._batch_id as batch_id,
    b.file_name as source_file,
    p._row_number as source_row
from payments as p
inner join commitments as c on p.tenant_id = c.tenant_id and p.commitment_id = c.commitment_id
left join batches as b on p.tenant_id = b.tenant_id and p._batch_id = b.batch_id
