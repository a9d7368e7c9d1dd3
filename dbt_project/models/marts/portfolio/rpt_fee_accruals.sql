{{ config(unique_key=['tenant_id', 'vehicle_id', 'as_of']) }}

with terms as materialized (
    select * from {{ ref('stg_capstan__vehicle_terms') }}
    {{ for_tenants() }}
),

vehicles as materialized (
    select * from {{ ref('stg_capstan__vehicles') }}
    {{ for_tenants() }}
),

flows as materialized (
    select * from {{ ref('int_portfolio__flows_measured') }}
    {{ for_tenants() }}
),

-- Cost of what is still held, at each date.
costs as materialized (
    select
        tenant_id,
        vehicle_id,
        as_of,
        {{ sum_or_null('invested_amount', "nav_status <> 'closed'") }} as cost_amount
    from {{ ref('fct_holding_performance') }}
    {{ for_tenants() }}
    group by tenant_id, vehicle_id, as_of
),

performance as materialized (
    select
        p.tenant_id,
        p.vehicle_id,
        p.as_of,
        p.vehicle_name,
        p.is_latest,
        p.is_quarter_end,
        p.commitment_amount,
        p.nav_amount,
        p.currency_code,
        p.fx_status,
        p.fx_reason,
        lag(p.as_of) over each_vehicle as previous_on,
        lag(p.nav_amount) over each_vehicle as previous_nav_amount,
        lag({{ known_or_zero('c.tenant_id', 'c.cost_amount') }}) over each_vehicle as previous_cost_amount
    from {{ ref('fct_vehicle_performance') }} as p
    left join costs as c on p.tenant_id = c.tenant_id and p.vehicle_id = c.vehicle_id and p.as_of = c.as_of
    {{ for_tenants('where', 'p.tenant_id') }}
    window each_vehicle as (partition by p.tenant_id, p.vehicle_id order by p.as_of)
),

first_flows as materialized (
    select
        tenant_id,
        vehicle_id,
        min(effective_on) as first_on
    from flows
    group by tenant_id, vehicle_id
),

-- Each row accrues from the date of the row before, the first one from the day on which the fee starts. Cost and NAV are those
-- of the row before: the fee of a quarter is set when it begins.
periods as materialized (
    select
        p.*,
        t.management_fee_rate,
        t.management_fee_base,
        t.fee_rate_after,
        t.fee_base_after,
        t.day_count,
        least(coalesce(t.fee_step_down_on, date '9999-12-31'), p.as_of) as step_on,
        greatest(
            coalesce(p.previous_on, date '0001-01-01'), coalesce(t.fee_starts_on, v.first_close_on, v.opened_on, f.first_on, p.as_of)
        ) as from_on,
        t.carry_rate,
        t.waterfall,
        {{ carry_terms('t') }} as carry_terms
    from performance as p
    inner join terms as t on p.tenant_id = t.tenant_id and p.vehicle_id = t.vehicle_id
    inner join vehicles as v on p.tenant_id = v.tenant_id and p.vehicle_id = v.vehicle_id
    left join first_flows as f on p.tenant_id = f.tenant_id and p.vehicle_id = f.vehicle_id
),

based as materialized (
    select
        periods.*,
        {%- for when in ('management_fee_base', 'fee_base_after') %}
        case {{ when }}
            when 'committed' then commitment_amount
            when 'invested' then case when previous_on is null then 0 else previous_cost_amount end
            when 'nav' then case when previous_on is null then 0 else previous_nav_amount end
        end as {{ when }}_amount{{ ',' if not loop.last }}
        {%- endfor %}
    from periods
),

accrued as materialized (
    select
        based.*,
        case
            when management_fee_rate is null or management_fee_base is null then 'no_fee_terms'
            when fx_status <> 'ok' then 'missing_rate'
            when from_on < step_on and management_fee_base_amount is null then 'missing_base'
            when greatest(from_on, step_on) < as_of and fee_base_after_amount is null then 'missing_base'
            else 'ok'
        end as fee_status,
        greatest(from_on, step_on) < as_of as is_after_step_down,
        round(
            case when from_on < step_on then finance.accrue(management_fee_base_amount, management_fee_rate, from_on, step_on, day_count) else 0 end
            + case
                when greatest(from_on, step_on) < as_of
                    then finance.accrue(fee_base_after_amount, fee_rate_after, greatest(from_on, step_on), as_of, day_count)
                else 0
            end,
            2
        ) as management_fee_amount
    from based
),

charged as materialized (
    select
        p.tenant_id,
        p.vehicle_id,
        p.as_of,
        {{ sum_or_null('f.vehicle_amount', 'true') }} as management_fee_charged_amount
    from periods as p
    inner join {{ ref('int_portfolio__flows_converted') }} as f
        on p.tenant_id = f.tenant_id and p.vehicle_id = f.vehicle_id and p.as_of >= f.effective_on
    where f.kind = 'fee' and 'management_fees' in (f.purpose, f.category) {{ for_tenants('and', 'f.tenant_id') }}
    group by p.tenant_id, p.vehicle_id, p.as_of
),

-- What all investors paid in on a day is one payment to the waterfall, what they received is one to be distributed.
daily as materialized (
    select
        tenant_id,
        vehicle_id,
        effective_on,
        {{ sum_or_null('signed_vehicle_amount', 'true') }} as signed_vehicle_amount
    from flows
    group by tenant_id, vehicle_id, effective_on, kind
),

carried as materialized (
    select
        p.tenant_id,
        p.vehicle_id,
        p.as_of,
        finance.accrued_carry_detail(f.signed_vehicle_amount, f.effective_on, p.nav_amount, p.as_of, p.carry_terms) as carry
    from periods as p
    inner join daily as f on p.tenant_id = f.tenant_id and p.vehicle_id = f.vehicle_id and p.as_of >= f.effective_on
    where p.carry_rate is not null and p.waterfall = 'european' and p.nav_amount >= 0 and p.fx_status = 'ok'
    group by p.tenant_id, p.vehicle_id, p.as_of
)

select
    a.tenant_id,
    a.vehicle_id,
    a.as_of,
    a.vehicle_name,
    a.is_latest,
    a.is_quarter_end,
    case when a.fee_status = 'ok' then a.management_fee_amount end as management_fee_amount,
    case
        when bool_and(a.fee_status = 'ok') over so_far then sum(a.management_fee_amount) over so_far
    end as management_fee_accrued_amount,
    {{ known_or_zero('c.tenant_id', 'c.management_fee_charged_amount') }} as management_fee_charged_amount,
    a.fee_status,
    case when a.is_after_step_down then a.fee_rate_after else a.management_fee_rate end as fee_rate,
    case when a.is_after_step_down then a.fee_base_after else a.management_fee_base end as fee_base,
    case when a.is_after_step_down then a.fee_base_after_amount else a.management_fee_base_amount end as fee_base_amount,
    (k.carry).carry_paid_amount as carry_distributed_amount,
    (k.carry).accrued_carry_amount as carry_accrued_amount,
    (k.carry).clawback_amount as clawback_amount,
    (k.carry).value_to_lps_amount as nav_after_carry_amount,
    case
        when a.carry_rate is null then 'no_carry_terms'
        when a.waterfall <> 'european' then 'deal_by_deal'
        when a.fx_status <> 'ok' then 'missing_rate'
        when a.nav_amount is null then 'missing_nav'
        when a.nav_amount < 0 then 'negative_nav'
        when k.tenant_id is null then 'no_flows'
        else 'ok'
    end as carry_status,
    a.currency_code,
    a.fx_status,
    a.fx_reason
from accrued as a
left join charged as c on a.tenant_id = c.tenant_id and a.vehicle_id = c.vehicle_id and a.as_of = c.as_of
left join carried as k on a.tenant_id = k.tenant_id and a.vehicle_id = k.vehicle_id and a.as_of = k.as_of
window so_far as (partition by a.tenant_id, a.vehicle_id order by a.as_of)
