{{ config(
    unique_key=['tenant_id', 'vehicle_id', 'investor_id', 'period_end', 'line'],
    meta={'audience': ['gp', 'lp'], 'indexes': [['tenant_id', 'investor_id', 'period_end']]}
) }}

with {{ ilpa_imports() }},

{{ ilpa_positions() }},

promises as materialized (
    select
        c.tenant_id,
        c.vehicle_id,
        c.investor_id,
        c.signed_on,
        c.vehicle_amount,
        -- what was promised first counts from inception; a later promise is an adjustment of the period it was signed in
        coalesce(min(c.signed_on) over one = c.signed_on, true) or bool_or(c.signed_on is null) over one as is_first
    from {{ ref('int_commitments__amounts_converted') }} as c
    where c.status in ('signed', 'funded') {{ for_tenants('and', 'c.tenant_id') }}
    window one as (partition by c.tenant_id, c.vehicle_id, c.investor_id)
),

promised as materialized (
    select
        p.tenant_id,
        p.vehicle_id,
        p.investor_id,
        p.period_end,
        {{ strict_sum('c.vehicle_amount', 'c.is_first or c.signed_on <= d.quarter_before') }} as before_quarter,
        {{ strict_sum('c.vehicle_amount', 'c.is_first or c.signed_on <= d.year_before') }} as before_year,
        {{ strict_sum('c.vehicle_amount') }} as at_end
    from positions as p
    inner join periods as d on p.tenant_id = d.tenant_id and p.vehicle_id = d.vehicle_id and p.period_end = d.period_end
    inner join promises as c
        on
            p.tenant_id = c.tenant_id and p.vehicle_id = c.vehicle_id and p.investor_id = c.investor_id
            and (c.is_first or p.period_end >= c.signed_on)
    group by p.tenant_id, p.vehicle_id, p.investor_id, p.period_end
),

moved as materialized (
    select
        s.tenant_id,
        s.vehicle_id,
        s.investor_id,
        s.period_end,
        {{ strict_sum('r.factor * (s.itd - s.qtd)') }} as before_quarter,
        {{ strict_sum('r.factor * (s.itd - s.ytd)') }} as before_year
    from spans as s
    inner join {{ ref('int_ilpa__row_members') }} as r on s.part = r.part and r.line = 'unfunded_end'
    group by s.tenant_id, s.vehicle_id, s.investor_id, s.period_end
),

carried as materialized (
    select
        p.tenant_id,
        p.vehicle_id,
        p.investor_id,
        p.period_end,
        {{ known_or_zero('c.tenant_id', 'c.before_quarter') }} as promised_before_quarter,
        {{ known_or_zero('c.tenant_id', 'c.before_year') }} as promised_before_year,
        {{ known_or_zero('c.tenant_id', 'c.at_end') }} as promised_at_end,
        {{ known_or_zero('m.tenant_id', 'm.before_quarter') }} as moved_before_quarter,
        {{ known_or_zero('m.tenant_id', 'm.before_year') }} as moved_before_year
    from positions as p
    left join promised as c
        on
            p.tenant_id = c.tenant_id and p.vehicle_id = c.vehicle_id and p.period_end = c.period_end
            and p.investor_id = c.investor_id
    left join moved as m
        on
            p.tenant_id = m.tenant_id and p.vehicle_id = m.vehicle_id and p.period_end = m.period_end
            and p.investor_id is not distinct from m.investor_id
),

parts as materialized (
    select
        tenant_id,
        vehicle_id,
        investor_id,
        period_end,
        part,
        qtd,
        ytd,
        itd,
        is_estimate
    from spans
    union all
    select
        c.tenant_id,
        c.vehicle_id,
        c.investor_id,
        c.period_end,
        b.part,
        b.qtd,
        b.ytd,
        b.itd,
        false
    from carried as c
    cross join lateral (
        values
        ('total_commitment', c.promised_at_end, c.promised_at_end, c.promised_at_end),
        (
            'unfunded_start',
            c.promised_before_quarter + c.moved_before_quarter,
            c.promised_before_year + c.moved_before_year,
            c.promised_at_end
        ),
        (
            'commitment_other',
            c.promised_at_end - c.promised_before_quarter,
            c.promised_at_end - c.promised_before_year,
            0
        )
    ) as b (part, qtd, ytd, itd)
),

{{ filled_rows('A.2') }},

grouped as materialized (
    select
        tenant_id,
        vehicle_id,
        period_end,
        line,
        {%- for span in ['qtd', 'ytd', 'itd'] %}
        {{ strict_sum(span) }} as total_{{ span }},
        {{ strict_sum(span, 'is_general_partner') }} as gp_{{ span }}{{ ',' if not loop.last }}
        {%- endfor %}
    from filled
    group by tenant_id, vehicle_id, period_end, line
)

select
    f.tenant_id,
    f.vehicle_id,
    f.investor_id,
    f.period_end,
    f.line,
    d.vehicle_name,
    h.investor_name,
    h.is_general_partner,
    t.block,
    t.line_order,
    t.line_name,
    t.role,
    {%- for span in ['qtd', 'ytd', 'itd'] %}
    f.{{ span }} as investor_{{ span }}_amount,
    {%- endfor %}
    {%- for span in ['qtd', 'ytd', 'itd'] %}
    g.total_{{ span }} as total_{{ span }}_amount,
    {%- endfor %}
    {%- for span in ['qtd', 'ytd', 'itd'] %}
    g.gp_{{ span }} as gp_{{ span }}_amount,
    {%- endfor %}
    f.is_estimate,
    d.currency_code
from filled as f
inner join periods as d on f.tenant_id = d.tenant_id and f.vehicle_id = d.vehicle_id and f.period_end = d.period_end
inner join holders as h on f.tenant_id = h.tenant_id and f.vehicle_id = h.vehicle_id and f.investor_id = h.investor_id
inner join template as t on f.line = t.line
inner join grouped as g
    on f.tenant_id = g.tenant_id and f.vehicle_id = g.vehicle_id and f.period_end = g.period_end and f.line = g.line
