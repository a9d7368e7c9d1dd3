{{ config(unique_key=['tenant_id', 'vehicle_id']) }}

with terms as (
    select * from {{ ref('stg_capstan__vehicle_terms') }} {{ for_tenants() }}
),

batches as (
    select * from {{ ref('stg_capstan__batches') }} {{ for_tenants() }}
)

select
    t.tenant_id,
    t.vehicle_id,
    t.management_fee_rate,
    t.management_fee_base,
    t.fee_starts_on,
    t.fee_step_down_on,
    t.fee_rate_after,
    t.fee_base_after,
    t.carry_rate,
    t.hurdle_rate,
    t.hurdle_compounding,
    t.catch_up_rate,
    t.waterfall,
    t.day_count,
    t.life_years,
    t._batch_id as batch_id,
    b.file_name as source_file,
    t._row_number as source_row
from terms as t
left join batches as b on t.tenant_id = b.tenant_id and t._batch_id = b.batch_id
