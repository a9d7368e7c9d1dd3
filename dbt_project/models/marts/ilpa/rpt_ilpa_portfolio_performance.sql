{{ config(
    unique_key=['tenant_id', 'vehicle_id', 'investor_id', 'period_end', 'holding_id'],
    meta={'audience': ['gp', 'lp'], 'indexes': [['tenant_id', 'investor_id', 'period_end']]}
) }}

-- Net by investment is a model (DECISIONLOG): all costs that the fund's allocations state are loaded on what each investment cost,
-- all carried interest is taken off what those with a gain gave; so the net gains of all investments are the fund's.
with periods as materialized (
    select * from {{ ref('int_ilpa__periods') }}
    where has_allocations {{ for_tenants('and') }}
),

performance as materialized (
    select * from {{ ref('fct_holding_performance') }}
    {{ for_tenants() }}
),

investors as materialized (
    select * from {{ ref('int_ilpa__holders') }}
    {{ for_tenants() }}
),

holdings as materialized (
    select * from {{ ref('stg_capstan__holdings') }}
    {{ for_tenants() }}
),

vehicles as materialized (
    select * from {{ ref('fct_vehicle_performance') }}
    {{ for_tenants() }}
),

flows as materialized (
    select * from {{ ref('int_portfolio__flows_converted') }}
    where is_holding_flow {{ for_tenants('and') }}
),

-- What is charged to partners: fees and expenses net of reductions, and the carried interest of all but the general partner.
charges as materialized (
    select
        a.tenant_id,
        a.vehicle_id,
        a.effective_on,
        t.line is not null as is_cost,
        -a.amount as amount
    from {{ ref('fct_ilpa_amounts') }} as a
    left join {{ ref('int_ilpa__template_rows') }} as t
        on
            a.line = t.line and t.section = 'A.1' and t.role = 'part'
            and (t.block in ('management_fees', 'internal', 'external') or t.line in ('offering_costs', 'placement_fees'))
    left join investors as i on a.tenant_id = i.tenant_id and a.vehicle_id = i.vehicle_id and a.investor_id = i.investor_id
    where
        (
            t.line is not null
            or (
                a.line in (
                    'carry_accrued_unrealized', 'carry_earned_realized', 'carry_accrued_and_earned', 'carry_charged_realized',
                    'carry_charged_unrealized'
                )
                and i.is_general_partner is not true
            )
        ) {{ for_tenants('and', 'a.tenant_id') }}
),

charged as materialized (
    select
        p.tenant_id,
        p.vehicle_id,
        p.period_end,
        {{ strict_sum('c.amount', 'c.is_cost') }} as cost_amount,
        {{ strict_sum('c.amount', 'not c.is_cost') }} as carry_amount
    from periods as p
    left join charges as c on p.tenant_id = c.tenant_id and p.vehicle_id = c.vehicle_id and p.period_end >= c.effective_on
    group by p.tenant_id, p.vehicle_id, p.period_end
),

each as materialized (
    select
        p.tenant_id,
        p.vehicle_id,
        p.period_end,
        h.holding_id,
        p.vehicle_name,
        c.name as holding_name,
        c.sector,
        c.invested_on,
        h.invested_amount,
        h.proceeds_amount,
        h.nav_amount,
        h.nav_status,
        h.irr as gross_irr,
        h.irr_status as gross_irr_status,
        h.is_annualized,
        h.moic as gross_moic,
        p.currency_code
    from periods as p
    inner join performance as h on p.tenant_id = h.tenant_id and p.vehicle_id = h.vehicle_id and p.period_end = h.as_of
    inner join holdings as c on h.tenant_id = c.tenant_id and h.holding_id = c.holding_id
),

-- To the cent: costs by what was invested, carried interest by gain. Null where a gain is not known or nothing can bear it.
allocated as materialized (
    select
        e.tenant_id,
        e.vehicle_id,
        e.period_end,
        c.cost_amount as cost_of_all,
        c.carry_amount as carry_of_all,
        array_agg(e.holding_id order by e.holding_id) as holding_ids,
        finance.allocate(c.cost_amount, array_agg(e.invested_amount order by e.holding_id)) as costs,
        finance.allocate(
            c.carry_amount,
            array_agg(
                case when e.proceeds_amount + e.nav_amount is not null then greatest(e.proceeds_amount + e.nav_amount - e.invested_amount, 0) end
                order by e.holding_id
            )
        ) as carries,
        bool_or(e.nav_amount is null) as has_missing_value,
        bool_or(e.invested_amount is null) as has_unknown_cost,
        bool_or(e.invested_amount is null or e.proceeds_amount is null) as has_unknown_flow
    from each as e
    inner join charged as c on e.tenant_id = c.tenant_id and e.vehicle_id = c.vehicle_id and e.period_end = c.period_end
    group by e.tenant_id, e.vehicle_id, e.period_end, c.cost_amount, c.carry_amount
),

borne as materialized (
    select
        e.*,
        case when a.cost_of_all = 0 then 0 else s.cost_amount end as cost_charged_amount,
        case when a.carry_of_all = 0 then 0 else s.carry_amount end as carry_charged_amount,
        case
            when a.cost_of_all is null or a.carry_of_all is null or e.invested_amount is null or e.proceeds_amount is null then 'missing_rate'
            when (a.cost_of_all <> 0 and a.has_unknown_cost) or (a.carry_of_all <> 0 and a.has_unknown_flow) then 'missing_rate'
            when e.nav_amount is null or (a.carry_of_all <> 0 and a.has_missing_value) then 'missing_nav'
            when a.cost_of_all <> 0 and s.cost_amount is null then 'no_cost_to_charge'
            when a.carry_of_all <> 0 and s.carry_amount is null then 'no_gain_to_charge'
        end as net_reason
    from each as e
    inner join allocated as a on e.tenant_id = a.tenant_id and e.vehicle_id = a.vehicle_id and e.period_end = a.period_end
    cross join lateral (
        select
            u.cost_amount,
            u.carry_amount
        from unnest(a.holding_ids, a.costs, a.carries) as u (holding_id, cost_amount, carry_amount)
        where u.holding_id = e.holding_id
    ) as s
),

-- What each unit of cost and of return becomes net.
factors as materialized (
    select
        tenant_id,
        vehicle_id,
        period_end,
        holding_id,
        nav_amount,
        1 + coalesce(cost_charged_amount / nullif(invested_amount, 0), 0) as cost_factor,
        1 - coalesce(carry_charged_amount / nullif(proceeds_amount + nav_amount, 0), 0) as return_factor
    from borne
    where net_reason is null
),

series as materialized (
    select
        k.tenant_id,
        k.vehicle_id,
        k.period_end,
        k.holding_id,
        f.signed_vehicle_amount * case f.kind when 'investment' then k.cost_factor else k.return_factor end as amount,
        f.effective_on as on_date
    from factors as k
    inner join flows as f on k.tenant_id = f.tenant_id and k.holding_id = f.holding_id and k.period_end >= f.effective_on
    union all
    select
        tenant_id,
        vehicle_id,
        period_end,
        holding_id,
        nav_amount * return_factor,
        period_end as on_date
    from factors
),

-- Each investment, and all of them pooled under a blank holding.
returns as materialized (
    select
        s.tenant_id,
        s.vehicle_id,
        s.period_end,
        g.holding_id,
        finance.xirr_detail(s.amount, s.on_date order by s.on_date, s.amount) as net
    from series as s
    cross join lateral (values (s.holding_id), ('')) as g (holding_id)
    group by s.tenant_id, s.vehicle_id, s.period_end, g.holding_id
),

pooled as materialized (
    select
        e.tenant_id,
        e.vehicle_id,
        e.period_end,
        '' as holding_id,
        e.vehicle_name,
        'All investments' as holding_name,
        null::text as sector,
        min(e.invested_on) as invested_on,
        {{ strict_sum('e.invested_amount') }} as invested_amount,
        {{ strict_sum('e.proceeds_amount') }} as proceeds_amount,
        {{ strict_sum('e.nav_amount') }} as nav_amount,
        case
            when bool_or(e.nav_amount is null) then 'missing'
            when bool_or(e.nav_status = 'rolled') then 'rolled'
            else 'reported'
        end as nav_status,
        v.gross_irr,
        v.gross_irr_status,
        bool_or(e.is_annualized) as is_annualized,
        v.gross_moic,
        e.currency_code,
        {{ strict_sum('e.cost_charged_amount') }} as cost_charged_amount,
        {{ strict_sum('e.carry_charged_amount') }} as carry_charged_amount,
        min(e.net_reason) as net_reason
    from borne as e
    inner join vehicles as v on e.tenant_id = v.tenant_id and e.vehicle_id = v.vehicle_id and e.period_end = v.as_of
    group by
        e.tenant_id, e.vehicle_id, e.period_end, e.vehicle_name, v.gross_irr, v.gross_irr_status, v.gross_moic, e.currency_code
)

select
    r.tenant_id,
    r.vehicle_id,
    i.investor_id,
    r.period_end,
    r.holding_id,
    r.vehicle_name,
    r.holding_name,
    r.sector,
    r.invested_on,
    r.invested_amount,
    r.proceeds_amount,
    r.nav_amount,
    r.nav_status,
    r.gross_irr,
    r.gross_irr_status,
    r.gross_moic,
    r.is_annualized,
    r.cost_charged_amount,
    r.carry_charged_amount,
    case when r.net_reason is null then (n.net).irr end as net_irr,
    coalesce(r.net_reason, (n.net).irr_status) as net_irr_status,
    case
        when r.net_reason is null
            then
                {{ ratio('r.proceeds_amount + r.nav_amount - r.carry_charged_amount', 'r.invested_amount + r.cost_charged_amount') }}
    end as net_moic,
    r.currency_code
from (
    select * from borne
    union all
    select * from pooled
) as r
left join returns as n
    on r.tenant_id = n.tenant_id and r.vehicle_id = n.vehicle_id and r.period_end = n.period_end and r.holding_id = n.holding_id
inner join investors as i on r.tenant_id = i.tenant_id and r.vehicle_id = i.vehicle_id
