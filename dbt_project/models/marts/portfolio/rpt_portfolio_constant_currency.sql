{{ config(
    unique_key=['tenant_id', 'investor_id', 'as_of'],
    meta={'audience': ['gp', 'lp']}
) }}

-- What each investor's whole portfolio would have done had every exchange rate stood still: all flows and values in the tenant's currency at
-- the rates of one day, the tenant's latest known date. A portfolio in that currency alone is as it is.
with told as materialized (
    select * from {{ ref('rpt_investor_portfolio') }}
    {{ for_tenants() }}
),

days as materialized (
    select * from {{ ref('int_portfolio__latest_dates') }}
    {{ for_tenants() }}
),

constant as materialized (
    select
        c.*,
        c.has_foreign_flows or c.vehicle_currency_code <> c.currency_code as is_foreign,
        coalesce(
            lead(c.as_of) over (partition by c.tenant_id, c.vehicle_id, c.investor_id order by c.as_of) - 1, date '9999-12-31'
        ) as newest_until
    from {{ ref('fct_constant_currency') }} as c
    where c.investor_id is not null {{ for_tenants('and', 'c.tenant_id') }}
),

foreign_investors as materialized (
    select distinct
        tenant_id,
        investor_id
    from constant
    where is_foreign
),

held as materialized (
    select
        t.tenant_id,
        t.investor_id,
        t.currency_code,
        t.as_of,
        d.latest_known_on as rate_on,
        {{ sum_or_null('c.contributed_amount', 'true') }} as contributed_amount,
        {{ sum_or_null('c.distributed_amount', 'true') }} as distributed_amount,
        {{ sum_or_null("case when c.irr_status = 'no_flows' and c.nav_status = 'missing' then 0 else c.nav_amount end", 'true') }} as nav_amount,
        min(c.fx_reason) as fx_reason
    from told as t
    inner join days as d on t.tenant_id = d.tenant_id
    inner join foreign_investors as f on t.tenant_id = f.tenant_id and t.investor_id = f.investor_id
    inner join constant as c
        on t.tenant_id = c.tenant_id and t.investor_id = c.investor_id and t.as_of between c.as_of and c.newest_until
    group by t.tenant_id, t.investor_id, t.currency_code, t.as_of, d.latest_known_on
),

flows as materialized (
    select
        f.tenant_id,
        f.investor_id,
        f.effective_on,
        {{ converted('f.signed_amount', 'one_rate') }} as signed_amount
    from {{ ref('int_portfolio__flows_measured') }} as f
    inner join foreign_investors as i on f.tenant_id = i.tenant_id and f.investor_id = i.investor_id
    inner join days as d on f.tenant_id = d.tenant_id
    {{ fx_join('one_rate', 'f.currency_code', 'd.currency_code', 'd.latest_known_on') }}
    {{ for_tenants('where', 'f.tenant_id') }}
),

series as materialized (
    select
        h.tenant_id,
        h.investor_id,
        h.as_of,
        f.signed_amount as amount,
        f.effective_on as on_date
    from held as h
    inner join flows as f on h.tenant_id = f.tenant_id and h.investor_id = f.investor_id and h.as_of >= f.effective_on
    where h.nav_amount is not null
    union all
    select
        tenant_id,
        investor_id,
        as_of,
        nav_amount,
        as_of as on_date
    from held
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
        c.tenant_id,
        c.investor_id,
        c.vehicle_id,
        c.currency_code,
        c.rate_on
    from constant as c
    inner join foreign_investors as f on c.tenant_id = f.tenant_id and c.investor_id = f.investor_id
),

{{ unlevered_flows('holders', ['tenant_id', 'investor_id'], of_investor=true, told_on='m.rate_on') }},

{{ without_facility('held', ['tenant_id', 'investor_id'], flows='unlevered_flows') }},

stated as (
    select
        t.tenant_id,
        t.investor_id,
        t.as_of,
        t.is_latest,
        t.is_quarter_end,
        t.currency_code,
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
    left join held as h on t.tenant_id = h.tenant_id and t.investor_id = h.investor_id and t.as_of = h.as_of
    left join returns as r on t.tenant_id = r.tenant_id and t.investor_id = r.investor_id and t.as_of = r.as_of
    left join facility as w on t.tenant_id = w.tenant_id and t.investor_id = w.investor_id and t.as_of = w.as_of
    left join facility_returns as wr on t.tenant_id = wr.tenant_id and t.investor_id = wr.investor_id and t.as_of = wr.as_of
)

select
    tenant_id,
    investor_id,
    as_of,
    is_latest,
    is_quarter_end,
    currency_code,
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
