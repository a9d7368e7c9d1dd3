{{ config(
    unique_key=['tenant_id', 'vehicle_id', 'investor_id', 'period_end', 'method', 'basis'],
    meta={'audience': ['gp', 'lp'], 'indexes': [['tenant_id', 'investor_id', 'period_end']]}
) }}

-- Net figures are the same by both methods, and without the line there is no figure where no line is known: each rate is found once.
with periods as materialized (
    select * from {{ ref('int_ilpa__periods') }}
    where has_allocations {{ for_tenants('and') }}
),

holders as materialized (
    select * from {{ ref('int_ilpa__holders') }}
    {{ for_tenants() }}
),

-- Every reader of a vehicle has the same flows: those of one.
one_reader as materialized (
    select
        tenant_id,
        vehicle_id,
        min(investor_id) as investor_id
    from holders
    group by tenant_id, vehicle_id
),

flows as materialized (
    select f.*
    from {{ ref('fct_ilpa_cash_flows') }} as f
    inner join one_reader as one on f.tenant_id = one.tenant_id and f.vehicle_id = one.vehicle_id and f.investor_id = one.investor_id
    {{ for_tenants('where', 'f.tenant_id') }}
),

-- What is left at the end, net and gross of carried interest: the ending NAVs of the Reporting Template.
left_over as materialized (
    select
        n.tenant_id,
        n.vehicle_id,
        n.period_end,
        {{ strict_sum('n.investor_itd_amount', "n.line = 'ending_nav_net'") }} as net_amount,
        {{ strict_sum('n.investor_itd_amount', "n.line = 'ending_nav_gross'") }} as gross_amount
    from {{ ref('fct_ilpa_nav_reconciliation') }} as n
    inner join holders as h
        on n.tenant_id = h.tenant_id and n.vehicle_id = h.vehicle_id and n.investor_id = h.investor_id and not h.is_affiliated
    where n.line in ('ending_nav_net', 'ending_nav_gross') {{ for_tenants('and', 'n.tenant_id') }}
    group by n.tenant_id, n.vehicle_id, n.period_end
),

facilities as materialized (
    select
        tenant_id,
        vehicle_id,
        min(effective_on) as known_from
    from flows
    where is_in_net_with_facility <> is_in_net_without_facility
    group by tenant_id, vehicle_id
),

published_bases as materialized (
    select
        p.tenant_id,
        p.vehicle_id,
        p.period_end,
        m.method,
        b.basis,
        case when b.is_net_basis then 'granular' else m.method end as computed_method,
        b.is_with_basis or coalesce(f.known_from <= p.period_end, false) as is_computed,
        case when b.is_net_basis then l.net_amount else l.gross_amount end as nav_amount
    from periods as p
    cross join lateral (values ('granular'), ('gross_up')) as m (method)
    cross join lateral (
        values ('net_with_facility', true, true), ('net_without_facility', true, false), ('gross_with_facility', false, true),
        ('gross_without_facility', false, false)
    ) as b (basis, is_net_basis, is_with_basis)
    left join left_over as l on p.tenant_id = l.tenant_id and p.vehicle_id = l.vehicle_id and p.period_end = l.period_end
    left join facilities as f on p.tenant_id = f.tenant_id and p.vehicle_id = f.vehicle_id
),

bases as materialized (
    select
        tenant_id,
        vehicle_id,
        period_end,
        method,
        basis,
        nav_amount
    from published_bases
    where is_computed and method = computed_method
),

series as materialized (
    select
        b.tenant_id,
        b.vehicle_id,
        b.period_end,
        b.method,
        b.basis,
        f.amount,
        f.counted_on as on_date,
        f.is_paid_in,
        f.transaction_type like 'gross\_up\_%' as is_grossed_up
    from bases as b
    inner join flows as f
        on
            b.tenant_id = f.tenant_id and b.vehicle_id = f.vehicle_id and b.method = f.method and b.period_end >= f.effective_on
            and case b.basis
                when 'net_with_facility' then f.is_in_net_with_facility
                when 'net_without_facility' then f.is_in_net_without_facility
                when 'gross_with_facility' then f.is_in_gross_with_facility
                else f.is_in_gross_without_facility
            end
),

valued_series as materialized (
    select
        tenant_id,
        vehicle_id,
        period_end,
        method,
        basis,
        amount,
        on_date
    from series
    union all
    select
        tenant_id,
        vehicle_id,
        period_end,
        method,
        basis,
        nav_amount,
        period_end as on_date
    from bases
),

rates as materialized (
    select
        tenant_id,
        vehicle_id,
        period_end,
        method,
        basis,
        finance.xirr_detail(amount, on_date order by on_date, amount) as detail
    from valued_series
    group by tenant_id, vehicle_id, period_end, method, basis
),

-- Charges that are grossed up were paid from the calls of their quarter as far as these reach, the rest from what investors would
-- have got: so each is taken off the one or added to the other.
quarters as materialized (
    select
        tenant_id,
        vehicle_id,
        period_end,
        method,
        basis,
        {{ strict_sum('-amount', 'is_paid_in and not is_grossed_up') }} as called_amount,
        {{ strict_sum('amount', 'is_paid_in and is_grossed_up') }} as charged_amount,
        {{ strict_sum('amount', 'not is_paid_in') }} as returned_amount
    from series
    group by tenant_id, vehicle_id, period_end, method, basis, date_trunc('quarter', on_date::timestamp)
),

multiples as materialized (
    select
        tenant_id,
        vehicle_id,
        period_end,
        method,
        basis,
        {{ strict_sum('called_amount - ' ~ charged_to_calls('called_amount', 'charged_amount')) }} as paid_amount,
        {{ strict_sum('returned_amount + charged_amount - ' ~ charged_to_calls('called_amount', 'charged_amount')) }} as returned_amount
    from quarters
    group by tenant_id, vehicle_id, period_end, method, basis
)

select
    b.tenant_id,
    b.vehicle_id,
    h.investor_id,
    b.period_end,
    b.method,
    b.basis,
    p.vehicle_name,
    b.nav_amount,
    (r.detail).irr as irr,
    case
        when not b.is_computed then 'no_facility_flows'
        when b.nav_amount is null then 'missing_nav'
        else coalesce((r.detail).irr_status, 'missing_rate')
    end as irr_status,
    (r.detail).is_annualized as is_annualized,
    {{ ratio('m.returned_amount + b.nav_amount', 'm.paid_amount') }} as multiple,
    p.currency_code
from published_bases as b
left join rates as r
    on
        b.tenant_id = r.tenant_id and b.vehicle_id = r.vehicle_id and b.period_end = r.period_end
        and b.computed_method = r.method and b.basis = r.basis
left join multiples as m
    on
        b.tenant_id = m.tenant_id and b.vehicle_id = m.vehicle_id and b.period_end = m.period_end
        and b.computed_method = m.method and b.basis = m.basis
inner join periods as p on b.tenant_id = p.tenant_id and b.vehicle_id = p.vehicle_id and b.period_end = p.period_end
inner join holders as h on b.tenant_id = h.tenant_id and b.vehicle_id = h.vehicle_id
