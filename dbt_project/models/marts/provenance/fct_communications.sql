{{ config(
    unique_key=['tenant_id', 'communication_id'],
    meta={'indexes': [['tenant_id', 'vehicle_id', 'investor_id', 'occurred_at']], 'keeps_versions': false}
) }}

with communications as (
    select * from {{ ref('stg_capstan__communications') }} {{ for_tenants() }}
),

tenants as (
    select * from {{ ref('stg_control__tenants') }} {{ for_tenants() }}
),

batches as (
    select * from {{ ref('stg_capstan__batches') }} {{ for_tenants() }}
)

select
    m.tenant_id,
    m.communication_id,
    m.vehicle_id,
    m.investor_id,
    m.channel,
    m.direction,
    m.occurred_at,
    (m.occurred_at at time zone t.timezone)::date as occurred_on,
    m.subject,
    m._batch_id as batch_id,
    b.file_name as source_file,
    m._row_number as source_row
from communications as m
inner join tenants as t on m.tenant_id = t.tenant_id
left join batches as b on m.tenant_id = b.tenant_id and m._batch_id = b.batch_id
