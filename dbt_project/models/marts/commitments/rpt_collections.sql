{{ config(
    unique_key=['tenant_id', 'commitment_id'],
    meta={'indexes': [['tenant_id', 'vehicle_id']]}
) }}

{%- set retry_days = var('retry_days') %}

with commitments as (
    select * from {{ ref('stg_capstan__commitments') }}
    where status in ('signed', 'funded') {{ for_tenants('and') }}
),

payments as (
    select * from {{ ref('int_commitments__payments_collected') }} {{ for_tenants() }}
),

investors as (
    select * from {{ ref('stg_capstan__investors') }} {{ for_tenants() }}
),

tenants as (
    select * from {{ ref('stg_control__tenants') }} {{ for_tenants() }}
),

joined as (
    select
        c.tenant_id,
        c.commitment_id,
        c.vehicle_id,
        c.investor_id,
        i.name as investor_name,
        c.status as commitment_status,
        c.amount as committed_amount,
        {{ known_or_zero('p.tenant_id', 'p.paid_amount') }} as paid_amount,
        coalesce(p.attempts, 0)::integer as attempts,
        p.last_attempt_status,
        p.last_attempt_at,
        (p.first_failed_at at time zone t.timezone)::date as first_failed_on,
        p.failures,
        coalesce(p.is_hard_decline, false) as is_hard_decline,
        c.currency_code
    from commitments as c
    inner join tenants as t on c.tenant_id = t.tenant_id
    left join investors as i on c.tenant_id = i.tenant_id and c.investor_id = i.investor_id
    left join payments as p on c.tenant_id = p.tenant_id and c.commitment_id = p.commitment_id
)

-- The n-th retry falls so many days after the first failure; a success, a hard decline or the last retry ends the series.
select
    tenant_id,
    commitment_id,
    vehicle_id,
    investor_id,
    investor_name,
    commitment_status,
    committed_amount,
    paid_amount,
    committed_amount - paid_amount as outstanding_amount,
    attempts,
    last_attempt_status,
    last_attempt_at,
    case
        when last_attempt_status = 'failed' and not is_hard_decline and committed_amount > paid_amount
            then first_failed_on + case failures {% for days in retry_days %}when {{ loop.index }} then {{ days }} {% endfor %}end
    end as next_retry_on,
    is_hard_decline,
    currency_code
from joined
