-- What went into and came out of each vehicle (net: its investors' flows) and each holding (gross), in the vehicle's currency
-- and in the tenant's, each at the rate of its day.
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
        f.fx_reason,
        t.currency_code as tenant_currency_code
    from {{ ref('int_portfolio__flows_converted') }} as f
    inner join {{ ref('stg_control__tenants') }} as t on f.tenant_id = t.tenant_id
    where f.is_performance_flow or f.is_holding_flow
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
    f.tenant_currency_code,
    {{ converted('f.amount', 'tenant_rate') }},
    tenant_rate.reason
from flows as f
{{ fx_join('tenant_rate', 'f.currency_code', 'f.tenant_currency_code', 'f.effective_on') }}
where f.tenant_currency_code <> f.vehicle_currency_code
