-- What investors promised, cancelled promises included, and the day from which each counts: what was promised first counts from
-- inception, a later promise is an adjustment of the period it was signed in. Without a date for one, no order is known and all count
-- from inception.
select
    c.tenant_id,
    c.vehicle_id,
    c.investor_id,
    case
        when c.signed_on > min(c.signed_on) over one and not bool_or(c.signed_on is null) over one then c.signed_on
        else date '0001-01-01'
    end as counts_from,
    c.status = 'cancelled' as is_cancelled,
    c.vehicle_amount as amount
from {{ ref('int_commitments__amounts_converted') }} as c
where c.status in ('signed', 'funded', 'cancelled')
window one as (partition by c.tenant_id, c.vehicle_id, c.investor_id)
