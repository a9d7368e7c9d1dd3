-- Each valuation with the days it is the newest one for, and what had been paid in and out by its date. A value dated d
-- is end of day: the flows dated d are inside it. investor_id and holding_id blank: the vehicle's own value.
with flows as not materialized (
    select
        tenant_id,
        vehicle_id,
        investor_id,
        effective_on,
        case kind when 'contribution' then vehicle_amount when 'distribution' then -vehicle_amount end as paid_in_amount
    from {{ ref('int_portfolio__flows_converted') }}
    where is_performance_flow
),

spans as not materialized (
    select
        tenant_id,
        vehicle_id,
        investor_id,
        holding_id,
        as_of,
        nav_amount,
        currency_code,
        basis,
        coalesce(
            lead(as_of) over (partition by tenant_id, vehicle_id, investor_id, holding_id order by as_of) - 1, date '9999-12-31'
        ) as newest_until
    from {{ ref('stg_capstan__valuations') }}
)

-- Two joins, each by equality: one join with an `or` compares every value of a vehicle with every flow of it.
select
    s.tenant_id,
    s.vehicle_id,
    s.investor_id,
    s.holding_id,
    s.as_of,
    s.newest_until,
    s.nav_amount,
    s.currency_code,
    s.basis,
    coalesce(sum(f.paid_in_amount), 0) as net_paid_in_amount
from spans as s
left join flows as f
    on
        s.tenant_id = f.tenant_id
        and s.vehicle_id = f.vehicle_id
        and s.investor_id = f.investor_id
        and s.holding_id is null
        and s.as_of >= f.effective_on
where s.investor_id is not null
group by
    s.tenant_id, s.vehicle_id, s.investor_id, s.holding_id, s.as_of, s.newest_until, s.nav_amount, s.currency_code, s.basis
union all
select
    s.tenant_id,
    s.vehicle_id,
    s.investor_id,
    s.holding_id,
    s.as_of,
    s.newest_until,
    s.nav_amount,
    s.currency_code,
    s.basis,
    coalesce(sum(f.paid_in_amount), 0) as net_paid_in_amount
from spans as s
left join flows as f
    on
        s.tenant_id = f.tenant_id
        and s.vehicle_id = f.vehicle_id
        and s.holding_id is null
        and s.as_of >= f.effective_on
where s.investor_id is null
group by
    s.tenant_id, s.vehicle_id, s.investor_id, s.holding_id, s.as_of, s.newest_until, s.nav_amount, s.currency_code, s.basis
