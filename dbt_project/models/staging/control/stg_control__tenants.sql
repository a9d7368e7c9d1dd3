select
    tenant_id,
    slug,
    kind,
    currency_code,
    timezone
from {{ source('control', 'tenant') }}
where tenant_id <> 0 and {{ in_scope() }}
