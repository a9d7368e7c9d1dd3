select
    tenant_id,
    document_id,
    room_id,
    name,
    type,
    pages,
    uploaded_at,
    _source,
    _batch_id,
    _row_number
from {{ source('capstan', 'documents') }}
where _superseded_at = 'infinity' and {{ in_scope() }}
