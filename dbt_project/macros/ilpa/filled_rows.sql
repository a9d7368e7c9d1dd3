{#-
  CTEs that fill a section of the template. `parts` (tenant_id, vehicle_id, investor_id, period_end, part, qtd, ytd, itd, is_estimate)
  are the amounts of holders, `positions` (the same keys, is_general_partner, is_affiliated) says which holders and periods there are.
  Afterwards `filled` has every row of the section for every position, zeros included; null is an amount that is not known.
-#}
{% macro filled_rows(section) -%}
template as materialized (
    select * from {{ ref('int_ilpa__template_rows') }}
    where section = '{{ section }}'
),

members as materialized (
    select
        m.line,
        m.part,
        m.factor,
        m.line = m.part as is_own
    from {{ ref('int_ilpa__row_members') }} as m
    inner join template as t on m.line = t.line
),

added as materialized (
    select
        p.tenant_id,
        p.vehicle_id,
        p.investor_id,
        p.period_end,
        m.line,
        {{ strict_sum('m.factor * p.qtd') }} as qtd,
        {{ strict_sum('m.factor * p.ytd') }} as ytd,
        {{ strict_sum('m.factor * p.itd') }} as itd,
        bool_or(p.is_estimate and m.is_own) as is_estimate
    from parts as p
    inner join members as m on p.part = m.part
    group by p.tenant_id, p.vehicle_id, p.investor_id, p.period_end, m.line
),

filled as materialized (
    select
        p.tenant_id,
        p.vehicle_id,
        p.investor_id,
        p.period_end,
        p.is_general_partner,
        p.is_affiliated,
        t.line,
        {{ known_or_zero('a.tenant_id', 'a.qtd') }} as qtd,
        {{ known_or_zero('a.tenant_id', 'a.ytd') }} as ytd,
        {{ known_or_zero('a.tenant_id', 'a.itd') }} as itd,
        coalesce(a.is_estimate, false) as is_estimate
    from positions as p
    cross join template as t
    left join added as a
        on
            p.tenant_id = a.tenant_id
            and p.vehicle_id = a.vehicle_id
            and p.period_end = a.period_end
            and p.investor_id is not distinct from a.investor_id
            and t.line = a.line
)
{%- endmacro %}

{#- Holders and periods of a section: `periods`, `holders` and `spans` are CTEs. What is nobody's own is a position without holder. -#}
{% macro ilpa_positions() -%}
positions as materialized (
    select
        p.tenant_id,
        p.vehicle_id,
        p.period_end,
        h.investor_id,
        h.is_general_partner,
        h.is_affiliated
    from periods as p
    inner join holders as h on p.tenant_id = h.tenant_id and p.vehicle_id = h.vehicle_id
    union all
    select distinct
        s.tenant_id,
        s.vehicle_id,
        s.period_end,
        null::text,
        false,
        false
    from spans as s
    where s.investor_id is null
)
{%- endmacro %}

{#- Import CTEs of a section, the tenants of the run only; of vehicles with allocations only, where so asked. -#}
{% macro ilpa_imports(has_allocations=false) -%}
periods as materialized (
    select * from {{ ref('int_ilpa__periods') }}
    where {{ 'has_allocations' if has_allocations else 'true' }} {{ for_tenants('and') }}
),

holders as materialized (
    select * from {{ ref('int_ilpa__holders') }}
    {{ for_tenants() }}
),

amounts as materialized (
    select * from {{ ref('fct_ilpa_amounts') }}
    {{ for_tenants() }}
),

-- What moved on each line for each holder: in the quarter, in the year to date and since inception.
spans as materialized (
    select
        p.tenant_id,
        p.vehicle_id,
        p.period_end,
        m.investor_id,
        m.line as part,
        {{ strict_sum('m.amount', 'm.effective_on > p.quarter_before') }} as qtd,
        {{ strict_sum('m.amount', 'm.effective_on > p.year_before') }} as ytd,
        {{ strict_sum('m.amount') }} as itd,
        bool_or(m.is_estimate) as is_estimate
    from periods as p
    inner join amounts as m on p.tenant_id = m.tenant_id and p.vehicle_id = m.vehicle_id and p.period_end >= m.effective_on
    group by p.tenant_id, p.vehicle_id, p.period_end, m.investor_id, m.line
)
{%- endmacro %}

{#- What the sources say about the lines `other`, for each holder: its own words and those about the fund as a whole. -#}
{% macro ilpa_footnotes() -%}
stated as materialized (
    select * from {{ ref('int_ilpa__amounts_stated') }}
    where line like '%other%' and description is not null {{ for_tenants('and') }}
),

footnotes as materialized (
    select
        p.tenant_id,
        p.vehicle_id,
        p.investor_id,
        p.period_end,
        s.line,
        string_agg(distinct s.description, '; ' order by s.description) as words
    from positions as p
    inner join stated as s
        on
            p.tenant_id = s.tenant_id
            and p.vehicle_id = s.vehicle_id
            and (s.investor_id = p.investor_id or s.investor_id is null)
            and p.period_end >= s.effective_on
    where p.investor_id is not null
    group by p.tenant_id, p.vehicle_id, p.investor_id, p.period_end, s.line
)
{%- endmacro %}

{#-
  What each holder's part is worth at the dates that the templates need: the value reported for that day, else the last one moved by
  everything stated since (flows, costs, income, gains), else what was stated since inception. A vehicle without values and without
  allocations tells nothing about its worth: null, never 0. After `ilpa_imports`; gives `worth` by holder and `on_date`.
-#}
{% macro ilpa_worth() -%}
dates as materialized (
    select distinct
        p.tenant_id,
        p.vehicle_id,
        p.currency_code,
        p.closed_from,
        p.has_allocations,
        d.on_date
    from periods as p
    cross join lateral (values (p.period_end), (p.quarter_before), (p.year_before)) as d (on_date)
),

moving_parts as materialized (
    select
        m.tenant_id,
        m.vehicle_id,
        m.investor_id,
        m.effective_on,
        m.amount
    from amounts as m
    inner join {{ ref('int_ilpa__row_members') }} as r on m.line = r.part and r.line = 'ending_nav_net'
),

reported as materialized (
    select * from {{ ref('int_portfolio__valuations_spanned') }}
    where investor_id is not null and holding_id is null {{ for_tenants('and') }}
),

valuations as materialized (
    select
        d.tenant_id,
        d.vehicle_id,
        h.investor_id,
        d.on_date,
        d.has_allocations,
        coalesce(d.closed_from <= d.on_date and (n.as_of is null or n.as_of <= d.closed_from), false) as is_closed,
        n.as_of as valued_on,
        {{ converted('n.nav_amount', 'nav_rate') }} as valued_amount
    from dates as d
    inner join holders as h on d.tenant_id = h.tenant_id and d.vehicle_id = h.vehicle_id
    left join reported as n
        on
            h.tenant_id = n.tenant_id
            and h.vehicle_id = n.vehicle_id
            and h.investor_id = n.investor_id
            and d.on_date between n.as_of and n.newest_until
    {{ fx_join('nav_rate', 'n.currency_code', 'd.currency_code', 'd.on_date') }}
),

moved_since as materialized (
    select
        v.tenant_id,
        v.vehicle_id,
        v.investor_id,
        v.on_date,
        count(m.tenant_id) as movements,
        {{ strict_sum('m.amount', 'm.tenant_id is not null') }} as moved_amount
    from valuations as v
    left join moving_parts as m
        on
            v.tenant_id = m.tenant_id
            and v.vehicle_id = m.vehicle_id
            and v.investor_id = m.investor_id
            and v.on_date >= m.effective_on
            and (v.valued_on is null or v.valued_on < m.effective_on)
    group by v.tenant_id, v.vehicle_id, v.investor_id, v.on_date
),

worth as materialized (
    select
        v.tenant_id,
        v.vehicle_id,
        v.investor_id,
        v.on_date,
        case
            when v.is_closed then 0
            when v.valued_on = v.on_date then v.valued_amount
            when v.valued_on is not null then v.valued_amount + m.moved_amount
            when v.has_allocations or m.movements = 0 then m.moved_amount
        end as value_amount,
        case
            when v.is_closed then 'closed'
            when v.valued_on = v.on_date then 'reported'
            when v.valued_on is not null or v.has_allocations or m.movements = 0 then 'rolled'
            else 'missing'
        end as value_status
    from valuations as v
    inner join moved_since as m
        on v.tenant_id = m.tenant_id and v.vehicle_id = m.vehicle_id and v.investor_id = m.investor_id and v.on_date = m.on_date
)
{%- endmacro %}
