-- The quarter ends that templates are filled for, up to the quarter of the last thing known of the vehicle: the newest ones that
-- are over by the tenant's latest date, more of them for vehicles whose administrator states allocations
-- (vars ilpa_quarters and ilpa_quarters_without_allocations).
with allocated as (
    select
        tenant_id,
        vehicle_id,
        min(effective_on) as first_on,
        max(effective_on) as last_on
    from {{ ref('stg_capstan__allocations') }}
    where amount <> 0
    group by tenant_id, vehicle_id
),

known as (
    select
        d.tenant_id,
        d.vehicle_id,
        d.vehicle_name,
        d.currency_code,
        d.closed_from,
        a.vehicle_id is not null as has_allocations,
        least(d.first_flow_on, a.first_on) as first_on,
        greatest(d.last_known_on, a.last_on) as last_on,
        greatest(t.latest_known_on, d.last_known_on, a.last_on) as known_on
    from {{ ref('int_portfolio__vehicle_dates_found') }} as d
    left join {{ ref('int_portfolio__latest_dates') }} as t on d.tenant_id = t.tenant_id
    left join allocated as a on d.tenant_id = a.tenant_id and d.vehicle_id = a.vehicle_id
    where d.vehicle_kind in ('fund', 'spv')
)

select
    k.tenant_id,
    k.vehicle_id,
    q.period_end,
    k.vehicle_name,
    k.currency_code,
    k.closed_from,
    k.has_allocations,
    date_trunc('quarter', q.period_end::timestamp)::date - 1 as quarter_before,
    date_trunc('year', q.period_end::timestamp)::date - 1 as year_before
from known as k
cross join lateral (
    select {{ quarter_end('quarter_start') }} as period_end
    from generate_series(date_trunc('quarter', k.first_on::timestamp), k.last_on::timestamp, interval '3 months') as quarter_start
    where {{ quarter_end('quarter_start') }} <= k.known_on
    order by quarter_start desc
    limit case
        when k.has_allocations then {{ var('ilpa_quarters') }} else {{ var('ilpa_quarters_without_allocations') }}
    end
) as q
