{{ config(unique_key=['tenant_id', 'holding_id']) }}

with holdings as (
    select * from {{ ref('stg_capstan__holdings') }} {{ for_tenants() }}
),

batches as (
    select * from {{ ref('stg_capstan__batches') }} {{ for_tenants() }}
)

select
    h.tenant_id,
    h.holding_id,
    h.vehicle_id,
    h.name,
    h.sector,
    h.country_code,
    h.invested_on,
    h.status,
    h._batch_id as batch_id,
    b.file_name as source_file,
    h._row_number as source_row
from holdings as h
left join batches as b on h.tenant_id = b.tenant_id and h._batch_id = b.batch_id
