select
    tenant_id,
    investor_id,
    currency_code
from {{ source('control', 'told_in') }}
where {{ in_scope() }}
