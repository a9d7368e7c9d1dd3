{{ config(unique_key=['tenant_id', 'vehicle_id', 'as_of']) }}

with performance as materialized (
    select * from {{ ref('fct_vehicle_performance') }}
    {{ for_tenants() }}
),

daily as materialized (
    select
        tenant_id,
        vehicle_id,
        effective_on,
        sum(signed_vehicle_amount) as net_amount,
        bool_or(signed_vehicle_amount is null) as is_unknown
    from {{ ref('int_portfolio__flows_measured') }}
    {{ for_tenants() }}
    group by tenant_id, vehicle_id, effective_on
),

-- Net cash after each day with a flow; from a day on whose rate is missing, everything is unknown.
running as materialized (
    select
        tenant_id,
        vehicle_id,
        effective_on,
        case when not bool_or(is_unknown) over so_far then sum(net_amount) over so_far end as net_cash_amount
    from daily
    window so_far as (partition by tenant_id, vehicle_id order by effective_on)
),

-- The lowest point so far. Before the first flow net cash is 0, so a vehicle that pays out first has no trough.
lowest as materialized (
    select
        running.*,
        least(min(net_cash_amount) over (partition by tenant_id, vehicle_id order by effective_on), 0) as trough_amount
    from running
),

marked as materialized (
    select
        lowest.*,
        case
            when trough_amount < coalesce(lag(trough_amount) over (partition by tenant_id, vehicle_id order by effective_on), 0)
                then effective_on
        end as new_trough_on,
        case when net_cash_amount >= 0 and trough_amount < 0 then effective_on end as at_or_above_on
    from lowest
),

curve as materialized (
    select
        tenant_id,
        vehicle_id,
        effective_on,
        net_cash_amount,
        case when net_cash_amount is not null then trough_amount end as trough_amount,
        case when net_cash_amount is not null then max(new_trough_on) over so_far end as trough_on,
        case when net_cash_amount is not null then min(at_or_above_on) over so_far end as break_even_on,
        min(effective_on) over so_far as first_flow_on,
        coalesce(lead(effective_on) over (partition by tenant_id, vehicle_id order by effective_on) - 1, date '9999-12-31') as newest_until
    from marked
    window so_far as (partition by tenant_id, vehicle_id order by effective_on)
)

select
    p.tenant_id,
    p.vehicle_id,
    p.as_of,
    p.vehicle_name,
    p.is_latest,
    p.is_quarter_end,
    c.first_flow_on,
    finance.years_act_365f(c.first_flow_on, p.as_of) as age_years,
    p.commitment_amount,
    {{ known_or_zero('c.tenant_id', 'c.net_cash_amount') }} as net_cash_amount,
    {{ known_or_zero('c.tenant_id', 'c.trough_amount') }} as trough_amount,
    c.trough_on,
    {{ ratio('-c.trough_amount', 'p.commitment_amount') }} as trough_pct,
    c.break_even_on,
    p.irr,
    p.irr_status,
    p.is_annualized,
    p.currency_code,
    p.fx_status,
    p.fx_reason
from performance as p
left join curve as c
    on p.tenant_id = c.tenant_id and p.vehicle_id = c.vehicle_id and p.as_of between c.effective_on and c.newest_until
