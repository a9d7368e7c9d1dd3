{{ config(
    unique_key=['tenant_id', 'vehicle_id', 'investor_id', 'period_end', 'method', 'basis'],
    meta={'audience': ['gp', 'lp'], 'indexes': [['tenant_id', 'investor_id', 'period_end']]}
) }}

with {{ ilpa_imports('A.1', has_allocations=true) }},

{{ ilpa_worth() }},

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

-- What is left at the end, net and gross of carried interest.
carried as materialized (
    select
        s.tenant_id,
        s.vehicle_id,
        s.investor_id,
        s.period_end,
        {{ strict_sum('r.factor * s.itd') }} as carry_amount
    from spans as s
    inner join members as r on s.part = r.part and r.line = 'carry_end'
    group by s.tenant_id, s.vehicle_id, s.investor_id, s.period_end
),

left_over as materialized (
    select
        p.tenant_id,
        p.vehicle_id,
        p.period_end,
        {{ strict_sum('w.value_amount') }} as net_amount,
        {{ strict_sum('w.value_amount - ' ~ known_or_zero('c.tenant_id', 'c.carry_amount')) }} as gross_amount
    from periods as p
    inner join holders as h on p.tenant_id = h.tenant_id and p.vehicle_id = h.vehicle_id and not h.is_affiliated
    inner join worth as w
        on
            h.tenant_id = w.tenant_id and h.vehicle_id = w.vehicle_id and h.investor_id = w.investor_id
            and p.period_end = w.on_date
    left join carried as c
        on
            h.tenant_id = c.tenant_id and h.vehicle_id = c.vehicle_id and h.investor_id = c.investor_id
            and p.period_end = c.period_end
    group by p.tenant_id, p.vehicle_id, p.period_end
),

bases as materialized (
    select
        p.tenant_id,
        p.vehicle_id,
        p.period_end,
        m.method,
        b.basis,
        b.is_net_basis,
        b.is_with_basis,
        case when b.is_net_basis then l.net_amount else l.gross_amount end as nav_amount
    from periods as p
    cross join lateral (values ('granular'), ('gross_up')) as m (method)
    cross join lateral (
        values ('net_with_facility', true, true), ('net_without_facility', true, false), ('gross_with_facility', false, true),
        ('gross_without_facility', false, false)
    ) as b (basis, is_net_basis, is_with_basis)
    left join left_over as l on p.tenant_id = l.tenant_id and p.vehicle_id = l.vehicle_id and p.period_end = l.period_end
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
        f.transaction_type like 'gross\_up\_%' as is_grossed_up,
        f.is_in_net_with_facility <> f.is_in_net_without_facility as is_of_facility
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
        on_date,
        is_of_facility
    from series
    union all
    select
        tenant_id,
        vehicle_id,
        period_end,
        method,
        basis,
        nav_amount,
        period_end as on_date,
        false
    from bases
),

rates as materialized (
    select
        tenant_id,
        vehicle_id,
        period_end,
        method,
        basis,
        finance.xirr_detail(amount, on_date order by on_date, amount) as detail,
        bool_or(is_of_facility) as has_facility
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
),

known as materialized (
    select
        r.*,
        m.paid_amount,
        m.returned_amount,
        bool_or(r.has_facility) over (partition by r.tenant_id, r.vehicle_id, r.period_end) as is_facility_known
    from rates as r
    left join multiples as m
        on
            r.tenant_id = m.tenant_id and r.vehicle_id = m.vehicle_id and r.period_end = m.period_end and r.method = m.method
            and r.basis = m.basis
)

select
    k.tenant_id,
    k.vehicle_id,
    h.investor_id,
    k.period_end,
    k.method,
    k.basis,
    p.vehicle_name,
    b.nav_amount,
    case when k.is_facility_known or b.is_with_basis then (k.detail).irr end as irr,
    case
        when not k.is_facility_known and not b.is_with_basis then 'no_facility_flows'
        when b.nav_amount is null then 'missing_nav'
        else (k.detail).irr_status
    end as irr_status,
    (k.detail).is_annualized as is_annualized,
    case when k.is_facility_known or b.is_with_basis then {{ ratio('k.returned_amount + b.nav_amount', 'k.paid_amount') }} end as multiple,
    p.currency_code
from known as k
inner join bases as b
    on
        k.tenant_id = b.tenant_id and k.vehicle_id = b.vehicle_id and k.period_end = b.period_end
        and k.method = b.method and k.basis = b.basis
inner join periods as p on k.tenant_id = p.tenant_id and k.vehicle_id = p.vehicle_id and k.period_end = p.period_end
inner join holders as h on k.tenant_id = h.tenant_id and k.vehicle_id = h.vehicle_id
