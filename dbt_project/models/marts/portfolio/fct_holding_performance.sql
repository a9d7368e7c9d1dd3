{{ config(unique_key=['tenant_id', 'holding_id', 'as_of'], meta={'indexes': [['tenant_id', 'vehicle_id', 'as_of']]}) }}

-- One row from the quarter of the holding's first flow or value on, and always one at its vehicle's latest date.
with positions as materialized (
    select * from {{ ref('int_portfolio__holding_positions') }}
    where (is_latest or flows > 0 or nav_status <> 'missing') {{ for_tenants('and') }}
),

holdings as materialized (
    select * from {{ ref('stg_capstan__holdings') }}
    {{ for_tenants() }}
),

vehicles as materialized (
    select * from {{ ref('stg_capstan__vehicles') }}
    {{ for_tenants() }}
),

flows as materialized (
    select * from {{ ref('int_portfolio__flows_converted') }}
    where is_holding_flow {{ for_tenants('and') }}
),

series as materialized (
    select
        p.tenant_id,
        p.holding_id,
        p.as_of,
        f.signed_vehicle_amount as amount,
        f.effective_on as on_date
    from positions as p
    inner join flows as f on p.tenant_id = f.tenant_id and p.holding_id = f.holding_id and p.as_of >= f.effective_on
    where p.nav_amount is not null
    union all
    select
        tenant_id,
        holding_id,
        as_of,
        nav_amount,
        as_of as on_date
    from positions
    where nav_amount is not null
),

returns as materialized (
    select
        tenant_id,
        holding_id,
        as_of,
        finance.xirr_detail(amount, on_date order by on_date, amount) as irr_detail
    from series
    group by tenant_id, holding_id, as_of
)

select
    p.tenant_id,
    p.holding_id,
    p.as_of,
    p.vehicle_id,
    h.name,
    v.name as vehicle_name,
    h.sector,
    h.country_code,
    p.is_latest,
    p.as_of = {{ quarter_end('p.as_of') }} as is_quarter_end,
    p.flows::integer as flows,
    p.invested_amount,
    p.proceeds_amount,
    p.nav_amount,
    p.nav_status,
    {{ ratio('p.proceeds_amount + p.nav_amount', 'p.invested_amount') }} as moic,
    (r.irr_detail).irr as irr,
    case when p.flows = 0 then 'no_flows' else (r.irr_detail).irr_status end as irr_status,
    (r.irr_detail).is_annualized as is_annualized,
    (r.irr_detail).period_return as period_return,
    p.currency_code,
    case when p.fx_reason is null then 'ok' else 'missing_rate' end as fx_status,
    p.fx_reason
from positions as p
inner join holdings as h on p.tenant_id = h.tenant_id and p.holding_id = h.holding_id
inner join vehicles as v on p.tenant_id = v.tenant_id and p.vehicle_id = v.vehicle_id
left join returns as r on p.tenant_id = r.tenant_id and p.holding_id = r.holding_id and p.as_of = r.as_of
