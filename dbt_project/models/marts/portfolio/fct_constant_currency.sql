{{ config(
    unique_key=['tenant_id', 'vehicle_id', 'investor_id', 'as_of'],
    meta={'audience': ['gp', 'lp'], 'indexes': [['tenant_id', 'investor_id', 'as_of']]}
) }}

-- What each position would have done had every exchange rate stood still: all flows and values in the tenant's currency at the rates
-- of one day, the tenant's latest known date. A blank investor: the vehicle.
with tenants as materialized (
    select
        tenant_id,
        currency_code,
        latest_known_on
    from {{ ref('int_portfolio__latest_dates') }}
    {{ for_tenants() }}
),

points as materialized (
    select
        tenant_id,
        vehicle_id,
        investor_id,
        investor_id as party,
        as_of,
        vehicle_name,
        is_latest,
        is_quarter_end,
        contributed_amount,
        distributed_amount,
        nav_amount,
        nav_status,
        irr,
        irr_status,
        is_annualized,
        currency_code,
        fx_reason
    from {{ ref('fct_investor_performance') }}
    {{ for_tenants() }}
    union all
    select
        tenant_id,
        vehicle_id,
        null,
        '',
        as_of,
        vehicle_name,
        is_latest,
        is_quarter_end,
        contributed_amount,
        distributed_amount,
        nav_amount,
        nav_status,
        irr,
        irr_status,
        is_annualized,
        currency_code,
        fx_reason
    from {{ ref('fct_vehicle_performance') }}
    {{ for_tenants() }}
),

flows as materialized (
    select
        f.*,
        f.currency_code <> v.currency_code as is_foreign
    from {{ ref('int_portfolio__flows_measured') }} as f
    inner join {{ ref('stg_capstan__vehicles') }} as v on f.tenant_id = v.tenant_id and f.vehicle_id = v.vehicle_id
    {{ for_tenants('where', 'f.tenant_id') }}
),

currencies as materialized (
    select
        tenant_id,
        currency_code
    from points
    union
    select
        tenant_id,
        currency_code
    from flows
),

rates as materialized (
    select
        c.tenant_id,
        c.currency_code,
        t.currency_code as to_currency_code,
        t.latest_known_on as rate_on,
        rate.numerator,
        rate.divisor,
        rate.reason
    from currencies as c
    inner join tenants as t on c.tenant_id = t.tenant_id
    {{ fx_join('rate', 'c.currency_code', 't.currency_code', 't.latest_known_on') }}
),

mixed as materialized (
    select distinct
        tenant_id,
        vehicle_id
    from flows
    where is_foreign
),

-- Only where flows come in several currencies do their weights change; elsewhere one rate moves every amount alike.
mixed_points as materialized (
    select p.*
    from points as p
    inner join mixed as m on p.tenant_id = m.tenant_id and p.vehicle_id = m.vehicle_id
),

constant_flows as materialized (
    select
        f.tenant_id,
        f.vehicle_id,
        scope.party,
        f.kind,
        f.effective_on,
        {{ converted('f.amount', 'r') }} as amount,
        {{ converted('f.signed_amount', 'r') }} as signed_amount,
        r.reason as fx_reason
    from flows as f
    inner join mixed as m on f.tenant_id = m.tenant_id and f.vehicle_id = m.vehicle_id
    inner join rates as r on f.tenant_id = r.tenant_id and f.currency_code = r.currency_code
    cross join lateral (values ('', true), (f.investor_id, f.investor_id is not null)) as scope (party, is_there)
    where scope.is_there
),

series as materialized (
    select
        p.tenant_id,
        p.vehicle_id,
        p.party,
        p.as_of,
        f.kind,
        f.amount,
        f.signed_amount,
        f.effective_on as on_date,
        f.fx_reason
    from mixed_points as p
    inner join constant_flows as f
        on p.tenant_id = f.tenant_id and p.vehicle_id = f.vehicle_id and p.party = f.party and p.as_of >= f.effective_on
    union all
    select
        p.tenant_id,
        p.vehicle_id,
        p.party,
        p.as_of,
        'value',
        null,
        {{ zero_or_converted('p.nav_amount', 'r') }},
        p.as_of as on_date,
        r.reason
    from mixed_points as p
    inner join rates as r on p.tenant_id = r.tenant_id and p.currency_code = r.currency_code
    where p.nav_amount is not null
),

measured as materialized (
    select
        tenant_id,
        vehicle_id,
        party,
        as_of,
        {{ sum_or_null('amount', "kind = 'contribution'") }} as contributed_amount,
        {{ sum_or_null('amount', "kind = 'distribution'") }} as distributed_amount,
        min(fx_reason) as fx_reason,
        bool_or(kind = 'value') as is_valued,
        finance.xirr_detail(signed_amount, on_date order by on_date, signed_amount) as irr_detail
    from series
    group by tenant_id, vehicle_id, party, as_of
),

stated as (
    select
        p.tenant_id,
        p.vehicle_id,
        p.investor_id,
        p.as_of,
        p.vehicle_name,
        p.is_latest,
        p.is_quarter_end,
        r.to_currency_code as currency_code,
        r.rate_on,
        p.currency_code as vehicle_currency_code,
        x.tenant_id is not null as is_mixed,
        case
            when x.tenant_id is null then {{ zero_or_converted('p.contributed_amount', 'r') }}
            else {{ known_or_zero('m.tenant_id', 'm.contributed_amount') }}
        end as contributed_amount,
        case
            when x.tenant_id is null then {{ zero_or_converted('p.distributed_amount', 'r') }}
            else {{ known_or_zero('m.tenant_id', 'm.distributed_amount') }}
        end as distributed_amount,
        {{ zero_or_converted('p.nav_amount', 'r') }} as nav_amount,
        p.nav_status,
        case when x.tenant_id is null then p.irr when m.is_valued then (m.irr_detail).irr end as irr,
        case
            when x.tenant_id is null or p.irr_status = 'no_flows' then p.irr_status
            when m.is_valued then (m.irr_detail).irr_status
        end as irr_status,
        case when x.tenant_id is null then p.is_annualized when m.is_valued then (m.irr_detail).is_annualized end as is_annualized,
        -- a value that is unknown for want of its own day's rate has that rate's reason
        coalesce(m.fx_reason, r.reason, case when p.nav_amount is null then p.fx_reason end) as fx_reason
    from points as p
    inner join rates as r on p.tenant_id = r.tenant_id and p.currency_code = r.currency_code
    left join mixed as x on p.tenant_id = x.tenant_id and p.vehicle_id = x.vehicle_id
    left join measured as m
        on p.tenant_id = m.tenant_id and p.vehicle_id = m.vehicle_id and p.party = m.party and p.as_of = m.as_of
)

select
    tenant_id,
    vehicle_id,
    investor_id,
    as_of,
    vehicle_name,
    is_latest,
    is_quarter_end,
    currency_code,
    rate_on,
    vehicle_currency_code,
    is_mixed as has_foreign_flows,
    contributed_amount,
    distributed_amount,
    nav_amount,
    nav_status,
    {{ ratio('distributed_amount', 'contributed_amount') }} as dpi,
    {{ ratio('distributed_amount + nav_amount', 'contributed_amount') }} as tvpi,
    irr,
    irr_status,
    is_annualized,
    case when fx_reason is null then 'ok' else 'missing_rate' end as fx_status,
    fx_reason
from stated
