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
        nav_as_of,
        nav_status,
        false as is_sum_of_investors,
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
        nav_as_of,
        nav_status,
        nav_source = 'investors',
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

valued as materialized (
    select
        n.tenant_id,
        n.vehicle_id,
        coalesce(n.investor_id, '') as party,
        n.as_of,
        n.nav_amount,
        n.currency_code,
        n.currency_code <> v.currency_code as is_foreign
    from {{ ref('stg_capstan__valuations') }} as n
    inner join {{ ref('stg_capstan__vehicles') }} as v on n.tenant_id = v.tenant_id and n.vehicle_id = v.vehicle_id
    where n.holding_id is null {{ for_tenants('and', 'n.tenant_id') }}
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
    from valued
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
    select
        tenant_id,
        vehicle_id
    from flows
    where is_foreign
    union
    select
        tenant_id,
        vehicle_id
    from valued
    where is_foreign
),

-- Only where flows or values come in several currencies do their weights change; elsewhere one rate moves every amount alike.
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

-- A value as it was told, at the one day's rate of its own currency, and what was paid in and out since.
held as materialized (
    select
        p.tenant_id,
        p.vehicle_id,
        p.party,
        p.as_of,
        p.nav_status,
        {{ zero_or_converted('n.nav_amount', 'r') }} as told_amount,
        r.reason as fx_reason
    from mixed_points as p
    left join valued as n
        on p.tenant_id = n.tenant_id and p.vehicle_id = n.vehicle_id and p.party = n.party and p.nav_as_of = n.as_of
    left join rates as r on n.tenant_id = r.tenant_id and n.currency_code = r.currency_code
    where p.nav_amount is not null and not p.is_sum_of_investors
),

moved_since as materialized (
    select
        p.tenant_id,
        p.vehicle_id,
        p.party,
        p.as_of,
        {{ sum_or_null('f.signed_amount', 'true') }} as signed_amount
    from mixed_points as p
    inner join constant_flows as f
        on
            p.tenant_id = f.tenant_id
            and p.vehicle_id = f.vehicle_id
            and p.party = f.party
            and p.nav_as_of < f.effective_on
            and p.as_of >= f.effective_on
    where p.nav_status = 'rolled'
    group by p.tenant_id, p.vehicle_id, p.party, p.as_of
),

own_values as materialized (
    select
        h.tenant_id,
        h.vehicle_id,
        h.party,
        h.as_of,
        h.fx_reason,
        case
            when h.nav_status = 'closed' then 0
            else h.told_amount - {{ known_or_zero('m.tenant_id', 'm.signed_amount') }}
        end as nav_amount
    from held as h
    left join moved_since as m
        on h.tenant_id = m.tenant_id and h.vehicle_id = m.vehicle_id and h.party = m.party and h.as_of = m.as_of
),

constant_values as materialized (
    select * from own_values
    union all
    select
        p.tenant_id,
        p.vehicle_id,
        p.party,
        p.as_of,
        min(v.fx_reason) as fx_reason,
        {{ sum_or_null('v.nav_amount', 'true') }} as nav_amount
    from mixed_points as p
    inner join own_values as v
        on p.tenant_id = v.tenant_id and p.vehicle_id = v.vehicle_id and p.as_of = v.as_of and v.party <> ''
    where p.is_sum_of_investors
    group by p.tenant_id, p.vehicle_id, p.party, p.as_of
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
        tenant_id,
        vehicle_id,
        party,
        as_of,
        'value',
        null,
        nav_amount,
        as_of as on_date,
        fx_reason
    from constant_values
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
        case when x.tenant_id is null then {{ zero_or_converted('p.nav_amount', 'r') }} else c.nav_amount end as nav_amount,
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
    left join constant_values as c
        on p.tenant_id = c.tenant_id and p.vehicle_id = c.vehicle_id and p.party = c.party and p.as_of = c.as_of
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
    is_mixed as has_foreign_amounts,
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
