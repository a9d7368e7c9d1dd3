select
    tenant_id,
    view_id,
    document_id,
    nullif(investor_id, '') as investor_id,
    lower(nullif(viewer_email, '')) as viewer_email,
    started_at,
    duration_seconds,
    page_seconds,
    coalesce(downloaded, false) as downloaded,
    nullif(user_agent, '') as user_agent,
    _source,
    _batch_id,
    _row_number
from {{ source('capstan', 'views') }}
where _superseded_at = 'infinity' and {{ in_scope() }}
