-- The tenant's "now": the newest date it has told us anything about, in its own time zone. Never the clock.
select
    t.tenant_id,
    t.currency_code,
    t.timezone,
    (
        select max(latest.on_date)
        from (
            select max(f.effective_on) as on_date from {{ ref('stg_capstan__transactions') }} as f
            where f.tenant_id = t.tenant_id and f.amount <> 0
            union all
            select max(n.as_of) from {{ ref('stg_capstan__valuations') }} as n
            where n.tenant_id = t.tenant_id
            union all
            select max(c.signed_on) from {{ ref('stg_capstan__commitments') }} as c
            where c.tenant_id = t.tenant_id
            union all
            select (max(e.occurred_at) at time zone t.timezone)::date from {{ ref('stg_capstan__stage_events') }} as e
            where e.tenant_id = t.tenant_id
            union all
            select (max(w.started_at) at time zone t.timezone)::date from {{ ref('stg_capstan__views') }} as w
            where w.tenant_id = t.tenant_id
            union all
            select (max(m.occurred_at) at time zone t.timezone)::date from {{ ref('stg_capstan__communications') }} as m
            where m.tenant_id = t.tenant_id
            union all
            select (max(p.attempted_at) at time zone t.timezone)::date from {{ ref('stg_capstan__payments') }} as p
            where p.tenant_id = t.tenant_id
        ) as latest
    ) as latest_known_on
from {{ ref('stg_control__tenants') }} as t
