{{ config(unique_key=['tenant_id', 'vehicle_id', 'as_of']) }}

with positions as materialized (
    select
        p.*,
        v.benchmark_code,
        level_now.level::double precision as level_now
    from {{ ref('fct_vehicle_performance') }} as p
    inner join {{ ref('stg_capstan__vehicles') }} as v on p.tenant_id = v.tenant_id and p.vehicle_id = v.vehicle_id
    {{ index_level_join('level_now', 'v.benchmark_code', 'p.as_of') }}
    {{ for_tenants('where', 'p.tenant_id') }}
),

-- One payment and one receipt a day, as in fct_vehicle_performance.
flows as materialized (
    select
        f.tenant_id,
        f.vehicle_id,
        f.effective_on,
        f.kind,
        level_then.level::double precision as level_then,
        {{ sum_or_null('f.signed_vehicle_amount', 'true') }} as signed_vehicle_amount
    from {{ ref('int_portfolio__flows_measured') }} as f
    {{ index_level_join('level_then', 'f.benchmark_code', 'f.effective_on') }}
    where f.benchmark_code is not null {{ for_tenants('and', 'f.tenant_id') }}
    group by f.tenant_id, f.vehicle_id, f.effective_on, f.kind, level_then.level
),

first_flows_of_nobody as materialized (
    select
        tenant_id,
        vehicle_id,
        min(effective_on) as first_on
    from {{ ref('int_portfolio__flows_measured') }}
    where investor_id is null {{ for_tenants('and') }}
    group by tenant_id, vehicle_id
),

-- The investors' values where every one is known and no flow belongs to nobody, else the vehicle's own: as in fct_vehicle_performance.
payout_values as materialized (
    select
        v.tenant_id,
        v.vehicle_id,
        v.on_date,
        case
            when n.first_on is null and bool_and(v.nav_amount is not null) filter (where v.investor_id is not null)
                then sum(v.nav_amount) filter (where v.investor_id is not null)
            else max(v.nav_amount) filter (where v.investor_id is null)
        end as nav_amount,
        case
            when n.first_on is null and bool_and(v.nav_amount is not null) filter (where v.investor_id is not null)
                then max(v.nav_age_days) filter (where v.investor_id is not null)
            else max(v.nav_age_days) filter (where v.investor_id is null)
        end as nav_age_days
    from {{ ref('int_portfolio__payout_values') }} as v
    left join first_flows_of_nobody as n on v.tenant_id = n.tenant_id and v.vehicle_id = n.vehicle_id and v.on_date >= n.first_on
    {{ for_tenants('where', 'v.tenant_id') }}
    group by v.tenant_id, v.vehicle_id, v.on_date, n.first_on
),

series as materialized (
    select
        p.tenant_id,
        p.vehicle_id,
        p.as_of,
        f.signed_vehicle_amount as amount,
        f.effective_on as on_date,
        f.level_then as level,
        null::numeric as nav,
        null::integer as nav_age_days
    from positions as p
    inner join flows as f on p.tenant_id = f.tenant_id and p.vehicle_id = f.vehicle_id and p.as_of >= f.effective_on
    where p.nav_amount is not null
    union all
    select
        p.tenant_id,
        p.vehicle_id,
        p.as_of,
        null,
        v.on_date,
        null,
        v.nav_amount,
        v.nav_age_days
    from positions as p
    inner join payout_values as v on p.tenant_id = v.tenant_id and p.vehicle_id = v.vehicle_id and p.as_of > v.on_date
    where p.nav_amount is not null and v.nav_amount is not null
    union all
    select
        tenant_id,
        vehicle_id,
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
        as_of,
        {{ index_accounts_of_series() }}
    from series
    group by tenant_id, vehicle_id, as_of
)

select
    p.tenant_id,
    p.vehicle_id,
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
left join returns as r on p.tenant_id = r.tenant_id and p.vehicle_id = r.vehicle_id and p.as_of = r.as_of
