{{ config(
    unique_key=['tenant_id', 'commitment_id'],
    meta={'audience': ['gp', 'lp'], 'indexes': [['tenant_id', 'investor_id'], ['tenant_id', 'vehicle_id']]}
) }}

with commitments as (
    select * from {{ ref('stg_capstan__commitments') }} {{ for_tenants() }}
),

vehicles as (
    select * from {{ ref('stg_capstan__vehicles') }} {{ for_tenants() }}
),

batches as (
    select * from {{ ref('stg_capstan__batches') }} {{ for_tenants() }}
)

select
    c.tenant_id,
    c.commitment_id,
    c.vehicle_id,
    c.investor_id,
    v.name as vehicle_name,
    c.amount,
    c.currency_code,
    c.status,
    c.signed_on,
    c._batch_id as batch_id,
    b.file_name as source_file,
    c._row_number as source_row
from commitments as c
inner join vehicles as v on c.tenant_id = v.tenant_id and c.vehicle_id = v.vehicle_id
left join batches as b on c.tenant_id = b.tenant_id and c._batch_id = b.batch_id
