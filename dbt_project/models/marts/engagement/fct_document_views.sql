{{ config(
    unique_key=['tenant_id', 'view_id'],
    meta={'indexes': [['tenant_id', 'vehicle_id', 'started_at']]}
) }}

with views as (
    select * from {{ ref('int_engagement__visits_counted') }} {{ for_tenants() }}
),

investors as (
    select * from {{ ref('stg_capstan__investors') }} {{ for_tenants() }}
),

batches as (
    select * from {{ ref('stg_capstan__batches') }} {{ for_tenants() }}
)

select
    w.tenant_id,
    w.view_id,
    w.vehicle_id,
    w.room_id,
    w.document_id,
    w.investor_id,
    w.document_name,
    w.document_type,
    i.name as investor_name,
    w.viewer_email,
    w.started_at,
    w.duration_seconds,
    w.page_seconds,
    w.pages_viewed,
    w.pages,
    {{ ratio('w.pages_viewed', 'w.pages') }} as completion_pct,
    w.is_machine,
    w.is_own_team,
    w.downloaded,
    w.visit_number,
    w.batch_id,
    b.file_name as source_file,
    w.source_row
from views as w
left join batches as b on w.tenant_id = b.tenant_id and w.batch_id = b.batch_id
left join investors as i on w.tenant_id = i.tenant_id and w.investor_id = i.investor_id
