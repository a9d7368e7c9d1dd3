select
    tenant_id,
    batch_id,
    batch_seq,
    source,
    stream,
    file_name,
    finished_at
from {{ source('capstan', 'batch') }}
where {{ in_scope(with_platform=true) }}
