{{ config(unique_key=['tenant_id', 'vehicle_id', 'as_of']) }}

with vehicles as materialized (
    select * from {{ ref('fct_vehicle_performance') }}
    {{ for_tenants() }}
),

positions as materialized (
    select
        h.*,
        h.proceeds_amount + h.nav_amount as total_value,
        row_number() over (
            partition by h.tenant_id, h.vehicle_id, h.as_of order by h.nav_amount desc nulls last, h.holding_id asc
        ) as place
    from {{ ref('fct_holding_performance') }} as h
    where (h.flows > 0 or h.nav_status <> 'missing') {{ for_tenants('and', 'h.tenant_id') }}
),

-- One unknown value makes unknown what is said of all of them; the count and the cost stay.
summed as materialized (
    select
        tenant_id,
        vehicle_id,
        as_of,
        count(*) as holdings,
        count(*) filter (where nav_amount <> 0) as holdings_held,
        bool_and(nav_amount is not null and invested_amount is not null and proceeds_amount is not null) as is_known,
        {{ sum_or_null('invested_amount', 'true') }} as invested_amount,
        {{ sum_or_null('nav_amount', 'true') }} as holdings_nav_amount,
        count(*) filter (where invested_amount > 0) as deals,
        count(*) filter (where invested_amount > 0 and total_value < invested_amount) as deals_at_loss,
        coalesce(sum(invested_amount) filter (where total_value < invested_amount), 0) as cost_at_loss_amount,
        coalesce(sum(invested_amount - total_value) filter (where total_value < invested_amount), 0) as loss_amount,
        coalesce(sum(nav_amount) filter (where place <= 1), 0) as top_1_amount,
        coalesce(sum(nav_amount) filter (where place <= 5), 0) as top_5_amount,
        coalesce(sum(nav_amount) filter (where place <= 10), 0) as top_10_amount,
        coalesce(sum(nav_amount * nav_amount), 0) as squares
    from positions
    group by tenant_id, vehicle_id, as_of
),

judged as materialized (
    select
        v.*,
        s.holdings_nav_amount,
        s.invested_amount,
        s.cost_at_loss_amount,
        s.loss_amount,
        s.top_1_amount,
        s.top_5_amount,
        s.top_10_amount,
        s.squares,
        coalesce(s.holdings, 0)::integer as holdings,
        case when s.tenant_id is null then 0 when s.holdings_nav_amount is not null then s.holdings_held end::integer as holdings_held,
        coalesce(s.deals, 0) as deals,
        coalesce(s.deals_at_loss, 0)::integer as holdings_at_loss,
        case
            when s.tenant_id is null then 'no_holdings'
            when not s.is_known then 'missing_value'
            when s.invested_amount = 0 then 'no_cost'
            else 'ok'
        end as loss_status,
        case
            when s.tenant_id is null then 'no_holdings'
            when s.holdings_nav_amount is null then 'missing_value'
            when v.nav_amount is null then 'missing_nav'
            when v.nav_amount <= 0 then 'no_capital'
            else 'ok'
        end as concentration_status
    from vehicles as v
    left join summed as s on v.tenant_id = s.tenant_id and v.vehicle_id = s.vehicle_id and v.as_of = s.as_of
)

select
    tenant_id,
    vehicle_id,
    as_of,
    vehicle_name,
    is_latest,
    is_quarter_end,
    holdings,
    holdings_held,
    invested_amount,
    holdings_nav_amount,
    nav_amount,
    case when loss_status = 'ok' then {{ ratio('cost_at_loss_amount', 'invested_amount') }} end as loss_ratio_cost,
    case when loss_status = 'ok' then {{ ratio('loss_amount', 'invested_amount') }} end as loss_ratio_loss,
    case when loss_status = 'ok' then {{ ratio('holdings_at_loss', 'deals') }} end as loss_ratio_count,
    loss_status,
    case when concentration_status = 'ok' then {{ ratio('holdings_nav_amount', 'nav_amount') }} end as invested_share,
    case when concentration_status = 'ok' then {{ ratio('top_1_amount', 'nav_amount') }} end as top_1_share,
    case when concentration_status = 'ok' then {{ ratio('top_5_amount', 'nav_amount') }} end as top_5_share,
    case when concentration_status = 'ok' then {{ ratio('top_10_amount', 'nav_amount') }} end as top_10_share,
    case when concentration_status = 'ok' then {{ ratio('squares', 'nav_amount * nav_amount') }} end as hhi,
    case when concentration_status = 'ok' then {{ ratio('nav_amount * nav_amount', 'squares') }} end as effective_holdings,
    concentration_status,
    currency_code,
    fx_status,
    fx_reason
from judged
