select
    tenant_id,
    domain
from {{ source('control', 'team_email_domain') }}
where {{ in_scope() }}
