{{ config(unique_key=['tenant_id', 'vehicle_id']) }}

with vehicles as (
    select * from {{ ref('stg_capstan__vehicles') }} {{ for_tenants() }}
),

batches as (
    select * from {{ ref('stg_capstan__batches') }} {{ for_tenants() }}
)

select
    v.tenant_id,
    v.vehicle_id,
    v.name,
    v.kind,
    v.currency_code,
    v.target_amount,
    v.hard_cap_amount,
    v.vintage_year,
    v.opened_on,
    v.first_close_on,
    v.final_close_on,
    v.closed_on,
    v.status,
    v.strategy,
    v.benchmark_code,
    v._batch_id as batch_id,
    b.file_name as source_file,
    v._row_number as source_row
from vehicles as v
left join batches as b on v.tenant_id = b.tenant_id and v._batch_id = b.batch_id
