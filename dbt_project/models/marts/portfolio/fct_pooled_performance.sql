{{ config(unique_key=['tenant_id', 'pool_id', 'as_of']) }}

with members as materialized (
    select * from {{ ref('int_portfolio__pool_members') }}
    {{ for_tenants() }}
),

flows as materialized (
    select * from {{ ref('int_portfolio__member_flows') }}
    {{ for_tenants() }}
),

vehicles as materialized (
    select * from {{ ref('fct_vehicle_performance') }}
    where (irr_status is distinct from 'no_flows' or nav_amount <> 0) {{ for_tenants('and') }}
),

holdings as materialized (
    select * from {{ ref('fct_holding_performance') }}
    where (flows > 0 or nav_status <> 'missing') {{ for_tenants('and') }}
),

-- Each member's figures with the days they are the newest for: after a member's latest date nothing of it is known to have moved.
standings as materialized (
    select
        tenant_id,
        'net' as basis,
        vehicle_id as member_id,
        as_of,
        coalesce(lead(as_of) over (partition by tenant_id, vehicle_id order by as_of) - 1, date '9999-12-31') as newest_until,
        is_quarter_end,
        currency_code,
        commitment_amount,
        unfunded_amount,
        nav_amount,
        nav_status,
        fx_reason,
        case when is_annualized then irr end as irr,
        tvpi,
        dpi
    from vehicles
    union all
    select
        tenant_id,
        'gross',
        holding_id,
        as_of,
        coalesce(lead(as_of) over (partition by tenant_id, holding_id order by as_of) - 1, date '9999-12-31'),
        is_quarter_end,
        currency_code,
        0,
        0,
        nav_amount,
        nav_status,
        fx_reason,
        null,
        null,
        null
    from holdings
),

known_dates as materialized (
    select
        m.tenant_id,
        m.pool_id,
        m.pool_by,
        m.pool_value,
        m.currency_code,
        s.as_of,
        s.is_quarter_end,
        max(s.as_of) over (partition by m.tenant_id, m.pool_id) as latest_on
    from members as m
    inner join standings as s on m.tenant_id = s.tenant_id and m.basis = s.basis and m.member_id = s.member_id
    where m.basis = 'net' or m.pool_by = 'sector'
),

dates as materialized (
    select distinct
        tenant_id,
        pool_id,
        pool_by,
        pool_value,
        currency_code,
        as_of,
        is_quarter_end,
        as_of = latest_on as is_latest
    from known_dates
    where is_quarter_end or as_of = latest_on
),

-- One rate a pair of currencies and date.
rates as materialized (
    select
        pair.tenant_id,
        pair.from_code,
        pair.to_code,
        pair.as_of,
        rate_now.numerator,
        rate_now.divisor,
        rate_now.reason
    from (
        select distinct
            m.tenant_id,
            s.currency_code as from_code,
            m.currency_code as to_code,
            d.as_of
        from members as m
        inner join standings as s on m.tenant_id = s.tenant_id and m.basis = s.basis and m.member_id = s.member_id
        inner join dates as d on m.tenant_id = d.tenant_id and m.pool_id = d.pool_id
    ) as pair
    {{ fx_join('rate_now', 'pair.from_code', 'pair.to_code', 'pair.as_of') }}
),

positions as materialized (
    select
        d.tenant_id,
        d.pool_id,
        d.as_of,
        m.basis,
        m.member_id,
        {{ converted('s.commitment_amount', 'r') }} as commitment_amount,
        {{ converted('s.unfunded_amount', 'r') }} as unfunded_amount,
        {{ zero_or_converted('s.nav_amount', 'r') }} as nav_amount,
        case when s.nav_status = 'reported' and s.as_of < d.as_of then 'rolled' else s.nav_status end as nav_status,
        s.irr,
        s.tvpi,
        s.dpi,
        coalesce(s.fx_reason, r.reason) as fx_reason
    from dates as d
    inner join members as m on d.tenant_id = m.tenant_id and d.pool_id = m.pool_id
    inner join standings as s
        on
            m.tenant_id = s.tenant_id
            and m.basis = s.basis
            and m.member_id = s.member_id
            and d.as_of between s.as_of and s.newest_until
    inner join rates as r
        on d.tenant_id = r.tenant_id and s.currency_code = r.from_code and m.currency_code = r.to_code and d.as_of = r.as_of
),

held as materialized (
    select
        tenant_id,
        pool_id,
        as_of,
        basis,
        count(*)::integer as members,
        {{ sum_or_null('commitment_amount', 'true') }} as commitment_amount,
        {{ sum_or_null('unfunded_amount', 'true') }} as unfunded_amount,
        {{ sum_or_null('nav_amount', 'true') }} as nav_amount,
        case min(case nav_status when 'missing' then 1 when 'refused' then 2 when 'rolled' then 3 when 'reported' then 4 else 5 end)
            when 1 then 'missing' when 2 then 'refused' when 3 then 'rolled' when 4 then 'reported' else 'closed'
        end as nav_status,
        count(irr)::integer as members_with_irr,
        avg(irr order by member_id) as mean_irr,
        percentile_cont(array[0.25, 0.5, 0.75]) within group (order by irr) as irr_at,
        count(tvpi)::integer as members_with_tvpi,
        avg(tvpi order by member_id) as mean_tvpi,
        percentile_cont(array[0.25, 0.5, 0.75]) within group (order by tvpi) as tvpi_at,
        count(dpi)::integer as members_with_dpi,
        percentile_cont(array[0.25, 0.5, 0.75]) within group (order by dpi) as dpi_at,
        min(fx_reason) as fx_reason
    from positions
    group by tenant_id, pool_id, as_of, basis
),

-- A pool pays and receives once a day and side.
daily as materialized (
    select
        m.tenant_id,
        m.pool_id,
        m.basis,
        f.effective_on,
        {{ sum_or_null('f.amount', 'f.is_paid_in') }} as paid_in_amount,
        {{ sum_or_null('f.amount', 'not f.is_paid_in') }} as paid_out_amount,
        min(f.fx_reason) as fx_reason
    from members as m
    inner join flows as f
        on m.tenant_id = f.tenant_id and m.basis = f.basis and m.member_id = f.member_id and m.currency_code = f.currency_code
    group by m.tenant_id, m.pool_id, m.basis, f.effective_on
),

moved as materialized (
    select
        d.tenant_id,
        d.pool_id,
        d.as_of,
        f.basis,
        {{ sum_or_null('f.paid_in_amount', 'true') }} as paid_in_amount,
        {{ sum_or_null('f.paid_out_amount', 'true') }} as paid_out_amount,
        min(f.fx_reason) as fx_reason
    from dates as d
    inner join daily as f on d.tenant_id = f.tenant_id and d.pool_id = f.pool_id and d.as_of >= f.effective_on
    group by d.tenant_id, d.pool_id, d.as_of, f.basis
),

series as materialized (
    select
        h.tenant_id,
        h.pool_id,
        h.as_of,
        h.basis,
        f.paid_out_amount - f.paid_in_amount as amount,
        f.effective_on as on_date
    from held as h
    inner join daily as f
        on h.tenant_id = f.tenant_id and h.pool_id = f.pool_id and h.basis = f.basis and h.as_of >= f.effective_on
    where h.nav_amount is not null
    union all
    select
        tenant_id,
        pool_id,
        as_of,
        basis,
        nav_amount,
        as_of as on_date
    from held
    where nav_amount is not null
),

returns as materialized (
    select
        tenant_id,
        pool_id,
        as_of,
        basis,
        finance.xirr_detail(amount, on_date order by on_date, amount) as irr_detail
    from series
    group by tenant_id, pool_id, as_of, basis
),

net_members as materialized (
    select
        tenant_id,
        pool_id,
        member_id as vehicle_id,
        currency_code
    from members
    where basis = 'net'
),

net_held as materialized (
    select
        tenant_id,
        pool_id,
        as_of,
        nav_amount
    from held
    where basis = 'net'
),

{{ unlevered_flows('net_members', ['tenant_id', 'pool_id']) }},

{{ without_facility('net_held', ['tenant_id', 'pool_id'], flows='unlevered_flows') }},

pooled as materialized (
    select
        h.*,
        {{ known_or_zero('m.tenant_id', 'm.paid_in_amount') }} as contributed_amount,
        {{ known_or_zero('m.tenant_id', 'm.paid_out_amount') }} as distributed_amount,
        coalesce(h.fx_reason, m.fx_reason) as any_fx_reason,
        r.irr_detail
    from held as h
    left join moved as m on h.tenant_id = m.tenant_id and h.pool_id = m.pool_id and h.as_of = m.as_of and h.basis = m.basis
    left join returns as r on h.tenant_id = r.tenant_id and h.pool_id = r.pool_id and h.as_of = r.as_of and h.basis = r.basis
)

select
    d.tenant_id,
    d.pool_id,
    d.as_of,
    d.pool_by,
    d.pool_value,
    d.is_latest,
    d.is_quarter_end,
    n.members as vehicles,
    n.commitment_amount,
    n.contributed_amount,
    n.distributed_amount,
    n.nav_amount,
    n.nav_status,
    n.unfunded_amount,
    case
        when n.tenant_id is null then null
        when n.unfunded_amount is not null then 'ok'
        when n.any_fx_reason is not null then 'missing_rate'
        else 'no_commitment'
    end as unfunded_status,
    {{ multiples('n') }},
    (n.irr_detail).irr as irr,
    case when d.pool_by = 'sector' then 'gross_only' else (n.irr_detail).irr_status end as irr_status,
    (n.irr_detail).is_annualized as is_annualized,
    (n.irr_detail).period_return as period_return,
    {{ without_facility_columns('w', 'wr', "case d.pool_by when 'sector' then 'gross_only' else 'no_facility_flows' end") }},
    n.members_with_irr,
    n.mean_irr,
    n.irr_at[2] as median_irr,
    n.mean_tvpi,
    n.tvpi_at[2] as median_tvpi,
    case
        when d.pool_by <> 'peers' then 'not_peers'
        when n.members < {{ var('quartile_min_members') }} then 'too_few_members'
        else 'ok'
    end as quartile_status,
    {%- for measure in ('irr', 'tvpi', 'dpi') %}
    case when d.pool_by = 'peers' and n.members_with_{{ measure }} >= {{ var('quartile_min_members') }} then n.{{ measure }}_at[1] end as {{ measure }}_p25,
    case when d.pool_by = 'peers' and n.members_with_{{ measure }} >= {{ var('quartile_min_members') }} then n.{{ measure }}_at[2] end as {{ measure }}_p50,
    case when d.pool_by = 'peers' and n.members_with_{{ measure }} >= {{ var('quartile_min_members') }} then n.{{ measure }}_at[3] end as {{ measure }}_p75,
    {%- endfor %}
    coalesce(g.members, 0) as holdings,
    g.contributed_amount as invested_amount,
    g.distributed_amount as proceeds_amount,
    g.nav_amount as holdings_nav_amount,
    (g.irr_detail).irr as gross_irr,
    (g.irr_detail).irr_status as gross_irr_status,
    {{ ratio('g.distributed_amount + g.nav_amount', 'g.contributed_amount') }} as gross_moic,
    d.currency_code,
    case when coalesce(n.any_fx_reason, g.any_fx_reason, w.fx_reason) is null then 'ok' else 'missing_rate' end as fx_status,
    coalesce(n.any_fx_reason, g.any_fx_reason, w.fx_reason) as fx_reason
from dates as d
left join pooled as n on d.tenant_id = n.tenant_id and d.pool_id = n.pool_id and d.as_of = n.as_of and n.basis = 'net'
left join pooled as g on d.tenant_id = g.tenant_id and d.pool_id = g.pool_id and d.as_of = g.as_of and g.basis = 'gross'
left join facility as w on d.tenant_id = w.tenant_id and d.pool_id = w.pool_id and d.as_of = w.as_of
left join facility_returns as wr on d.tenant_id = wr.tenant_id and d.pool_id = wr.pool_id and d.as_of = wr.as_of
