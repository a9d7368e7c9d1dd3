{{ config(severity='warn') }}
-- Every amount on a row "Other" comes with words of its source.
-- Why: the footnote is made of them, and without them it can only say that there are none. A warning: only the source can write them.
-- A returned row is a stated amount without a description; `stated_in` names the allocation or transaction.
select
    tenant_id,
    vehicle_id,
    stated_in,
    line,
    effective_on,
    amount
from {{ ref('int_ilpa__amounts_stated') }}
where line in {{ ilpa_other_lines() }} and description is null {{ for_tenants('and') }}
