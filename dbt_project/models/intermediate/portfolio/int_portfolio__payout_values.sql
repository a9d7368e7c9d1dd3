-- What each investor held at the end of each day on which its vehicle paid out: modified PME needs it. As at an as-of date: a value of
-- the day, else the last one before it moved by the flows since; below zero it is refused. A blank investor: the vehicle by its own
-- valuation. Only of vehicles that name a benchmark.
with flows as (
    select
        tenant_id,
        vehicle_id,
        investor_id,
        effective_on,
        case kind when 'contribution' then vehicle_amount else -vehicle_amount end as paid_in_amount,
        kind = 'distribution' as is_payout
    from {{ ref('int_portfolio__flows_measured') }}
    where benchmark_code is not null
),

holders as (
    select
        tenant_id,
        vehicle_id,
        investor_id,
        effective_on,
        paid_in_amount
    from flows
    where investor_id is not null
    union all
    select
        tenant_id,
        vehicle_id,
        null,
        effective_on,
        paid_in_amount
    from flows
    union all
    -- who was valued before any cash moved holds that value
    select
        n.tenant_id,
        n.vehicle_id,
        n.investor_id,
        n.as_of,
        0
    from {{ ref('stg_capstan__valuations') }} as n
    inner join {{ ref('stg_capstan__vehicles') }} as v on n.tenant_id = v.tenant_id and n.vehicle_id = v.vehicle_id
    where n.investor_id is not null and n.holding_id is null and v.benchmark_code is not null
),

daily as (
    select
        tenant_id,
        vehicle_id,
        investor_id,
        effective_on,
        sum(paid_in_amount) as paid_in_amount,
        bool_or(paid_in_amount is null) as is_unknown
    from holders
    group by tenant_id, vehicle_id, investor_id, effective_on
),

running as (
    select
        tenant_id,
        vehicle_id,
        investor_id,
        effective_on,
        coalesce(
            lead(effective_on) over (partition by tenant_id, vehicle_id, investor_id order by effective_on) - 1, date '9999-12-31'
        ) as newest_until,
        case when not bool_or(is_unknown) over so_far then sum(paid_in_amount) over so_far end as net_paid_in_amount
    from daily
    window so_far as (partition by tenant_id, vehicle_id, investor_id order by effective_on)
),

payouts as (
    select distinct
        tenant_id,
        vehicle_id,
        effective_on as on_date
    from flows
    where is_payout
),

joined as (
    select
        p.tenant_id,
        p.vehicle_id,
        r.investor_id,
        p.on_date,
        n.as_of as nav_as_of,
        {{ converted('n.nav_amount', 'nav_rate') }} as valued_amount,
        {{ converted('n.nav_amount', 'nav_rate') }} + r.net_paid_in_amount - n.net_paid_in_amount as rolled_amount,
        coalesce(d.closed_from <= p.on_date and (n.as_of is null or n.as_of <= d.closed_from), false) as is_closed
    from payouts as p
    inner join {{ ref('int_portfolio__vehicle_dates_found') }} as d on p.tenant_id = d.tenant_id and p.vehicle_id = d.vehicle_id
    inner join running as r
        on p.tenant_id = r.tenant_id and p.vehicle_id = r.vehicle_id and p.on_date between r.effective_on and r.newest_until
    left join {{ ref('int_portfolio__valuations_spanned') }} as n
        on
            r.tenant_id = n.tenant_id
            and r.vehicle_id = n.vehicle_id
            and coalesce(r.investor_id, '') = coalesce(n.investor_id, '')
            and n.holding_id is null
            and p.on_date between n.as_of and n.newest_until
    {{ fx_join('nav_rate', 'n.currency_code', 'd.currency_code', 'p.on_date') }}
)

select
    tenant_id,
    vehicle_id,
    investor_id,
    on_date,
    {{ nav_amount('is_closed', 'nav_as_of', 'on_date', 'valued_amount', 'rolled_amount') }} as nav_amount,
    case when is_closed then 0 else on_date - nav_as_of end as nav_age_days
from joined
