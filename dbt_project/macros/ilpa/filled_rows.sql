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

{#- Import CTEs of a section, the tenants of the run only. -#}
{% macro ilpa_imports() -%}
periods as materialized (
    select * from {{ ref('int_ilpa__periods') }}
    {{ for_tenants() }}
),

holders as materialized (
    select * from {{ ref('int_ilpa__holders') }}
    {{ for_tenants() }}
),

spans as materialized (
    select * from {{ ref('int_ilpa__spans') }}
    {{ for_tenants() }}
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
