{{ config(
    unique_key=['tenant_id', 'vehicle_id', 'investor_id', 'period_end', 'line'],
    meta={'audience': ['gp', 'lp'], 'indexes': [['tenant_id', 'investor_id', 'period_end']]}
) }}

{%- set spans = ['qtd', 'ytd', 'itd'] %}
-- What the agreement gives (vehicle_terms), beside what was allocated: fee by rate and base, distributions by tier, carried interest
-- accrued on the value held, clawback. gp: carried interest only, so that what is left of the total is shared by commitment.
with periods as materialized (
    select * from {{ ref('int_ilpa__periods') }}
    {{ for_tenants() }}
),

holders as materialized (
    select * from {{ ref('int_ilpa__holders') }}
    {{ for_tenants() }}
),

terms as materialized (
    select
        *,
        {{ carry_terms('t') }} as carry_terms
    from {{ ref('stg_capstan__vehicle_terms') }} as t
    {{ for_tenants() }}
),

accruals as materialized (
    select * from {{ ref('rpt_fee_accruals') }}
    {{ for_tenants() }}
),

-- At the end of the quarter, or on the last day of it that the vehicle's books reach.
reached as materialized (
    select
        p.tenant_id,
        p.vehicle_id,
        p.period_end,
        max(a.as_of) as calculated_on
    from periods as p
    inner join accruals as a
        on p.tenant_id = a.tenant_id and p.vehicle_id = a.vehicle_id and p.period_end >= a.as_of and p.quarter_before < a.as_of
    group by p.tenant_id, p.vehicle_id, p.period_end
),

calculated as materialized (
    select
        p.*,
        r.calculated_on,
        e.fee_status,
        e.carry_status,
        e.fee_rate,
        e.fee_base,
        e.fee_base_amount,
        t.carry_rate,
        t.hurdle_rate,
        t.catch_up_rate,
        t.hurdle_compounding || ', ' || t.day_count as hurdle_basis,
        e.management_fee_accrued_amount as fee_at_end,
        {{ known_or_zero('q.tenant_id', 'q.management_fee_accrued_amount') }} as fee_at_quarter,
        {{ known_or_zero('y.tenant_id', 'y.management_fee_accrued_amount') }} as fee_at_year,
        e.carry_accrued_amount as accrued_at_end,
        {{ known_or_zero('q.tenant_id', 'q.carry_accrued_amount') }} as accrued_at_quarter,
        {{ known_or_zero('y.tenant_id', 'y.carry_accrued_amount') }} as accrued_at_year,
        e.carry_distributed_amount,
        e.clawback_amount
    from periods as p
    inner join terms as t on p.tenant_id = t.tenant_id and p.vehicle_id = t.vehicle_id
    inner join reached as r on p.tenant_id = r.tenant_id and p.vehicle_id = r.vehicle_id and p.period_end = r.period_end
    inner join accruals as e on p.tenant_id = e.tenant_id and p.vehicle_id = e.vehicle_id and r.calculated_on = e.as_of
    left join accruals as q on p.tenant_id = q.tenant_id and p.vehicle_id = q.vehicle_id and p.quarter_before = q.as_of
    left join accruals as y on p.tenant_id = y.tenant_id and p.vehicle_id = y.vehicle_id and p.year_before = y.as_of
),

-- Up to the first flow whose amount is not known: the waterfall cannot go on from there.
flows as materialized (
    select *
    from (
        select
            f.tenant_id,
            f.vehicle_id,
            f.kind,
            f.effective_on,
            f.signed_vehicle_amount as amount,
            bool_or(f.signed_vehicle_amount is null) over (partition by f.tenant_id, f.vehicle_id order by f.effective_on) as is_unknown
        from {{ ref('int_portfolio__flows_measured') }} as f
        {{ for_tenants('where', 'f.tenant_id') }}
    ) as ordered
    where not is_unknown
),

walked as materialized (
    select
        t.tenant_id,
        t.vehicle_id,
        t.carry_terms,
        array_agg(f.amount order by f.effective_on, f.amount) as amounts,
        array_agg(f.effective_on order by f.effective_on, f.amount) as dates
    from terms as t
    inner join flows as f on t.tenant_id = f.tenant_id and t.vehicle_id = f.vehicle_id
    where
        t.carry_rate is not null and t.waterfall = 'european'
        and exists (
            select 1
            from calculated as c
            where c.tenant_id = t.tenant_id and c.vehicle_id = t.vehicle_id
        )
    group by t.tenant_id, t.vehicle_id, t.carry_terms
),

dated as materialized (
    select
        w.tenant_id,
        w.vehicle_id,
        'tier_' || r.tier as line,
        r.on_date,
        r.amount as total,
        r.gp_amount as gp
    from walked as w
    cross join lateral finance.waterfall_tiers(w.amounts, w.dates, w.carry_terms) as r
    union all
    select
        tenant_id,
        vehicle_id,
        'contributed',
        effective_on,
        amount,
        0
    from flows
    where kind = 'contribution'
),

moved as materialized (
    select
        c.tenant_id,
        c.vehicle_id,
        c.period_end,
        d.line,
        {%- for side in ['total', 'gp'] %}{% set is_last = loop.last %}
        coalesce(sum(d.{{ side }}) filter (where d.on_date > c.quarter_before), 0) as {{ side }}_qtd,
        coalesce(sum(d.{{ side }}) filter (where d.on_date > c.year_before), 0) as {{ side }}_ytd,
        sum(d.{{ side }}) as {{ side }}_itd{{ ',' if not is_last }}
        {%- endfor %}
    from calculated as c
    inner join dated as d on c.tenant_id = d.tenant_id and c.vehicle_id = d.vehicle_id and c.period_end >= d.on_date
    group by c.tenant_id, c.vehicle_id, c.period_end, d.line
),

allocated as materialized (
    select
        tenant_id,
        vehicle_id,
        period_end,
        line,
        {%- for span in spans %}
        max(total_{{ span }}_amount) as {{ span }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('fct_ilpa_nav_reconciliation') }}
    where
        line in ('management_fee_rebates', 'management_fee_waivers', 'management_fee_offsets', 'management_fees_net')
        {{ for_tenants('and') }}
    group by tenant_id, vehicle_id, period_end, line
),

parts as materialized (
    select
        c.tenant_id,
        c.vehicle_id,
        c.period_end,
        s.line,
        s.total_qtd,
        s.total_ytd,
        s.total_itd,
        s.gp_qtd,
        s.gp_ytd,
        s.gp_itd
    from calculated as c
    cross join lateral (
        values
        ('fee_by_terms', c.fee_at_quarter - c.fee_at_end, c.fee_at_year - c.fee_at_end, -c.fee_at_end, 0, 0, 0),
        ('accrued_start', 0, 0, 0, c.accrued_at_quarter, c.accrued_at_year, 0),
        ('accrued_change', 0, 0, 0, c.accrued_at_end - c.accrued_at_quarter, c.accrued_at_end - c.accrued_at_year, c.accrued_at_end),
        ('accrued_level', 0, 0, 0, c.accrued_at_end, c.accrued_at_end, c.accrued_at_end),
        ('carry_distributed', 0, 0, 0, c.carry_distributed_amount, c.carry_distributed_amount, c.carry_distributed_amount),
        ('clawback', 0, 0, 0, -c.clawback_amount, -c.clawback_amount, -c.clawback_amount)
    ) as s (line, total_qtd, total_ytd, total_itd, gp_qtd, gp_ytd, gp_itd)
    union all
    select
        tenant_id,
        vehicle_id,
        period_end,
        line,
        total_qtd,
        total_ytd,
        total_itd,
        gp_qtd,
        gp_ytd,
        gp_itd
    from moved
    union all
    select
        tenant_id,
        vehicle_id,
        period_end,
        line,
        qtd,
        ytd,
        itd,
        0,
        0,
        0
    from allocated
),

members as (
    select
        line,
        line as part,
        1 as factor
    from {{ ref('int_ilpa__calculation_rows') }}
    where role <> 'sum'
    union all
    select
        line,
        part,
        factor
    from (
        values
        ('fee_by_terms_net', 'fee_by_terms', 1), ('fee_by_terms_net', 'management_fee_rebates', 1),
        ('fee_by_terms_net', 'management_fee_waivers', 1), ('fee_by_terms_net', 'management_fee_offsets', 1),
        ('fee_difference', 'fee_by_terms', 1), ('fee_difference', 'management_fee_rebates', 1),
        ('fee_difference', 'management_fee_waivers', 1), ('fee_difference', 'management_fee_offsets', 1),
        ('fee_difference', 'management_fees_net', -1),
        ('distributed', 'tier_return_of_capital', 1), ('distributed', 'tier_preferred_return', 1),
        ('distributed', 'tier_catch_up', 1), ('distributed', 'tier_split', 1),
        -- the end is known where the beginning may not be
        ('accrued_end', 'accrued_level', 1), ('carry_due', 'carry_distributed', 1), ('carry_due', 'accrued_level', 1)
    ) as named (line, part, factor)
),

filled as materialized (
    select
        c.tenant_id,
        c.vehicle_id,
        c.period_end,
        m.line,
        {%- for side in ['total', 'gp'] %}{% set is_last = loop.last %}
        {%- for span in spans %}
        {{ strict_sum('m.factor * p.' ~ side ~ '_' ~ span, 'p.tenant_id is not null') }} as {{ side }}_{{ span }}{{ ',' if not (is_last and loop.last) }}
        {%- endfor %}
        {%- endfor %}
    from calculated as c
    cross join members as m
    left join parts as p
        on c.tenant_id = p.tenant_id and c.vehicle_id = p.vehicle_id and c.period_end = p.period_end and m.part = p.line
    group by c.tenant_id, c.vehicle_id, c.period_end, m.line
),

-- Where one promise is unknown, so is everybody's share.
committed as materialized (
    select
        tenant_id,
        vehicle_id,
        investor_id,
        is_general_partner,
        committed_amount,
        case
            when bool_and(committed_amount is not null) over (partition by tenant_id, vehicle_id)
                then sum(committed_amount) over (partition by tenant_id, vehicle_id)
        end as committed_by_all
    from holders
),

shares as materialized (
    select
        tenant_id,
        vehicle_id,
        investor_id,
        is_general_partner,
        {{ ratio('committed_amount', 'committed_by_all') }} as commitment_share
    from committed
),

told as materialized (
    select
        f.*,
        c.vehicle_name,
        c.calculated_on,
        c.currency_code,
        r.line_order,
        r.calculation,
        r.line_name,
        r.role,
        case when r.calculation = 'management_fee' then c.fee_status else c.carry_status end as status,
        case
            when r.calculation <> 'management_fee' then c.carry_status = 'ok'
            else c.fee_status = 'ok' or f.line not in ('fee_by_terms', 'fee_by_terms_net', 'fee_difference')
        end as is_known,
        case f.line
            when 'fee_by_terms' then c.fee_rate
            when 'tier_preferred_return' then c.hurdle_rate
            when 'tier_catch_up' then c.catch_up_rate
            when 'tier_split' then c.carry_rate
        end as rate,
        case f.line when 'fee_by_terms' then c.fee_base when 'tier_preferred_return' then c.hurdle_basis end as basis,
        case f.line when 'fee_by_terms' then c.fee_base_amount end as base_amount
    from filled as f
    inner join calculated as c on f.tenant_id = c.tenant_id and f.vehicle_id = c.vehicle_id and f.period_end = c.period_end
    inner join {{ ref('int_ilpa__calculation_rows') }} as r on f.line = r.line
)

select
    t.tenant_id,
    t.vehicle_id,
    s.investor_id,
    t.period_end,
    t.line,
    t.vehicle_name,
    s.is_general_partner,
    t.calculated_on,
    t.calculation,
    t.line_order,
    t.line_name,
    t.role,
    t.rate,
    t.basis,
    t.base_amount,
    s.commitment_share,
    {%- for side in ['total', 'gp'] %}
    {%- for span in spans %}
    case when t.is_known then t.{{ side }}_{{ span }} end as {{ side }}_{{ span }}_amount,
    {%- endfor %}
    {%- endfor %}
    t.status,
    t.currency_code
from told as t
inner join shares as s on t.tenant_id = s.tenant_id and t.vehicle_id = s.vehicle_id
