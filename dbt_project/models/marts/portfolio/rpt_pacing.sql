{{ config(unique_key=['tenant_id', 'vehicle_id', 'year']) }}

-- The projection of Takahashi and Alexander from where each fund stands at its latest date; before its first flow it is worth 0.
with standings as materialized (
    select
        p.tenant_id,
        p.vehicle_id,
        p.as_of,
        p.vehicle_name,
        p.commitment_amount,
        p.unfunded_amount,
        case when j.first_flow_on is null then coalesce(p.nav_amount, 0) else p.nav_amount end as nav_amount,
        p.currency_code,
        coalesce(floor(j.age_years), 0)::integer as years_passed,
        coalesce(t.life_years, {{ var('pacing_life_years') }}) as life_years,
        case
            when p.nav_status = 'closed' then 'closed'
            when p.fx_status <> 'ok' then 'missing_rate'
            when coalesce(p.commitment_amount, 0) <= 0 or p.unfunded_amount is null then 'no_commitment'
            when p.unfunded_amount < 0 then 'negative_unfunded'
            when p.nav_amount is null and j.first_flow_on is not null then 'missing_nav'
            when p.nav_amount < 0 then 'negative_nav'
            else 'ok'
        end as pacing_status
    from {{ ref('fct_vehicle_performance') }} as p
    inner join {{ ref('fct_j_curve') }} as j on p.tenant_id = j.tenant_id and p.vehicle_id = j.vehicle_id and p.as_of = j.as_of
    left join {{ ref('stg_capstan__vehicle_terms') }} as t on p.tenant_id = t.tenant_id and p.vehicle_id = t.vehicle_id
    where p.is_latest and p.vehicle_kind = 'fund' {{ for_tenants('and', 'p.tenant_id') }}
),

projected as materialized (
    select
        s.*,
        t.year,
        t.contribution,
        t.distribution,
        t.nav,
        t.unfunded,
        t.cumulative_net
    from standings as s
    cross join lateral finance.takahashi_alexander(
        s.commitment_amount,
        array{{ var('pacing_contribution_rates') }}::numeric[],
        s.life_years,
        {{ var('pacing_bow') }},
        {{ var('pacing_growth') }},
        {{ var('pacing_yield') }},
        s.years_passed,
        s.unfunded_amount,
        s.nav_amount
    ) as t
    where s.pacing_status = 'ok'
)

select
    tenant_id,
    vehicle_id,
    0 as year,
    as_of,
    as_of as year_ends_on,
    vehicle_name,
    years_passed,
    0::numeric as projected_contribution_amount,
    0::numeric as projected_distribution_amount,
    nav_amount as projected_nav_amount,
    unfunded_amount as projected_unfunded_amount,
    0::numeric as projected_net_amount,
    pacing_status,
    currency_code
from standings
union all
select
    tenant_id,
    vehicle_id,
    year - years_passed,
    as_of,
    (as_of + make_interval(years => year - years_passed))::date,
    vehicle_name,
    year,
    contribution,
    distribution,
    nav,
    unfunded,
    cumulative_net,
    pacing_status,
    currency_code
from projected
