-- Payments of each commitment: what was paid, and the run of failures since the last success.
with payments as (
    select
        p.tenant_id,
        p.commitment_id,
        p.payment_id,
        p.amount * paid_rate.rate as commitment_amount,
        paid_rate.reason as fx_reason,
        p.status,
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
)

select
    tenant_id,
    commitment_id,
    {{ sum_or_null('commitment_amount', "status = 'succeeded'") }} as paid_amount,
    greatest(count(*), max(attempt)) as attempts,
    (array_agg(status order by attempted_at desc, payment_id desc))[1] as last_attempt_status,
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
from payments
group by tenant_id, commitment_id
