{{ config(unique_key=['tenant_id', 'investor_id', 'as_of'], meta={'audience': ['gp', 'lp']}) }}

-- All of an investor's positions in the tenant's currency: each flow at the rate of its own day, promises and values at the
-- rate of the date they are shown for.
with tenants as materialized (
    select * from {{ ref('stg_control__tenants') }}
    {{ for_tenants() }}
),

performance as materialized (
    select
        p.*,
        coalesce(
            lead(p.as_of) over (partition by p.tenant_id, p.vehicle_id, p.investor_id order by p.as_of) - 1, date '9999-12-31'
        ) as newest_until
    from {{ ref('fct_investor_performance') }} as p
    {{ for_tenants('where', 'p.tenant_id') }}
),

flows as materialized (
    select
        f.*,
        {{ converted('f.amount', 'tenant_rate') }} as tenant_amount,
        {{ converted('f.signed_amount', 'tenant_rate') }} as signed_tenant_amount,
        tenant_rate.reason as tenant_fx_reason
    from {{ ref('int_portfolio__flows_measured') }} as f
    inner join tenants as t on f.tenant_id = t.tenant_id
    {{ fx_join('tenant_rate', 'f.currency_code', 't.currency_code', 'f.effective_on') }}
    where f.investor_id is not null {{ for_tenants('and', 'f.tenant_id') }}
),

latest as materialized (
    select
        tenant_id,
        investor_id,
        max(as_of) as latest_on
    from performance
    group by tenant_id, investor_id
),

dates as materialized (
    select distinct
        p.tenant_id,
        p.investor_id,
        p.as_of,
        p.as_of = l.latest_on as is_latest
    from performance as p
    inner join latest as l on p.tenant_id = l.tenant_id and p.investor_id = l.investor_id
    where p.is_quarter_end or p.as_of = l.latest_on
),

-- The newest row of each vehicle at the date holds at the date: nothing happened in between.
positions as materialized (
    select
        d.tenant_id,
        d.investor_id,
        d.as_of,
        d.is_latest,
        t.currency_code,
        p.vehicle_id,
        {{ converted('p.commitment_amount', 'rate_now') }} as commitment_amount,
        {{ converted('p.unfunded_amount', 'rate_now') }} as unfunded_amount,
        p.unfunded_status = 'no_commitment' as is_uncommitted,
        case
            when p.irr_status = 'no_flows' and p.nav_status = 'missing' then 0
            when p.nav_amount = 0 then 0
            else {{ converted('p.nav_amount', 'rate_now') }}
        end as nav_amount,
        coalesce(p.fx_reason, rate_now.reason) as fx_reason
    from dates as d
    inner join performance as p
        on d.tenant_id = p.tenant_id and d.investor_id = p.investor_id and d.as_of between p.as_of and p.newest_until
    inner join tenants as t on d.tenant_id = t.tenant_id
    {{ fx_join('rate_now', 'p.currency_code', 't.currency_code', 'd.as_of') }}
),

held as materialized (
    select
        tenant_id,
        investor_id,
        as_of,
        is_latest,
        currency_code,
        count(*) as vehicles,
        {{ sum_or_null('commitment_amount', 'true') }} as commitment_amount,
        {{ sum_or_null('unfunded_amount', 'true') }} as unfunded_amount,
        bool_or(is_uncommitted) as is_uncommitted,
        {{ sum_or_null('nav_amount', 'true') }} as nav_amount,
        min(fx_reason) as fx_reason
    from positions
    group by tenant_id, investor_id, as_of, is_latest, currency_code
),

moved as materialized (
    select
        d.tenant_id,
        d.investor_id,
        d.as_of,
        count(*) as flows,
        {{ sum_or_null('f.tenant_amount', "f.kind = 'contribution'") }} as contributed_amount,
        {{ sum_or_null('f.tenant_amount', "f.kind = 'distribution'") }} as distributed_amount,
        min(f.tenant_fx_reason) as fx_reason
    from dates as d
    inner join flows as f on d.tenant_id = f.tenant_id and d.investor_id = f.investor_id and d.as_of >= f.effective_on
    group by d.tenant_id, d.investor_id, d.as_of
),

portfolios as materialized (
    select
        h.tenant_id,
        h.investor_id,
        h.as_of,
        h.is_latest,
        h.currency_code,
        h.vehicles::integer as vehicles,
        h.commitment_amount,
        h.unfunded_amount,
        h.is_uncommitted,
        h.nav_amount,
        coalesce(m.flows, 0) as flows,
        {{ known_or_zero('m.tenant_id', 'm.contributed_amount') }} as contributed_amount,
        {{ known_or_zero('m.tenant_id', 'm.distributed_amount') }} as distributed_amount,
        coalesce(h.fx_reason, m.fx_reason) as fx_reason
    from held as h
    left join moved as m on h.tenant_id = m.tenant_id and h.investor_id = m.investor_id and h.as_of = m.as_of
),

series as materialized (
    select
        p.tenant_id,
        p.investor_id,
        p.as_of,
        f.signed_tenant_amount as amount,
        f.effective_on as on_date
    from portfolios as p
    inner join flows as f on p.tenant_id = f.tenant_id and p.investor_id = f.investor_id and p.as_of >= f.effective_on
    where p.nav_amount is not null
    union all
    select
        tenant_id,
        investor_id,
        as_of,
        nav_amount,
        as_of as on_date
    from portfolios
    where nav_amount is not null
),

returns as materialized (
    select
        tenant_id,
        investor_id,
        as_of,
        finance.xirr_detail(amount, on_date order by on_date, amount) as irr_detail
    from series
    group by tenant_id, investor_id, as_of
),

holders as materialized (
    select distinct
        p.tenant_id,
        p.investor_id,
        p.vehicle_id,
        t.currency_code
    from performance as p
    inner join tenants as t on p.tenant_id = t.tenant_id
),

{{ unlevered_flows('holders', ['tenant_id', 'investor_id'], of_investor=true) }},

{{ without_facility('portfolios', ['tenant_id', 'investor_id'], flows='unlevered_flows') }}

select
    p.tenant_id,
    p.investor_id,
    p.as_of,
    p.is_latest,
    p.as_of = {{ quarter_end('p.as_of') }} as is_quarter_end,
    p.currency_code,
    p.vehicles,
    p.commitment_amount,
    p.contributed_amount,
    p.distributed_amount,
    p.nav_amount,
    p.unfunded_amount,
    case when p.is_uncommitted then 'no_commitment' when p.unfunded_amount is null then 'missing_rate' else 'ok' end as unfunded_status,
    {{ multiples('p') }},
    (r.irr_detail).irr as irr,
    case when p.flows = 0 then 'no_flows' else (r.irr_detail).irr_status end as irr_status,
    (r.irr_detail).is_annualized as is_annualized,
    (r.irr_detail).period_return as period_return,
    {{ without_facility_columns('w', 'wr') }},
    case when coalesce(p.fx_reason, w.fx_reason) is null then 'ok' else 'missing_rate' end as fx_status,
    coalesce(p.fx_reason, w.fx_reason) as fx_reason
from portfolios as p
left join returns as r on p.tenant_id = r.tenant_id and p.investor_id = r.investor_id and p.as_of = r.as_of
left join facility as w on p.tenant_id = w.tenant_id and p.investor_id = w.investor_id and p.as_of = w.as_of
left join facility_returns as wr on p.tenant_id = wr.tenant_id and p.investor_id = wr.investor_id and p.as_of = wr.as_of
