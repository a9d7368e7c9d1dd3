-- What went into and came out of each vehicle (net: its investors' flows) and each holding (gross), in the vehicle's currency, in the
-- tenant's and in those that somebody chose, each at the rate of its day.
with flows as (
    select
        f.tenant_id,
        case when f.is_performance_flow then 'net' else 'gross' end as basis,
        case when f.is_performance_flow then f.vehicle_id else f.holding_id end as member_id,
        f.effective_on,
        f.kind in ('contribution', 'investment') as is_paid_in,
        f.amount,
        f.currency_code,
        f.vehicle_currency_code,
        f.vehicle_amount,
        f.fx_reason
    from {{ ref('int_portfolio__flows_converted') }} as f
    where f.is_performance_flow or f.is_holding_flow
),

told as (
    select
        tenant_id,
        currency_code
    from {{ ref('stg_control__tenants') }}
    union
    select
        tenant_id,
        currency_code
    from {{ ref('int_portfolio__fund_currencies') }}
)

select
    tenant_id,
    basis,
    member_id,
    effective_on,
    is_paid_in,
    vehicle_currency_code as currency_code,
    vehicle_amount as amount,
    fx_reason
from flows
union all
select
    f.tenant_id,
    f.basis,
    f.member_id,
    f.effective_on,
    f.is_paid_in,
    told.currency_code,
    {{ converted('f.amount', 'told_rate') }},
    told_rate.reason
from flows as f
inner join told on f.tenant_id = told.tenant_id
{{ fx_join('told_rate', 'f.currency_code', 'told.currency_code', 'f.effective_on') }}
where told.currency_code <> f.vehicle_currency_code
