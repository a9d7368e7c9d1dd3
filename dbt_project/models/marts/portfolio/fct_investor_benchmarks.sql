{{ config(
    unique_key=['tenant_id', 'vehicle_id', 'investor_id', 'as_of'],
    meta={'audience': ['gp', 'lp'], 'indexes': [['tenant_id', 'investor_id', 'as_of']]}
) }}

with positions as materialized (
    select
        p.*,
        v.benchmark_code,
        level_now.level::double precision as level_now
    from {{ ref('fct_investor_performance') }} as p
    inner join {{ ref('stg_capstan__vehicles') }} as v on p.tenant_id = v.tenant_id and p.vehicle_id = v.vehicle_id
    {{ index_level_join('level_now', 'v.benchmark_code', 'p.as_of') }}
    {{ for_tenants('where', 'p.tenant_id') }}
),

flows as materialized (
    select
        f.*,
        level_then.level::double precision as level_then
    from {{ ref('int_portfolio__flows_measured') }} as f
    {{ index_level_join('level_then', 'f.benchmark_code', 'f.effective_on') }}
    where f.investor_id is not null and f.benchmark_code is not null {{ for_tenants('and', 'f.tenant_id') }}
),

payout_values as materialized (
    select distinct
        v.tenant_id,
        v.vehicle_id,
        v.investor_id,
        v.on_date,
        v.nav_amount,
        v.nav_age_days
    from {{ ref('int_portfolio__payout_values') }} as v
    inner join flows as f
        on v.tenant_id = f.tenant_id and v.vehicle_id = f.vehicle_id and v.investor_id = f.investor_id and v.on_date = f.effective_on
    where v.nav_amount is not null and f.kind = 'distribution' {{ for_tenants('and', 'v.tenant_id') }}
),

-- Gross flows, what was held after each payout, and last the value at the date.
series as materialized (
    select
        p.tenant_id,
        p.vehicle_id,
        p.investor_id,
        p.as_of,
        f.signed_vehicle_amount as amount,
        f.effective_on as on_date,
        f.level_then as level,
        null::numeric as nav,
        null::integer as nav_age_days
    from positions as p
    inner join flows as f
        on p.tenant_id = f.tenant_id and p.vehicle_id = f.vehicle_id and p.investor_id = f.investor_id and p.as_of >= f.effective_on
    where p.nav_amount is not null
    union all
    select
        p.tenant_id,
        p.vehicle_id,
        p.investor_id,
        p.as_of,
        null,
        v.on_date,
        null,
        v.nav_amount,
        v.nav_age_days
    from positions as p
    inner join payout_values as v
        on p.tenant_id = v.tenant_id and p.vehicle_id = v.vehicle_id and p.investor_id = v.investor_id and p.as_of > v.on_date
    where p.nav_amount is not null
    union all
    select
        tenant_id,
        vehicle_id,
        investor_id,
        as_of,
        null,
        as_of as on_date,
        level_now,
        nav_amount,
        null
    from positions
    where nav_amount is not null and benchmark_code is not null
),

returns as materialized (
    select
        tenant_id,
        vehicle_id,
        investor_id,
        as_of,
        {{ index_accounts_of_series() }}
    from series
    group by tenant_id, vehicle_id, investor_id, as_of
)

select
    p.tenant_id,
    p.vehicle_id,
    p.investor_id,
    p.as_of,
    p.vehicle_name,
    p.is_latest,
    p.is_quarter_end,
    p.benchmark_code,
    p.irr,
    p.irr_status,
    p.is_annualized,
    p.ks_pme,
    p.direct_alpha,
    p.pme_status,
    {{ index_account_columns('p', 'r') }},
    p.currency_code,
    p.fx_status,
    p.fx_reason
from positions as p
left join returns as r
    on p.tenant_id = r.tenant_id and p.vehicle_id = r.vehicle_id and p.investor_id = r.investor_id and p.as_of = r.as_of
