{{ config(
    unique_key=['tenant_id', 'vehicle_id', 'investor_id', 'quarter', 'currency_code'],
    meta={'audience': ['gp', 'lp'], 'indexes': [['tenant_id', 'investor_id', 'quarter']]}
) }}

-- From the value that was published for the end of a quarter to the value of the next, in the vehicle's currency and, where that is
-- another, in the tenant's. A blank investor: the vehicle.
with tenants as materialized (
    select * from {{ ref('stg_control__tenants') }}
    {{ for_tenants() }}
),

points as materialized (
    select
        tenant_id,
        vehicle_id,
        investor_id,
        as_of,
        vehicle_name,
        is_quarter_end,
        contributed_amount,
        distributed_amount,
        fees_amount,
        nav_amount,
        nav_as_of,
        nav_status,
        currency_code,
        fx_reason
    from {{ ref('fct_investor_performance') }}
    where (irr_status is distinct from 'no_flows' or nav_amount is not null) {{ for_tenants('and') }}
    union all
    select
        tenant_id,
        vehicle_id,
        null,
        as_of,
        vehicle_name,
        is_quarter_end,
        contributed_amount,
        distributed_amount,
        fees_amount,
        nav_amount,
        nav_as_of,
        nav_status,
        currency_code,
        fx_reason
    from {{ ref('fct_vehicle_performance') }}
    where (irr_status is distinct from 'no_flows' or nav_amount is not null) {{ for_tenants('and') }}
),

reported as materialized (
    select
        tenant_id,
        vehicle_id,
        coalesce(investor_id, '') as party,
        as_of,
        currency_code
    from {{ ref('stg_capstan__valuations') }}
    where holding_id is null {{ for_tenants('and') }}
),

-- One value a quarter: that of its end, or of the latest date in the open quarter.
ends as materialized (
    select
        p.*,
        coalesce(p.investor_id, '') as party,
        n.currency_code as value_currency_code,
        {{ quarter_end('p.as_of') }} as quarter,
        row_number() over (
            partition by p.tenant_id, p.vehicle_id, p.investor_id, {{ quarter_end('p.as_of') }}
            order by p.as_of desc
        ) as newest_first
    from points as p
    left join reported as n
        on p.tenant_id = n.tenant_id and p.vehicle_id = n.vehicle_id and coalesce(p.investor_id, '') = n.party and p.nav_as_of = n.as_of
),

spans as materialized (
    select
        ends.*,
        lag(as_of) over quarters as opening_on,
        case when row_number() over quarters = 1 then 0 else lag(nav_amount) over quarters end as known_opening_amount,
        lag(nav_status) over quarters as opening_status,
        coalesce(value_currency_code, lag(value_currency_code) over quarters, currency_code) as gain_currency_code,
        contributed_amount - coalesce(lag(contributed_amount) over quarters, 0) as contributions_amount,
        distributed_amount - coalesce(lag(distributed_amount) over quarters, 0) as distributions_amount,
        fees_amount - coalesce(lag(fees_amount) over quarters, 0) as charged_amount
    from ends
    where newest_first = 1
    window quarters as (partition by tenant_id, vehicle_id, party order by quarter)
),

plain_gains as materialized (
    select
        tenant_id,
        vehicle_id,
        party,
        quarter,
        as_of,
        opening_on,
        currency_code,
        gain_currency_code,
        nav_amount,
        known_opening_amount,
        nav_amount - known_opening_amount - contributions_amount + distributions_amount + charged_amount as gain_amount
    from spans
),

-- Of a value that was reported in a third currency: what it gained in that currency, at the closing rate. The rest is exchange rates.
moved_elsewhere as materialized (
    select
        s.tenant_id,
        s.vehicle_id,
        s.party,
        s.quarter,
        {{ sum_or_null(converted("case f.kind when 'contribution' then -f.amount else f.amount end", 'value_rate'), 'true') }} as net_amount,
        min(value_rate.reason) as fx_reason
    from plain_gains as s
    inner join {{ ref('int_portfolio__flows_converted') }} as f
        on
            s.tenant_id = f.tenant_id
            and s.vehicle_id = f.vehicle_id
            and s.quarter = {{ quarter_end('f.effective_on') }}
            and s.party in ('', f.investor_id)
    {{ fx_join('value_rate', 'f.currency_code', 's.gain_currency_code', 'f.effective_on') }}
    where s.gain_currency_code <> s.currency_code and (f.is_performance_flow or f.is_account_charge)
    group by s.tenant_id, s.vehicle_id, s.party, s.quarter
),

elsewhere as materialized (
    select
        s.tenant_id,
        s.vehicle_id,
        s.party,
        s.quarter,
        {{ zero_or_converted('s.nav_amount', 'closing_rate') }}
        - {{ zero_or_converted('s.known_opening_amount', 'opening_rate') }}
        + {{ known_or_zero('m.tenant_id', 'm.net_amount') }} as gain_amount,
        back.numerator,
        back.divisor,
        coalesce(m.fx_reason, closing_rate.reason, opening_rate.reason) as fx_reason
    from plain_gains as s
    left join moved_elsewhere as m
        on s.tenant_id = m.tenant_id and s.vehicle_id = m.vehicle_id and s.party = m.party and s.quarter = m.quarter
    {{ fx_join('closing_rate', 's.currency_code', 's.gain_currency_code', 's.as_of') }}
    {{ fx_join('opening_rate', 's.currency_code', 's.gain_currency_code', 'coalesce(s.opening_on, s.as_of)') }}
    {{ fx_join('back', 's.gain_currency_code', 's.currency_code', 's.as_of') }}
    where s.gain_currency_code <> s.currency_code
),

own_gains as materialized (
    select
        s.tenant_id,
        s.vehicle_id,
        s.party,
        s.quarter,
        s.nav_amount,
        s.gain_amount as plain_amount,
        e.tenant_id is not null as is_elsewhere,
        case when e.tenant_id is null then s.gain_amount else {{ converted('e.gain_amount', 'e') }} end as gain_amount,
        e.fx_reason
    from plain_gains as s
    left join elsewhere as e
        on s.tenant_id = e.tenant_id and s.vehicle_id = e.vehicle_id and s.party = e.party and s.quarter = e.quarter
),

of_investors as materialized (
    select
        tenant_id,
        vehicle_id,
        quarter,
        bool_or(is_elsewhere) as is_elsewhere,
        {{ sum_or_null('nav_amount', 'true') }} as nav_amount,
        {{ sum_or_null('plain_amount - gain_amount', 'is_elsewhere') }} as fx_amount,
        min(fx_reason) as fx_reason
    from own_gains
    where party <> ''
    group by tenant_id, vehicle_id, quarter
),

-- A vehicle whose value is the sum of its investors' gained what they gained.
gains as materialized (
    select
        g.tenant_id,
        g.vehicle_id,
        g.party,
        g.quarter,
        case when i.is_elsewhere then g.plain_amount - i.fx_amount else g.gain_amount end as gain_amount,
        case when i.is_elsewhere then i.fx_reason else g.fx_reason end as fx_reason
    from own_gains as g
    left join of_investors as i
        on
            g.party = ''
            and g.tenant_id = i.tenant_id
            and g.vehicle_id = i.vehicle_id
            and g.quarter = i.quarter
            and g.nav_amount = i.nav_amount
),

history as materialized (
    select
        tenant_id,
        vehicle_id,
        investor_id as party,
        as_of,
        known_from,
        nav_amount,
        nav_status
    from {{ versions_of(ref('fct_investor_performance')) }}
    {{ for_tenants() }}
    union all
    select
        tenant_id,
        vehicle_id,
        '',
        as_of,
        known_from,
        nav_amount,
        nav_status
    from {{ versions_of(ref('fct_vehicle_performance')) }}
    {{ for_tenants() }}
),

closings_first_known as materialized (
    select
        tenant_id,
        vehicle_id,
        party,
        {{ quarter_end('as_of') }} as quarter,
        min(known_from) as first_known_at
    from history
    group by tenant_id, vehicle_id, party, {{ quarter_end('as_of') }}
),

-- What was said of the opening before anything was said of the quarter; where both came at once, what was said first.
openings_published as materialized (
    select distinct on (s.tenant_id, s.vehicle_id, s.party, s.quarter)
        s.tenant_id,
        s.vehicle_id,
        s.party,
        s.quarter,
        h.nav_amount,
        h.nav_status,
        h.known_from
    from spans as s
    inner join history as h
        on s.tenant_id = h.tenant_id and s.vehicle_id = h.vehicle_id and s.party = h.party and s.opening_on = h.as_of
    inner join closings_first_known as f
        on s.tenant_id = f.tenant_id and s.vehicle_id = f.vehicle_id and s.party = f.party and s.quarter = f.quarter
    order by
        s.tenant_id asc,
        s.vehicle_id asc,
        s.party asc,
        s.quarter asc,
        h.known_from < f.first_known_at desc,
        case when h.known_from < f.first_known_at then h.known_from end desc,
        h.known_from asc
),

bridged as materialized (
    select
        s.*,
        p.known_from as opening_published_at,
        coalesce(p.nav_status, s.opening_status) as published_status,
        coalesce(p.nav_status = s.opening_status, true) as is_same_method,
        coalesce(p.nav_amount, s.known_opening_amount) as opening_amount,
        s.known_opening_amount - coalesce(p.nav_amount, s.known_opening_amount) as revised_amount,
        g.gain_amount,
        coalesce(s.fx_reason, g.fx_reason) as any_fx_reason
    from spans as s
    inner join gains as g
        on s.tenant_id = g.tenant_id and s.vehicle_id = g.vehicle_id and s.party = g.party and s.quarter = g.quarter
    left join openings_published as p
        on s.tenant_id = p.tenant_id and s.vehicle_id = p.vehicle_id and s.party = p.party and s.quarter = p.quarter
),

-- The same flows in the tenant's currency, each at the rate of its own day.
flows as materialized (
    select
        f.tenant_id,
        f.vehicle_id,
        f.investor_id,
        {{ quarter_end('f.effective_on') }} as quarter,
        f.kind,
        f.is_performance_flow,
        f.is_account_charge,
        {{ converted('f.amount', 'tenant_rate') }} as tenant_amount,
        tenant_rate.reason as fx_reason
    from {{ ref('int_portfolio__flows_converted') }} as f
    inner join tenants as t on f.tenant_id = t.tenant_id
    {{ fx_join('tenant_rate', 'f.currency_code', 't.currency_code', 'f.effective_on') }}
    where (f.is_performance_flow or f.is_account_charge) and f.vehicle_currency_code <> t.currency_code
        {{ for_tenants('and', 'f.tenant_id') }}
),

moved as materialized (
    select
        f.tenant_id,
        f.vehicle_id,
        scope.party,
        f.quarter,
        {{ sum_or_null('f.tenant_amount', "f.kind = 'contribution'") }} as contributions_amount,
        {{ sum_or_null('f.tenant_amount', "f.kind = 'distribution'") }} as distributions_amount,
        {{ sum_or_null('f.tenant_amount', 'f.is_account_charge') }} as charged_amount,
        min(f.fx_reason) as fx_reason
    from flows as f
    cross join lateral (values ('', true), (f.investor_id, f.investor_id is not null)) as scope (party, is_there)
    where scope.is_there
    group by f.tenant_id, f.vehicle_id, scope.party, f.quarter
),

in_tenant_currency as materialized (
    select
        b.tenant_id,
        b.vehicle_id,
        b.investor_id,
        b.quarter,
        b.vehicle_name,
        b.opening_on,
        b.as_of as closing_on,
        b.is_quarter_end,
        b.opening_published_at,
        b.published_status,
        b.is_same_method,
        b.nav_status,
        t.currency_code,
        {{ zero_or_converted('b.opening_amount', 'opening_rate') }} as opening_amount,
        {{ zero_or_converted('b.revised_amount', 'opening_rate') }} as revised_amount,
        {{ known_or_zero('m.tenant_id', 'm.contributions_amount') }} as contributions_amount,
        {{ known_or_zero('m.tenant_id', 'm.distributions_amount') }} as distributions_amount,
        {{ known_or_zero('m.tenant_id', 'm.charged_amount') }} as fees_amount,
        {{ zero_or_converted('b.gain_amount', 'closing_rate') }} as gain_amount,
        {{ zero_or_converted('b.nav_amount', 'closing_rate') }} as closing_amount,
        coalesce(b.any_fx_reason, m.fx_reason, closing_rate.reason, opening_rate.reason) as fx_reason
    from bridged as b
    inner join tenants as t on b.tenant_id = t.tenant_id and b.currency_code <> t.currency_code
    left join moved as m on b.tenant_id = m.tenant_id and b.vehicle_id = m.vehicle_id and b.party = m.party and b.quarter = m.quarter
    {{ fx_join('closing_rate', 'b.currency_code', 't.currency_code', 'b.as_of') }}
    {{ fx_join('opening_rate', 'b.currency_code', 't.currency_code', 'coalesce(b.opening_on, b.as_of)') }}
),

both_currencies as (
    select
        tenant_id,
        vehicle_id,
        investor_id,
        quarter,
        currency_code,
        'vehicle' as currency_basis,
        vehicle_name,
        opening_on,
        as_of as closing_on,
        is_quarter_end,
        opening_published_at,
        published_status,
        is_same_method,
        nav_status,
        opening_amount,
        revised_amount,
        contributions_amount,
        distributions_amount,
        charged_amount as fees_amount,
        gain_amount,
        nav_amount as closing_amount,
        any_fx_reason as fx_reason
    from bridged
    union all
    select
        tenant_id,
        vehicle_id,
        investor_id,
        quarter,
        currency_code,
        'tenant',
        vehicle_name,
        opening_on,
        closing_on,
        is_quarter_end,
        opening_published_at,
        published_status,
        is_same_method,
        nav_status,
        opening_amount,
        revised_amount,
        contributions_amount,
        distributions_amount,
        fees_amount,
        gain_amount,
        closing_amount,
        fx_reason
    from in_tenant_currency
)

select
    tenant_id,
    vehicle_id,
    investor_id,
    quarter,
    currency_code,
    currency_basis,
    vehicle_name,
    opening_on,
    closing_on,
    is_quarter_end as is_complete,
    opening_amount,
    case when is_same_method then revised_amount else 0 end as late_corrections_amount,
    case when is_same_method then 0 else revised_amount end as method_amount,
    contributions_amount,
    distributions_amount,
    fees_amount,
    closing_amount - opening_amount - revised_amount - contributions_amount + distributions_amount + fees_amount - gain_amount as fx_amount,
    gain_amount,
    closing_amount,
    opening_published_at,
    published_status as opening_nav_status,
    nav_status as closing_nav_status,
    case when fx_reason is null then 'ok' else 'missing_rate' end as fx_status,
    fx_reason
from both_currencies
