{{ config(
    unique_key=['tenant_id', 'vehicle_id', 'investor_id', 'as_of'],
    meta={'audience': ['gp', 'lp'], 'indexes': [['tenant_id', 'investor_id', 'as_of']]}
) }}

-- One row from the quarter of the investor's first flow or value on, and always one at the vehicle's latest date.
with positions as materialized (
    select
        p.*,
        level_now.level::double precision as level_now
    from {{ ref('int_portfolio__investor_positions') }} as p
    {{ index_level_join('level_now', 'p.benchmark_code', 'p.as_of') }}
    where (p.is_latest or p.first_known_on <= p.as_of) {{ for_tenants('and', 'p.tenant_id') }}
),

flows as materialized (
    select
        f.*,
        level_then.level::double precision as level_then
    from {{ ref('int_portfolio__flows_measured') }} as f
    {{ index_level_join('level_then', 'f.benchmark_code', 'f.effective_on') }}
    where f.investor_id is not null {{ for_tenants('and', 'f.tenant_id') }}
),

-- Gross dated flows up to each date, and the value at the date as the last one.
series as materialized (
    select
        p.tenant_id,
        p.vehicle_id,
        p.investor_id,
        p.as_of,
        f.signed_vehicle_amount as amount,
        f.effective_on as on_date,
        f.level_then as level,
        false as is_value,
        f.benchmark_code is not null as is_compared
    from positions as p
    inner join flows as f
        on p.tenant_id = f.tenant_id and p.vehicle_id = f.vehicle_id and p.investor_id = f.investor_id and p.as_of >= f.effective_on
    where p.nav_amount is not null
    union all
    select
        tenant_id,
        vehicle_id,
        investor_id,
        as_of,
        nav_amount,
        as_of as on_date,
        level_now,
        true,
        benchmark_code is not null
    from positions
    where nav_amount is not null
),

returns as materialized (
    select
        tenant_id,
        vehicle_id,
        investor_id,
        as_of,
        {{ returns_of_series() }}
    from series
    group by tenant_id, vehicle_id, investor_id, as_of
),

{{ without_facility('positions', ['tenant_id', 'vehicle_id', 'investor_id']) }}

select
    p.tenant_id,
    p.vehicle_id,
    p.investor_id,
    p.as_of,
    p.vehicle_name,
    p.vehicle_kind,
    p.vintage_year,
    p.strategy,
    p.is_latest,
    p.is_quarter_end,
    p.commitment_amount,
    p.contributed_amount,
    p.distributed_amount,
    p.recallable_amount,
    p.called_amount,
    p.released_amount,
    p.charged_amount as fees_amount,
    p.nav_amount,
    p.nav_as_of,
    p.nav_status,
    p.nav_age_days,
    {{ unfunded('p') }} as unfunded_amount,
    {{ unfunded_status('p') }} as unfunded_status,
    {{ multiples('p') }},
    {{ return_columns('r', 'p.nav_amount', 'p.flows', 'p.benchmark_code') }},
    {{ without_facility_columns('w', 'wr') }},
    {{ netted_multiples('p') }},
    p.nav_amount + {{ unfunded('p') }} as total_exposure_amount,
    p.currency_code,
    case when coalesce(p.fx_reason, w.fx_reason) is null then 'ok' else 'missing_rate' end as fx_status,
    coalesce(p.fx_reason, w.fx_reason) as fx_reason
from positions as p
left join returns as r
    on p.tenant_id = r.tenant_id and p.vehicle_id = r.vehicle_id and p.investor_id = r.investor_id and p.as_of = r.as_of
left join facility as w
    on p.tenant_id = w.tenant_id and p.vehicle_id = w.vehicle_id and p.investor_id = w.investor_id and p.as_of = w.as_of
left join facility_returns as wr
    on p.tenant_id = wr.tenant_id and p.vehicle_id = wr.vehicle_id and p.investor_id = wr.investor_id and p.as_of = wr.as_of
