-- What each investor has promised, paid, received and holds in a vehicle, at each of the vehicle's dates.
with as_ofs as (
    select * from {{ ref('int_portfolio__as_of_dates_spanned') }}
),

-- Who has a position: a promise that binds or was cancelled after money moved, a flow, or a value.
holders as (
    select
        h.tenant_id,
        h.vehicle_id,
        h.investor_id,
        min(h.known_on) as first_known_on
    from (
        select
            tenant_id,
            vehicle_id,
            investor_id,
            null::date as known_on
        from {{ ref('stg_capstan__commitments') }}
        where status in ('signed', 'funded') and amount <> 0
        union all
        select
            tenant_id,
            vehicle_id,
            investor_id,
            effective_on
        from {{ ref('int_portfolio__flows_converted') }}
        where is_performance_flow and investor_id is not null
        union all
        select
            tenant_id,
            vehicle_id,
            investor_id,
            as_of
        from {{ ref('stg_capstan__valuations') }}
        where investor_id is not null
    ) as h
    group by h.tenant_id, h.vehicle_id, h.investor_id
),

-- Everything known is counted at the latest date; before it, what was signed by then.
promised as (
    select
        a.tenant_id,
        a.vehicle_id,
        c.investor_id,
        a.as_of,
        {{ sum_or_null('c.vehicle_amount', "c.status in ('signed', 'funded')") }} as commitment_amount,
        {{ sum_or_null('c.vehicle_amount', "c.status = 'cancelled'") }} as cancelled_amount,
        min(c.fx_reason) as fx_reason
    from {{ ref('int_portfolio__as_of_dates_spanned') }} as a
    inner join {{ ref('int_commitments__amounts_converted') }} as c
        on
            a.tenant_id = c.tenant_id
            and a.vehicle_id = c.vehicle_id
            and (a.is_latest or c.signed_on is null or a.as_of >= c.signed_on)
    where c.status in ('signed', 'funded', 'cancelled')
    group by a.tenant_id, a.vehicle_id, c.investor_id, a.as_of
),

moved as (
    select
        a.tenant_id,
        a.vehicle_id,
        f.investor_id,
        a.as_of,
        count(*) filter (where f.is_performance_flow) as flows,
        {{ sum_or_null('f.vehicle_amount', "f.kind = 'contribution'") }} as contributed_amount,
        {{ sum_or_null('f.vehicle_amount', 'f.is_within_commitment') }} as called_amount,
        {{ sum_or_null('f.vehicle_amount', "f.kind = 'distribution'") }} as distributed_amount,
        {{ sum_or_null('f.vehicle_amount', 'f.is_recallable') }} as recallable_amount,
        {{ sum_or_null('f.vehicle_amount', 'f.is_account_charge') }} as charged_amount,
        min(f.fx_reason) as fx_reason
    from {{ ref('int_portfolio__as_of_dates_spanned') }} as a
    inner join {{ ref('int_portfolio__flows_converted') }} as f
        on a.tenant_id = f.tenant_id and a.vehicle_id = f.vehicle_id and a.as_of >= f.effective_on
    where f.investor_id is not null and (f.is_performance_flow or f.is_account_charge)
    group by a.tenant_id, a.vehicle_id, f.investor_id, a.as_of
),

joined as (
    select
        a.tenant_id,
        a.vehicle_id,
        h.investor_id,
        a.as_of,
        a.vehicle_name,
        a.vehicle_kind,
        a.vintage_year,
        a.strategy,
        a.currency_code,
        a.benchmark_code,
        a.is_latest,
        a.is_quarter_end,
        h.first_known_on,
        coalesce(m.flows, 0) as flows,
        {{ known_or_zero('p.tenant_id', 'p.commitment_amount') }} as commitment_amount,
        {{ known_or_zero('p.tenant_id', 'p.cancelled_amount') }} as cancelled_amount,
        {{ known_or_zero('m.tenant_id', 'm.contributed_amount') }} as contributed_amount,
        {{ known_or_zero('m.tenant_id', 'm.called_amount') }} as called_amount,
        {{ known_or_zero('m.tenant_id', 'm.distributed_amount') }} as distributed_amount,
        {{ known_or_zero('m.tenant_id', 'm.recallable_amount') }} as recallable_amount,
        {{ known_or_zero('m.tenant_id', 'm.charged_amount') }} as charged_amount,
        n.as_of as nav_as_of,
        {{ converted('n.nav_amount', 'nav_rate') }} as valued_amount,
        n.net_paid_in_amount as net_paid_in_when_valued,
        coalesce(p.fx_reason, m.fx_reason, nav_rate.reason) as fx_reason,
        coalesce(a.closed_from <= a.as_of and (n.as_of is null or n.as_of <= a.closed_from), false) as is_closed
    from as_ofs as a
    inner join holders as h on a.tenant_id = h.tenant_id and a.vehicle_id = h.vehicle_id
    left join promised as p
        on a.tenant_id = p.tenant_id and a.vehicle_id = p.vehicle_id and h.investor_id = p.investor_id and a.as_of = p.as_of
    left join moved as m
        on a.tenant_id = m.tenant_id and a.vehicle_id = m.vehicle_id and h.investor_id = m.investor_id and a.as_of = m.as_of
    left join {{ ref('int_portfolio__valuations_spanned') }} as n
        on
            a.tenant_id = n.tenant_id
            and a.vehicle_id = n.vehicle_id
            and h.investor_id = n.investor_id
            and n.holding_id is null
            and a.as_of between n.as_of and n.newest_until
    {{ fx_join('nav_rate', 'n.currency_code', 'a.currency_code', 'a.as_of') }}
),

rolled as (
    select
        joined.*,
        valued_amount + (contributed_amount - distributed_amount) - net_paid_in_when_valued as rolled_amount
    from joined
)

select
    tenant_id,
    vehicle_id,
    investor_id,
    as_of,
    vehicle_name,
    vehicle_kind,
    vintage_year,
    strategy,
    currency_code,
    benchmark_code,
    is_latest,
    is_quarter_end,
    first_known_on,
    flows,
    commitment_amount,
    contributed_amount,
    called_amount,
    distributed_amount,
    recallable_amount,
    charged_amount,
    {{ released_of('cancelled_amount', 'commitment_amount + cancelled_amount - called_amount + recallable_amount') }} as released_amount,
    cancelled_amount,
    commitment_amount = 0 and cancelled_amount = 0 as is_uncommitted,
    {{ nav_amount('is_closed', 'nav_as_of', 'as_of', 'valued_amount', 'rolled_amount') }} as nav_amount,
    {{ nav_status('is_closed', 'nav_as_of', 'as_of', 'valued_amount', 'rolled_amount') }} as nav_status,
    case when is_closed then null else nav_as_of end as nav_as_of,
    case when is_closed then null else as_of - nav_as_of end as nav_age_days,
    fx_reason
from rolled
