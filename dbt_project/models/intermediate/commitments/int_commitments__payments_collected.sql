-- Payments of each commitment: what was collected and kept, and the run of failures since the last success.
-- A refund takes back what was collected before it, never more. A payment that itself became `refunded` collected nothing.
with payments as (
    select
        p.tenant_id,
        p.commitment_id,
        p.payment_id,
        {{ converted('p.amount', 'paid_rate') }} as commitment_amount,
        paid_rate.reason as fx_reason,
        p.status,
        case
            when p.status = 'succeeded' then 1
            when p.status = 'refunded' and not p.was_tried then -1
            else 0
        end as direction,
        p.attempted_at,
        p.attempt,
        p.failure_reason,
        count(*) filter (where p.status in ('succeeded', 'refunded')) over newest_first as successes_since
    from {{ ref('stg_capstan__payments') }} as p
    inner join {{ ref('stg_capstan__commitments') }} as c
        on p.tenant_id = c.tenant_id and p.commitment_id = c.commitment_id
    {{ fx_join('paid_rate', 'p.currency_code', 'c.currency_code', 'p.attempted_at::date') }}
    where p.amount <> 0
    window newest_first as (partition by p.tenant_id, p.commitment_id order by p.attempted_at desc, p.payment_id desc)
),

-- Of one instant, what succeeded comes before what went back.
summed as (
    select
        payments.*,
        coalesce(sum(direction * commitment_amount) over oldest_first, 0) as running_amount
    from payments
    window oldest_first as (
        partition by tenant_id, commitment_id order by attempted_at asc, direction desc, payment_id asc
        rows between unbounded preceding and current row
    )
),

-- A sum that may not fall below zero is the plain sum less its lowest point so far, where that is negative.
held as (
    select
        summed.*,
        running_amount - least(min(running_amount) over oldest_first, 0) as held_amount
    from summed
    window oldest_first as (
        partition by tenant_id, commitment_id order by attempted_at asc, direction desc, payment_id asc
        rows between unbounded preceding and current row
    )
),

tried as (
    select
        held.*,
        direction = -1 and lag(held_amount, 1, 0) over oldest_first > 0 as is_refund
    from held
    window oldest_first as (partition by tenant_id, commitment_id order by attempted_at asc, direction desc, payment_id asc)
)

select
    tenant_id,
    commitment_id,
    case
        when count(*) filter (where direction <> 0 and commitment_amount is null) = 0
            then (array_agg(held_amount order by attempted_at desc, direction asc, payment_id desc))[1]
    end as paid_amount,
    greatest(count(*) filter (where not is_refund), max(attempt)) as attempts,
    (array_agg(status order by attempted_at desc, direction asc, payment_id desc))[1] as last_attempt_status,
    max(attempted_at) as last_attempt_at,
    min(attempted_at) filter (where status = 'failed' and successes_since = 0) as first_failed_at,
    greatest(
        count(*) filter (where status = 'failed' and successes_since = 0),
        max(attempt) filter (where status = 'failed' and successes_since = 0)
    ) as failures,
    coalesce(
        bool_or(lower(failure_reason) ~ '{{ hard_decline_pattern() }}') filter (where status = 'failed' and successes_since = 0), false
    ) as is_hard_decline,
    min(fx_reason) as fx_reason
from tried
group by tenant_id, commitment_id
