{{ config(
    unique_key=['tenant_id', 'vehicle_id', 'investor_id', 'holding_id', 'as_of'],
    meta={'audience': ['gp', 'lp'], 'indexes': [['tenant_id', 'investor_id', 'as_of']]}
) }}

with valuations as (
    select * from {{ ref('stg_capstan__valuations') }} {{ for_tenants() }}
),

vehicles as (
    select * from {{ ref('stg_capstan__vehicles') }} {{ for_tenants() }}
),

batches as (
    select * from {{ ref('stg_capstan__batches') }} {{ for_tenants() }}
)

select
    n.tenant_id,
    n.vehicle_id,
    n.investor_id,
    n.holding_id,
    n.as_of,
    v.name as vehicle_name,
    n.nav_amount,
    n.currency_code,
    n.basis,
    n._batch_id as batch_id,
    b.file_name as source_file,
    n._row_number as source_row
from valuations as n
inner join vehicles as v on n.tenant_id = v.tenant_id and n.vehicle_id = v.vehicle_id
left join batches as b on n.tenant_id = b.tenant_id and n._batch_id = b.batch_id
