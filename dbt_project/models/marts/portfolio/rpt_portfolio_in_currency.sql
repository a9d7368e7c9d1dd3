{{ config(unique_key=['tenant_id', 'investor_id', 'currency_code', 'as_of'], meta={'audience': ['gp', 'lp']}) }}

-- All of an investor's positions in each currency that they are told in: each flow at the rate of its own day, promises and values
-- at the rate of the date they are shown for.
with offered as materialized (
    select * from {{ ref('int_portfolio__reporting_currencies') }}
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

measured as materialized (
    select * from {{ ref('int_portfolio__flows_measured') }}
    where investor_id is not null {{ for_tenants('and') }}
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

places as materialized (
    select
        d.tenant_id,
        d.investor_id,
        o.currency_code,
        d.as_of,
        d.is_latest
    from dates as d
    inner join offered as o on d.tenant_id = o.tenant_id and d.investor_id = o.investor_id
),

-- The newest row of each vehicle at the date holds at the date: nothing happened in between.
standings as materialized (
    select
        d.tenant_id,
        d.investor_id,
        d.currency_code,
        d.as_of,
        d.is_latest,
        p.currency_code as vehicle_currency_code,
        p.commitment_amount,
        p.unfunded_amount,
        p.unfunded_status = 'no_commitment' as is_uncommitted,
        case when p.irr_status = 'no_flows' and p.nav_status = 'missing' then 0 else p.nav_amount end as nav_amount,
        p.fx_reason
    from places as d
    inner join performance as p
        on d.tenant_id = p.tenant_id and d.investor_id = p.investor_id and d.as_of between p.as_of and p.newest_until
),

-- One rate a pair of currencies and day.
rates as materialized (
    select
        pair.tenant_id,
        pair.from_code,
        pair.to_code,
        pair.on_date,
        rate_then.numerator,
        rate_then.divisor,
        rate_then.reason
    from (
        select
            f.tenant_id,
            f.currency_code as from_code,
            o.currency_code as to_code,
            f.effective_on as on_date
        from measured as f
        inner join offered as o on f.tenant_id = o.tenant_id and f.investor_id = o.investor_id
        union
        select
            tenant_id,
            vehicle_currency_code as from_code,
            currency_code as to_code,
            as_of as on_date
        from standings
    ) as pair
    {{ fx_join('rate_then', 'pair.from_code', 'pair.to_code', 'pair.on_date') }}
),

flows as materialized (
    select
        f.tenant_id,
        f.investor_id,
        o.currency_code,
        f.kind,
        f.effective_on,
        {{ converted('f.amount', 'r') }} as told_amount,
        {{ converted('f.signed_amount', 'r') }} as signed_told_amount,
        r.reason as fx_reason
    from measured as f
    inner join offered as o on f.tenant_id = o.tenant_id and f.investor_id = o.investor_id
    inner join rates as r
        on f.tenant_id = r.tenant_id and f.currency_code = r.from_code and o.currency_code = r.to_code and f.effective_on = r.on_date
),

positions as materialized (
    select
        s.tenant_id,
        s.investor_id,
        s.currency_code,
        s.as_of,
        s.is_latest,
        {{ converted('s.commitment_amount', 'r') }} as commitment_amount,
        {{ converted('s.unfunded_amount', 'r') }} as unfunded_amount,
        s.is_uncommitted,
        {{ zero_or_converted('s.nav_amount', 'r') }} as nav_amount,
        coalesce(s.fx_reason, r.reason) as fx_reason
    from standings as s
    inner join rates as r
        on
            s.tenant_id = r.tenant_id
            and s.vehicle_currency_code = r.from_code
            and s.currency_code = r.to_code
            and s.as_of = r.on_date
),

held as materialized (
    select
        tenant_id,
        investor_id,
        currency_code,
        as_of,
        is_latest,
        count(*) as vehicles,
        {{ sum_or_null('commitment_amount', 'true') }} as commitment_amount,
        {{ sum_or_null('unfunded_amount', 'true') }} as unfunded_amount,
        bool_or(is_uncommitted) as is_uncommitted,
        {{ sum_or_null('nav_amount', 'true') }} as nav_amount,
        min(fx_reason) as fx_reason
    from positions
    group by tenant_id, investor_id, currency_code, as_of, is_latest
),

moved as materialized (
    select
        d.tenant_id,
        d.investor_id,
        d.currency_code,
        d.as_of,
        count(*) as flows,
        {{ sum_or_null('f.told_amount', "f.kind = 'contribution'") }} as contributed_amount,
        {{ sum_or_null('f.told_amount', "f.kind = 'distribution'") }} as distributed_amount,
        min(f.fx_reason) as fx_reason
    from places as d
    inner join flows as f
        on
            d.tenant_id = f.tenant_id
            and d.investor_id = f.investor_id
            and d.currency_code = f.currency_code
            and d.as_of >= f.effective_on
    group by d.tenant_id, d.investor_id, d.currency_code, d.as_of
),

portfolios as materialized (
    select
        h.tenant_id,
        h.investor_id,
        h.currency_code,
        h.as_of,
        h.is_latest,
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
    left join moved as m
        on h.tenant_id = m.tenant_id and h.investor_id = m.investor_id and h.currency_code = m.currency_code and h.as_of = m.as_of
),

{{ rates_of_return('portfolios', 'flows', ['tenant_id', 'investor_id', 'currency_code'], 'signed_told_amount') }},

holders as materialized (
    select distinct
        p.tenant_id,
        p.investor_id,
        p.vehicle_id,
        o.currency_code
    from performance as p
    inner join offered as o on p.tenant_id = o.tenant_id and p.investor_id = o.investor_id
),

{{ unlevered_flows('holders', ['tenant_id', 'investor_id', 'currency_code'], of_investor=true) }},

{{ without_facility('portfolios', ['tenant_id', 'investor_id', 'currency_code'], flows='unlevered_flows') }}

select
    p.tenant_id,
    p.investor_id,
    p.currency_code,
    p.as_of,
    p.is_latest,
    p.as_of = {{ quarter_end('p.as_of') }} as is_quarter_end,
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
left join returns as r
    on p.tenant_id = r.tenant_id and p.investor_id = r.investor_id and p.currency_code = r.currency_code and p.as_of = r.as_of
left join facility as w
    on p.tenant_id = w.tenant_id and p.investor_id = w.investor_id and p.currency_code = w.currency_code and p.as_of = w.as_of
left join facility_returns as wr
    on p.tenant_id = wr.tenant_id and p.investor_id = wr.investor_id and p.currency_code = wr.currency_code and p.as_of = wr.as_of
