{{ config(
    unique_key=['tenant_id', 'vehicle_id', 'investor_id', 'event_id'],
    meta={'indexes': [['tenant_id', 'vehicle_id', 'occurred_at']]}
) }}

with moves as (
    select * from {{ ref('int_funnel__moves_ordered') }} {{ for_tenants() }}
),

investors as (
    select * from {{ ref('stg_capstan__investors') }} {{ for_tenants() }}
),

batches as (
    select * from {{ ref('stg_capstan__batches') }} {{ for_tenants() }}
)

select
    m.tenant_id,
    m.vehicle_id,
    m.investor_id,
    m.event_id,
    m.vehicle_name,
    i.name as investor_name,
    m.from_stage,
    m.to_stage,
    m.occurred_at,
    {{ days_between('m.entered_at', 'm.occurred_at') }} as days_in_stage,
    m.amount,
    m.currency_code,
    m.is_current,
    m.actor,
    m.reason,
    m.move_number,
    m.batch_id,
    b.file_name as source_file,
    m.source_row
from moves as m
left join batches as b on m.tenant_id = b.tenant_id and m.batch_id = b.batch_id
left join investors as i on m.tenant_id = i.tenant_id and m.investor_id = i.investor_id
