-- What went into each holding, came out of it and is left in it, at each of its vehicle's dates, in the vehicle's currency.
with flows as (
    select
        tenant_id,
        holding_id,
        effective_on,
        case when kind = 'investment' then vehicle_amount else 0 end as invested_amount,
        case when kind in ('proceeds', 'interest') then vehicle_amount else 0 end as proceeds_amount,
        case kind when 'investment' then vehicle_amount when 'proceeds' then -vehicle_amount else 0 end as cost_amount,
        vehicle_amount,
        fx_reason
    from {{ ref('int_portfolio__flows_converted') }}
    where is_holding_flow
),

last_flows as (
    select
        tenant_id,
        holding_id,
        max(effective_on) as last_flow_on
    from flows
    group by tenant_id, holding_id
),

holdings as (
    select
        h.tenant_id,
        h.vehicle_id,
        h.holding_id,
        case when lower(h.status) in {{ exited_statuses() }} then f.last_flow_on end as exited_on
    from {{ ref('stg_capstan__holdings') }} as h
    left join last_flows as f on h.tenant_id = f.tenant_id and h.holding_id = f.holding_id
),

moved as (
    select
        a.tenant_id,
        a.vehicle_id,
        h.holding_id,
        a.as_of,
        a.currency_code,
        a.is_latest,
        h.exited_on,
        a.closed_from,
        count(f.tenant_id) as flows,
        {{ sum_or_null('f.invested_amount', 'f.tenant_id is not null') }} as invested_amount,
        {{ sum_or_null('f.proceeds_amount', 'f.tenant_id is not null') }} as proceeds_amount,
        {{ sum_or_null('f.cost_amount', 'f.tenant_id is not null') }} as cost_amount,
        min(f.fx_reason) as fx_reason
    from {{ ref('int_portfolio__as_of_dates_spanned') }} as a
    inner join holdings as h on a.tenant_id = h.tenant_id and a.vehicle_id = h.vehicle_id
    left join flows as f on h.tenant_id = f.tenant_id and h.holding_id = f.holding_id and a.as_of >= f.effective_on
    group by a.tenant_id, a.vehicle_id, h.holding_id, a.as_of, a.currency_code, a.is_latest, h.exited_on, a.closed_from
),

valued as (
    select
        n.tenant_id,
        n.vehicle_id,
        n.holding_id,
        n.as_of,
        n.newest_until,
        n.nav_amount,
        n.currency_code,
        coalesce(sum(f.cost_amount), 0) as cost_when_valued
    from {{ ref('int_portfolio__valuations_spanned') }} as n
    left join flows as f on n.tenant_id = f.tenant_id and n.holding_id = f.holding_id and n.as_of >= f.effective_on
    where n.holding_id is not null and n.investor_id is null
    group by n.tenant_id, n.vehicle_id, n.holding_id, n.as_of, n.newest_until, n.nav_amount, n.currency_code
),

joined as (
    select
        m.*,
        v.as_of as nav_as_of,
        {{ converted('v.nav_amount', 'nav_rate') }} as valued_amount,
        {{ converted('v.nav_amount', 'nav_rate') }} + m.cost_amount - v.cost_when_valued as rolled_amount,
        nav_rate.reason as nav_reason,
        coalesce(
            (m.closed_from <= m.as_of and (v.as_of is null or v.as_of <= m.closed_from))
            or (m.exited_on <= m.as_of and (v.as_of is null or v.as_of <= m.exited_on)),
            false
        ) as is_closed
    from moved as m
    left join valued as v
        on
            m.tenant_id = v.tenant_id
            and m.vehicle_id = v.vehicle_id
            and m.holding_id = v.holding_id
            and m.as_of between v.as_of and v.newest_until
    {{ fx_join('nav_rate', 'v.currency_code', 'm.currency_code', 'm.as_of') }}
)

select
    tenant_id,
    vehicle_id,
    holding_id,
    as_of,
    currency_code,
    is_latest,
    flows,
    invested_amount,
    proceeds_amount,
    {{ nav_amount('is_closed', 'nav_as_of', 'as_of', 'valued_amount', 'rolled_amount') }} as nav_amount,
    {{ nav_status('is_closed', 'nav_as_of', 'as_of', 'valued_amount', 'rolled_amount') }} as nav_status,
    coalesce(fx_reason, nav_reason) as fx_reason
from joined
