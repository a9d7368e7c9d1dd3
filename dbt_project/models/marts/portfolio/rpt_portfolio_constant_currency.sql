{{ config(unique_key=['tenant_id', 'investor_id', 'currency_code', 'as_of'], meta={'audience': ['gp', 'lp']}) }}

-- What each investor's whole portfolio would have done had every exchange rate stood still: all flows and values at the rates of one
-- day, the tenant's latest known date, in each currency that the portfolio is told in. Where nothing is foreign to it, it is as it is.
with told as materialized (
    select * from {{ ref('rpt_portfolio_in_currency') }}
    {{ for_tenants() }}
),

days as materialized (
    select * from {{ ref('int_portfolio__latest_dates') }}
    {{ for_tenants() }}
),

performance as materialized (
    select
        p.*,
        n.nav_amount as told_amount,
        n.currency_code as told_code,
        coalesce(
            lead(p.as_of) over (partition by p.tenant_id, p.vehicle_id, p.investor_id order by p.as_of) - 1, date '9999-12-31'
        ) as newest_until
    from {{ ref('fct_investor_performance') }} as p
    left join {{ ref('stg_capstan__valuations') }} as n
        on
            p.tenant_id = n.tenant_id
            and p.vehicle_id = n.vehicle_id
            and p.investor_id = n.investor_id
            and n.holding_id is null
            and p.nav_as_of = n.as_of
    {{ for_tenants('where', 'p.tenant_id') }}
),

measured as materialized (
    select * from {{ ref('int_portfolio__flows_measured') }}
    where investor_id is not null {{ for_tenants('and') }}
),

present as materialized (
    select
        tenant_id,
        investor_id,
        currency_code
    from performance
    union
    select
        tenant_id,
        investor_id,
        told_code
    from performance
    where told_code is not null
    union
    select
        tenant_id,
        investor_id,
        currency_code
    from measured
),

-- Investors and currencies of theirs to which something is foreign.
foreign_portfolios as materialized (
    select distinct
        t.tenant_id,
        t.investor_id,
        t.currency_code
    from told as t
    inner join present as p on t.tenant_id = p.tenant_id and t.investor_id = p.investor_id and t.currency_code <> p.currency_code
),

rates as materialized (
    select
        pair.tenant_id,
        pair.from_code,
        pair.to_code,
        d.latest_known_on as rate_on,
        one_rate.numerator,
        one_rate.divisor,
        one_rate.reason
    from (
        select distinct
            f.tenant_id,
            p.currency_code as from_code,
            f.currency_code as to_code
        from foreign_portfolios as f
        inner join present as p on f.tenant_id = p.tenant_id and f.investor_id = p.investor_id
    ) as pair
    inner join days as d on pair.tenant_id = d.tenant_id
    {{ fx_join('one_rate', 'pair.from_code', 'pair.to_code', 'd.latest_known_on') }}
),

flows as materialized (
    select
        i.tenant_id,
        i.investor_id,
        i.currency_code,
        f.vehicle_id,
        f.kind,
        f.effective_on,
        {{ converted('f.amount', 'r') }} as amount,
        {{ converted('f.signed_amount', 'r') }} as signed_amount,
        r.reason as fx_reason
    from foreign_portfolios as i
    inner join measured as f on i.tenant_id = f.tenant_id and i.investor_id = f.investor_id
    inner join rates as r on i.tenant_id = r.tenant_id and f.currency_code = r.from_code and i.currency_code = r.to_code
),

moved as materialized (
    select
        t.tenant_id,
        t.investor_id,
        t.currency_code,
        t.as_of,
        {{ sum_or_null('f.amount', "f.kind = 'contribution'") }} as contributed_amount,
        {{ sum_or_null('f.amount', "f.kind = 'distribution'") }} as distributed_amount,
        min(f.fx_reason) as fx_reason
    from told as t
    inner join flows as f
        on
            t.tenant_id = f.tenant_id
            and t.investor_id = f.investor_id
            and t.currency_code = f.currency_code
            and t.as_of >= f.effective_on
    group by t.tenant_id, t.investor_id, t.currency_code, t.as_of
),

moved_since as materialized (
    select
        p.tenant_id,
        p.vehicle_id,
        p.investor_id,
        f.currency_code,
        p.as_of,
        {{ sum_or_null('f.signed_amount', 'true') }} as signed_amount
    from performance as p
    inner join flows as f
        on
            p.tenant_id = f.tenant_id
            and p.vehicle_id = f.vehicle_id
            and p.investor_id = f.investor_id
            and p.nav_as_of < f.effective_on
            and p.as_of >= f.effective_on
    where p.nav_status = 'rolled'
    group by p.tenant_id, p.vehicle_id, p.investor_id, f.currency_code, p.as_of
),

-- The newest row of each vehicle at the date holds at the date: nothing happened in between. A value as it was told, at the rate of
-- its own currency, and what was paid in and out since.
positions as materialized (
    select
        t.tenant_id,
        t.investor_id,
        t.currency_code,
        t.as_of,
        case
            when p.nav_status = 'closed' or (p.irr_status = 'no_flows' and p.nav_status = 'missing') then 0
            when p.nav_amount is not null
                then {{ zero_or_converted('p.told_amount', 'r') }} - {{ known_or_zero('s.tenant_id', 's.signed_amount') }}
        end as nav_amount,
        coalesce(case when p.nav_amount is null then p.fx_reason end, of_vehicle.reason, r.reason) as fx_reason
    from told as t
    inner join foreign_portfolios as i
        on t.tenant_id = i.tenant_id and t.investor_id = i.investor_id and t.currency_code = i.currency_code
    inner join performance as p
        on t.tenant_id = p.tenant_id and t.investor_id = p.investor_id and t.as_of between p.as_of and p.newest_until
    inner join rates as of_vehicle
        on t.tenant_id = of_vehicle.tenant_id and p.currency_code = of_vehicle.from_code and t.currency_code = of_vehicle.to_code
    left join rates as r on t.tenant_id = r.tenant_id and p.told_code = r.from_code and t.currency_code = r.to_code
    left join moved_since as s
        on
            t.tenant_id = s.tenant_id
            and p.vehicle_id = s.vehicle_id
            and t.investor_id = s.investor_id
            and t.currency_code = s.currency_code
            and p.as_of = s.as_of
),

valued as materialized (
    select
        tenant_id,
        investor_id,
        currency_code,
        as_of,
        {{ sum_or_null('nav_amount', 'true') }} as nav_amount,
        min(fx_reason) as fx_reason
    from positions
    group by tenant_id, investor_id, currency_code, as_of
),

held as materialized (
    select
        v.tenant_id,
        v.investor_id,
        v.currency_code,
        v.as_of,
        {{ known_or_zero('m.tenant_id', 'm.contributed_amount') }} as contributed_amount,
        {{ known_or_zero('m.tenant_id', 'm.distributed_amount') }} as distributed_amount,
        v.nav_amount,
        coalesce(v.fx_reason, m.fx_reason) as fx_reason
    from valued as v
    left join moved as m
        on v.tenant_id = m.tenant_id and v.investor_id = m.investor_id and v.currency_code = m.currency_code and v.as_of = m.as_of
),

{{ rates_of_return('held', 'flows', ['tenant_id', 'investor_id', 'currency_code'], 'signed_amount') }},

holders as materialized (
    select distinct
        p.tenant_id,
        p.investor_id,
        p.vehicle_id,
        f.currency_code,
        d.latest_known_on as rate_on
    from performance as p
    inner join foreign_portfolios as f on p.tenant_id = f.tenant_id and p.investor_id = f.investor_id
    inner join days as d on p.tenant_id = d.tenant_id
),

{{ unlevered_flows('holders', ['tenant_id', 'investor_id', 'currency_code'], of_investor=true, told_on='m.rate_on') }},

{{ without_facility('held', ['tenant_id', 'investor_id', 'currency_code'], flows='unlevered_flows') }},

stated as (
    select
        t.tenant_id,
        t.investor_id,
        t.currency_code,
        t.as_of,
        t.is_latest,
        t.is_quarter_end,
        t.currency_code = d.currency_code as is_in_tenant_currency,
        d.latest_known_on as rate_on,
        t.vehicles,
        h.tenant_id is not null as has_foreign_amounts,
        case when h.tenant_id is null then t.contributed_amount else h.contributed_amount end as contributed_amount,
        case when h.tenant_id is null then t.distributed_amount else h.distributed_amount end as distributed_amount,
        case when h.tenant_id is null then t.nav_amount else h.nav_amount end as nav_amount,
        case when h.tenant_id is null then t.irr else (r.irr_detail).irr end as irr,
        case when h.tenant_id is null or t.irr_status = 'no_flows' then t.irr_status else (r.irr_detail).irr_status end as irr_status,
        case when h.tenant_id is null then t.is_annualized else (r.irr_detail).is_annualized end as is_annualized,
        t.has_facility,
        case when h.tenant_id is null then t.irr_without_facility else (wr.irr_detail).irr end as irr_without_facility,
        case
            when h.tenant_id is null or not t.has_facility then t.irr_without_facility_status else (wr.irr_detail).irr_status
        end as irr_without_facility_status,
        case
            when h.tenant_id is null then t.tvpi_without_facility
            else {{ ratio('w.distributed_amount + w.nav_amount', 'w.contributed_amount') }}
        end as tvpi_without_facility,
        case when h.tenant_id is null then t.fx_reason else coalesce(h.fx_reason, w.fx_reason) end as fx_reason
    from told as t
    inner join days as d on t.tenant_id = d.tenant_id
    left join held as h
        on t.tenant_id = h.tenant_id and t.investor_id = h.investor_id and t.currency_code = h.currency_code and t.as_of = h.as_of
    left join returns as r
        on t.tenant_id = r.tenant_id and t.investor_id = r.investor_id and t.currency_code = r.currency_code and t.as_of = r.as_of
    left join facility as w
        on t.tenant_id = w.tenant_id and t.investor_id = w.investor_id and t.currency_code = w.currency_code and t.as_of = w.as_of
    left join facility_returns as wr
        on
            t.tenant_id = wr.tenant_id
            and t.investor_id = wr.investor_id
            and t.currency_code = wr.currency_code
            and t.as_of = wr.as_of
)

select
    tenant_id,
    investor_id,
    currency_code,
    as_of,
    is_latest,
    is_quarter_end,
    is_in_tenant_currency,
    rate_on,
    vehicles,
    has_foreign_amounts,
    contributed_amount,
    distributed_amount,
    nav_amount,
    {{ ratio('distributed_amount', 'contributed_amount') }} as dpi,
    {{ ratio('distributed_amount + nav_amount', 'contributed_amount') }} as tvpi,
    irr,
    irr_status,
    is_annualized,
    has_facility,
    irr_without_facility,
    irr_without_facility_status,
    tvpi_without_facility,
    case when fx_reason is null then 'ok' else 'missing_rate' end as fx_status,
    fx_reason
from stated
