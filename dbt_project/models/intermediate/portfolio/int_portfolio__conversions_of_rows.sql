-- Which currencies the rows of the books were converted from and to, on which days; a blank investor: for the tenant only.
with flows as (
    select * from {{ ref('int_portfolio__flows_converted') }}
),

vehicles as (
    select * from {{ ref('stg_capstan__vehicles') }}
),

valued as (
    select distinct
        tenant_id,
        vehicle_id,
        investor_id,
        currency_code
    from {{ ref('stg_capstan__valuations') }}
),

-- Read once: asked for row by row it looks through all of the books each time.
days as materialized (
    select * from {{ ref('int_portfolio__latest_dates') }}
),

told_in as materialized (
    select * from {{ ref('int_portfolio__reporting_currencies') }}
),

wanted as (
    select
        tenant_id,
        investor_id,
        currency_code as from_code,
        vehicle_currency_code as to_code,
        effective_on as on_date
    from flows
    union all
    select
        tenant_id,
        investor_id,
        currency_code as from_code,
        vehicle_currency_code as to_code,
        least(facility_drawn_on, effective_on) as on_date
    from flows
    where facility_drawn_on is not null
    union all
    select
        f.tenant_id,
        f.investor_id,
        f.currency_code as from_code,
        t.currency_code as to_code,
        f.effective_on as on_date
    from flows as f
    inner join {{ ref('stg_control__tenants') }} as t on f.tenant_id = t.tenant_id
    union all
    select
        f.tenant_id,
        f.investor_id,
        f.currency_code as from_code,
        t.currency_code as to_code,
        least(f.facility_drawn_on, f.effective_on) as on_date
    from flows as f
    inner join {{ ref('stg_control__tenants') }} as t on f.tenant_id = t.tenant_id
    where f.facility_drawn_on is not null
    union all
    select
        f.tenant_id,
        f.investor_id,
        f.currency_code as from_code,
        o.currency_code as to_code,
        told.on_date
    from flows as f
    inner join told_in as o on f.tenant_id = o.tenant_id and f.investor_id = o.investor_id
    cross join lateral (values (f.effective_on), (least(f.facility_drawn_on, f.effective_on))) as told (on_date)
    where f.is_performance_flow
    union all
    -- constant currency tells all flows at the rate of one day
    select
        f.tenant_id,
        f.investor_id,
        f.currency_code as from_code,
        o.currency_code as to_code,
        d.latest_known_on as on_date
    from flows as f
    inner join days as d on f.tenant_id = d.tenant_id
    inner join told_in as o on f.tenant_id = o.tenant_id and f.investor_id = o.investor_id
    where f.is_performance_flow
    union all
    -- what a value gained in a third currency is told in that currency: the account's, and the vehicle's own
    select
        f.tenant_id,
        n.investor_id,
        f.currency_code as from_code,
        n.currency_code as to_code,
        f.effective_on as on_date
    from flows as f
    inner join valued as n
        on
            f.tenant_id = n.tenant_id
            and f.vehicle_id = n.vehicle_id
            and f.vehicle_currency_code <> n.currency_code
            and (n.investor_id is null or f.investor_id = n.investor_id)
    where f.is_performance_flow or f.is_account_charge
    union all
    select
        f.tenant_id,
        null as investor_id,
        f.currency_code as from_code,
        c.currency_code as to_code,
        told.on_date
    from flows as f
    inner join {{ ref('int_portfolio__fund_currencies') }} as c on f.tenant_id = c.tenant_id
    cross join lateral (values (f.effective_on), (least(f.facility_drawn_on, f.effective_on))) as told (on_date)
    where f.is_performance_flow or f.is_holding_flow
    union all
    select
        tenant_id,
        investor_id,
        currency_code as from_code,
        vehicle_currency_code as to_code,
        signed_on as on_date
    from {{ ref('int_commitments__amounts_converted') }}
    where signed_on is not null
    union all
    -- modified PME needs the value after every payout
    select
        f.tenant_id,
        n.investor_id,
        n.currency_code as from_code,
        f.vehicle_currency_code as to_code,
        f.effective_on as on_date
    from flows as f
    inner join valued as n on f.tenant_id = n.tenant_id and f.vehicle_id = n.vehicle_id
    where f.kind = 'distribution'
    union all
    select
        e.tenant_id,
        null as investor_id,
        e.currency_code as from_code,
        v.currency_code as to_code,
        e.occurred_at::date as on_date
    from {{ ref('stg_capstan__stage_events') }} as e
    inner join vehicles as v on e.tenant_id = v.tenant_id and e.vehicle_id = v.vehicle_id
    where e.amount is not null
    union all
    select
        p.tenant_id,
        null as investor_id,
        p.currency_code as from_code,
        c.currency_code as to_code,
        p.attempted_at::date as on_date
    from {{ ref('stg_capstan__payments') }} as p
    inner join {{ ref('stg_capstan__commitments') }} as c on p.tenant_id = c.tenant_id and p.commitment_id = c.commitment_id
)

select distinct
    tenant_id,
    investor_id,
    from_code,
    to_code,
    on_date
from wanted
where from_code <> to_code and on_date is not null
