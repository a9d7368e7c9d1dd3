{{ config(
    unique_key=['tenant_id', 'vehicle_id', 'investor_id', 'period_end', 'method', 'basis'],
    meta={'audience': ['gp', 'lp'], 'indexes': [['tenant_id', 'investor_id', 'period_end']]}
) }}

with {{ ilpa_imports(has_allocations=true) }},

{{ ilpa_worth() }},

flows as materialized (
    select * from {{ ref('int_ilpa__performance_flows') }}
    {{ for_tenants() }}
),

-- What is left at the end: of the LPs net and gross of carried interest, and of the investments themselves.
carried as materialized (
    select
        s.tenant_id,
        s.vehicle_id,
        s.investor_id,
        s.period_end,
        {{ strict_sum('r.factor * s.itd') }} as carry_amount
    from spans as s
    inner join {{ ref('int_ilpa__row_members') }} as r on s.part = r.part and r.line = 'carry_end'
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

holdings as materialized (
    select
        h.tenant_id,
        h.vehicle_id,
        h.as_of,
        {{ strict_sum('h.nav_amount') }} as nav_amount
    from {{ ref('fct_holding_performance') }} as h
    {{ for_tenants('where', 'h.tenant_id') }}
    group by h.tenant_id, h.vehicle_id, h.as_of
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
        case
            when b.is_net_basis then l.net_amount
            when m.method = 'granular' then l.gross_amount
            else h.nav_amount
        end as nav_amount
    from periods as p
    cross join lateral (values ('granular'), ('gross_up')) as m (method)
    cross join lateral (
        values ('net_with_facility', true, true), ('net_without_facility', true, false), ('gross_with_facility', false, true),
        ('gross_without_facility', false, false)
    ) as b (basis, is_net_basis, is_with_basis)
    left join left_over as l on p.tenant_id = l.tenant_id and p.vehicle_id = l.vehicle_id and p.period_end = l.period_end
    left join holdings as h on p.tenant_id = h.tenant_id and p.vehicle_id = h.vehicle_id and p.period_end = h.as_of
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
        f.is_with_facility <> f.is_without_facility as is_of_facility
    from bases as b
    inner join flows as f
        on
            b.tenant_id = f.tenant_id and b.vehicle_id = f.vehicle_id and b.method = f.method and b.period_end >= f.effective_on
            and case when b.is_net_basis then f.is_net else f.is_gross end
            and case when b.is_with_basis then f.is_with_facility else f.is_without_facility end
    union all
    select
        tenant_id,
        vehicle_id,
        period_end,
        method,
        basis,
        nav_amount,
        period_end as on_date,
        null
    from bases
),

measured as materialized (
    select
        tenant_id,
        vehicle_id,
        period_end,
        method,
        basis,
        finance.xirr_detail(amount, on_date order by on_date, amount) as detail,
        coalesce(bool_or(is_of_facility), false) as has_facility,
        {{ strict_sum('-amount', 'is_of_facility is not null and coalesce(amount, -1) < 0') }} as paid_amount,
        {{ strict_sum('amount', 'is_of_facility is null or coalesce(amount, 1) > 0') }} as returned_amount
    from series
    group by tenant_id, vehicle_id, period_end, method, basis
),

known as materialized (
    select
        m.*,
        bool_or(m.has_facility) over (partition by m.tenant_id, m.vehicle_id, m.period_end) as is_facility_known
    from measured as m
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
    case when k.is_facility_known or b.is_with_basis then {{ ratio('k.returned_amount', 'k.paid_amount') }} end as multiple,
    p.currency_code
from known as k
inner join bases as b
    on
        k.tenant_id = b.tenant_id and k.vehicle_id = b.vehicle_id and k.period_end = b.period_end
        and k.method = b.method and k.basis = b.basis
inner join periods as p on k.tenant_id = p.tenant_id and k.vehicle_id = p.vehicle_id and k.period_end = p.period_end
inner join holders as h on k.tenant_id = h.tenant_id and k.vehicle_id = h.vehicle_id
