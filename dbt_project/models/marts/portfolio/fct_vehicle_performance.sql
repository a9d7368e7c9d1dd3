{{ config(unique_key=['tenant_id', 'vehicle_id', 'as_of']) }}

with positions as materialized (
    select * from {{ ref('int_portfolio__investor_positions') }}
    {{ for_tenants() }}
),

dates as materialized (
    select
        a.*,
        level_now.level::double precision as level_now
    from {{ ref('int_portfolio__as_of_dates_spanned') }} as a
    {{ index_level_join('level_now', 'a.benchmark_code', 'a.as_of') }}
    {{ for_tenants('where', 'a.tenant_id') }}
),

flows as materialized (
    select
        f.*,
        level_then.level::double precision as level_then
    from {{ ref('int_portfolio__flows_measured') }} as f
    {{ index_level_join('level_then', 'f.benchmark_code', 'f.effective_on') }}
    {{ for_tenants('where', 'f.tenant_id') }}
),

own_valuations as materialized (
    select * from {{ ref('int_portfolio__valuations_spanned') }}
    where investor_id is null and holding_id is null {{ for_tenants('and') }}
),

holdings as materialized (
    select * from {{ ref('fct_holding_performance') }}
    {{ for_tenants() }}
),

holding_flows as materialized (
    select * from {{ ref('int_portfolio__flows_converted') }}
    where is_holding_flow {{ for_tenants('and') }}
),

-- Over the investors. One without flow and without value holds nothing yet and does not make the sum unknown.
investors as materialized (
    select
        tenant_id,
        vehicle_id,
        as_of,
        count(*) filter (where commitment_amount <> 0 or flows > 0) as investors,
        {{ sum_or_null('commitment_amount', 'true') }} as commitment_amount,
        {{ sum_or_null('released_amount', 'true') }} as released_amount,
        {{ sum_or_null('cancelled_amount', 'true') }} as cancelled_amount,
        {{ sum_or_null('charged_amount', 'true') }} as fees_amount,
        {{ sum_or_null('nav_amount', "flows > 0 or nav_status <> 'missing'") }} as nav_amount,
        min(nav_as_of) as nav_as_of,
        max(nav_age_days) as nav_age_days,
        case
            when bool_or(nav_status = 'missing' and flows > 0) then 'missing'
            when bool_or(nav_status = 'refused') then 'refused'
            when bool_or(nav_status = 'rolled') then 'rolled'
            when bool_or(nav_status = 'reported') then 'reported'
            when bool_or(nav_status = 'closed') then 'closed'
            else 'missing'
        end as nav_status,
        bool_and(is_uncommitted)
        or bool_or(is_uncommitted and (called_amount <> 0 or recallable_amount <> 0)) as is_uncommitted,
        min(fx_reason) as fx_reason
    from positions
    group by tenant_id, vehicle_id, as_of
),

moved as materialized (
    select
        d.tenant_id,
        d.vehicle_id,
        d.as_of,
        count(*) as flows,
        count(*) filter (where f.investor_id is null) as flows_of_nobody,
        {{ sum_or_null('f.vehicle_amount', "f.kind = 'contribution'") }} as contributed_amount,
        {{ sum_or_null('f.vehicle_amount', 'f.is_within_commitment') }} as called_amount,
        {{ sum_or_null('f.vehicle_amount', "f.kind = 'distribution'") }} as distributed_amount,
        {{ sum_or_null('f.vehicle_amount', 'f.is_recallable') }} as recallable_amount,
        min(f.fx_reason) as fx_reason
    from dates as d
    inner join flows as f on d.tenant_id = f.tenant_id and d.vehicle_id = f.vehicle_id and d.as_of >= f.effective_on
    group by d.tenant_id, d.vehicle_id, d.as_of
),

joined as materialized (
    select
        d.tenant_id,
        d.vehicle_id,
        d.as_of,
        d.vehicle_name,
        d.vehicle_kind,
        d.vintage_year,
        d.strategy,
        d.currency_code,
        d.benchmark_code,
        d.is_latest,
        d.is_quarter_end,
        d.level_now,
        coalesce(i.investors, 0)::integer as investors,
        coalesce(m.flows, 0) as flows,
        coalesce(m.flows_of_nobody, 0) as flows_of_nobody,
        {{ known_or_zero('i.tenant_id', 'i.commitment_amount') }} as commitment_amount,
        {{ known_or_zero('i.tenant_id', 'i.released_amount') }} as released_amount,
        {{ known_or_zero('i.tenant_id', 'i.cancelled_amount') }} as cancelled_amount,
        case when i.tenant_id is null then true else i.is_uncommitted end as is_uncommitted,
        {{ known_or_zero('i.tenant_id', 'i.fees_amount') }} as fees_amount,
        {{ known_or_zero('m.tenant_id', 'm.contributed_amount') }} as contributed_amount,
        {{ known_or_zero('m.tenant_id', 'm.called_amount') }} as called_amount,
        {{ known_or_zero('m.tenant_id', 'm.distributed_amount') }} as distributed_amount,
        {{ known_or_zero('m.tenant_id', 'm.recallable_amount') }} as recallable_amount,
        i.nav_amount as sum_nav_amount,
        coalesce(i.nav_status, 'missing') as sum_nav_status,
        i.nav_as_of as sum_nav_as_of,
        i.nav_age_days as sum_nav_age_days,
        n.as_of as own_nav_as_of,
        {{ converted('n.nav_amount', 'nav_rate') }} as own_valued_amount,
        n.net_paid_in_amount as net_paid_in_when_valued,
        coalesce(d.closed_from <= d.as_of and (n.as_of is null or n.as_of <= d.closed_from), false) as is_closed,
        coalesce(i.fx_reason, m.fx_reason, nav_rate.reason) as fx_reason
    from dates as d
    left join investors as i on d.tenant_id = i.tenant_id and d.vehicle_id = i.vehicle_id and d.as_of = i.as_of
    left join moved as m on d.tenant_id = m.tenant_id and d.vehicle_id = m.vehicle_id and d.as_of = m.as_of
    left join own_valuations as n
        on d.tenant_id = n.tenant_id and d.vehicle_id = n.vehicle_id and d.as_of between n.as_of and n.newest_until
    {{ fx_join('nav_rate', 'n.currency_code', 'd.currency_code', 'd.as_of') }}
),

own as materialized (
    select
        joined.*,
        own_valued_amount + (contributed_amount - distributed_amount) - net_paid_in_when_valued as own_rolled_amount
    from joined
),

-- The investors' values where every one is known and no flow belongs to nobody, else the vehicle's own. Where flows belong to
-- nobody and the vehicle has no value of its own, what they bought is unknown: the investors' sum would leave it out.
chosen as materialized (
    select
        own.*,
        {{ nav_status('is_closed', 'own_nav_as_of', 'as_of', 'own_valued_amount', 'own_rolled_amount') }} as own_nav_status,
        {{ nav_amount('is_closed', 'own_nav_as_of', 'as_of', 'own_valued_amount', 'own_rolled_amount') }} as own_nav_amount,
        {{ nav_amount('is_closed', 'own_nav_as_of', 'as_of', 'own_valued_amount', 'own_rolled_amount') }} is not null
        and (sum_nav_amount is null or sum_nav_status = 'missing' or flows_of_nobody > 0) as is_own
    from own
),

positions_of_vehicle as materialized (
    select
        chosen.*,
        case when is_own then own_nav_amount when sum_nav_status <> 'missing' and flows_of_nobody = 0 then sum_nav_amount end as nav_amount,
        case when is_own then own_nav_status when flows_of_nobody > 0 then 'missing' else sum_nav_status end as nav_status,
        case when is_own and not is_closed then own_nav_as_of when not is_own and flows_of_nobody = 0 then sum_nav_as_of end as nav_as_of,
        case when is_own and not is_closed then as_of - own_nav_as_of when not is_own and flows_of_nobody = 0 then sum_nav_age_days end as nav_age_days
    from chosen
),

-- What all investors paid in on a day is one payment to the rate and to the comparison, what they received another: both sides
-- stay gross, and a call of fifty investors is one number.
daily as materialized (
    select
        tenant_id,
        vehicle_id,
        effective_on,
        benchmark_code,
        level_then,
        {{ sum_or_null('signed_vehicle_amount', 'true') }} as signed_vehicle_amount
    from flows
    group by tenant_id, vehicle_id, effective_on, benchmark_code, level_then, kind
),

series as materialized (
    select
        p.tenant_id,
        p.vehicle_id,
        p.as_of,
        f.signed_vehicle_amount as amount,
        f.effective_on as on_date,
        f.level_then as level,
        false as is_value,
        f.benchmark_code is not null as is_compared
    from positions_of_vehicle as p
    inner join daily as f on p.tenant_id = f.tenant_id and p.vehicle_id = f.vehicle_id and p.as_of >= f.effective_on
    where p.nav_amount is not null
    union all
    select
        tenant_id,
        vehicle_id,
        as_of,
        nav_amount,
        as_of as on_date,
        level_now,
        true,
        benchmark_code is not null
    from positions_of_vehicle
    where nav_amount is not null
),

returns as materialized (
    select
        tenant_id,
        vehicle_id,
        as_of,
        {{ returns_of_series() }}
    from series
    group by tenant_id, vehicle_id, as_of
),

-- Gross: what the vehicle put into its holdings and got out of them, before fees, carry and expenses.
gross as materialized (
    select
        tenant_id,
        vehicle_id,
        as_of,
        {{ sum_or_null('invested_amount', 'true') }} as invested_amount,
        {{ sum_or_null('proceeds_amount', 'true') }} as proceeds_amount,
        {{ sum_or_null('nav_amount', "flows > 0 or nav_status <> 'missing'") }} as nav_amount,
        sum(flows) as flows
    from holdings
    group by tenant_id, vehicle_id, as_of
),

gross_series as materialized (
    select
        g.tenant_id,
        g.vehicle_id,
        g.as_of,
        f.signed_vehicle_amount as amount,
        f.effective_on as on_date
    from gross as g
    inner join holding_flows as f on g.tenant_id = f.tenant_id and g.vehicle_id = f.vehicle_id and g.as_of >= f.effective_on
    where g.nav_amount is not null
    union all
    select
        tenant_id,
        vehicle_id,
        as_of,
        nav_amount,
        as_of as on_date
    from gross
    where nav_amount is not null and flows > 0
),

gross_returns as materialized (
    select
        tenant_id,
        vehicle_id,
        as_of,
        finance.xirr_detail(amount, on_date order by on_date, amount) as irr_detail
    from gross_series
    group by tenant_id, vehicle_id, as_of
),

{{ without_facility('positions_of_vehicle', ['tenant_id', 'vehicle_id']) }}

select
    p.tenant_id,
    p.vehicle_id,
    p.as_of,
    p.vehicle_name,
    p.vehicle_kind,
    p.vintage_year,
    p.strategy,
    p.is_latest,
    p.is_quarter_end,
    p.investors,
    p.commitment_amount,
    p.contributed_amount,
    p.distributed_amount,
    p.recallable_amount,
    p.called_amount,
    p.released_amount,
    p.fees_amount,
    p.nav_amount,
    p.nav_as_of,
    p.nav_status,
    p.nav_age_days,
    case when p.is_own then 'vehicle' when p.nav_amount is not null then 'investors' end as nav_source,
    {{ unfunded('p') }} as unfunded_amount,
    {{ unfunded_status('p') }} as unfunded_status,
    {{ multiples('p') }},
    {{ return_columns('r', 'p.nav_amount', 'p.flows', 'p.benchmark_code') }},
    (gr.irr_detail).irr as gross_irr,
    (gr.irr_detail).irr_status as gross_irr_status,
    {{ ratio('g.proceeds_amount + g.nav_amount', 'g.invested_amount') }} as gross_moic,
    {{ without_facility_columns('w', 'wr') }},
    {{ netted_multiples('p') }},
    p.nav_amount + {{ unfunded('p') }} as total_exposure_amount,
    p.currency_code,
    case when coalesce(p.fx_reason, w.fx_reason) is null then 'ok' else 'missing_rate' end as fx_status,
    coalesce(p.fx_reason, w.fx_reason) as fx_reason
from positions_of_vehicle as p
left join facility as w on p.tenant_id = w.tenant_id and p.vehicle_id = w.vehicle_id and p.as_of = w.as_of
left join facility_returns as wr on p.tenant_id = wr.tenant_id and p.vehicle_id = wr.vehicle_id and p.as_of = wr.as_of
left join returns as r on p.tenant_id = r.tenant_id and p.vehicle_id = r.vehicle_id and p.as_of = r.as_of
left join gross as g on p.tenant_id = g.tenant_id and p.vehicle_id = g.vehicle_id and p.as_of = g.as_of
left join gross_returns as gr on p.tenant_id = gr.tenant_id and p.vehicle_id = gr.vehicle_id and p.as_of = gr.as_of
