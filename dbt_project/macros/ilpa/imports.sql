{#-
  Import CTEs of a section of the template, the tenants of the run only; of vehicles with allocations only, where so asked. From here
  on a blank investor is nobody in particular (fct_ilpa_amounts: null), so that joins can be by equality.
-#}
{% macro ilpa_imports(section, has_allocations=false) -%}
periods as materialized (
    select * from {{ ref('int_ilpa__periods') }}
    where {{ 'has_allocations' if has_allocations else 'true' }} {{ for_tenants('and') }}
),

holders as materialized (
    select * from {{ ref('int_ilpa__holders') }}
    {{ for_tenants() }}
),

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

amounts as materialized (
    select
        tenant_id,
        vehicle_id,
        coalesce(investor_id, '') as investor_id,
        line,
        effective_on,
        amount,
        is_estimate
    from {{ ref('fct_ilpa_amounts') }}
    where line in (select m.part from members as m) {{ for_tenants('and') }}
),

-- What moved on each line for each holder: in the quarter, in the year to date and since inception; and before the first two.
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
        {{ strict_sum('m.amount', 'm.effective_on <= p.quarter_before') }} as before_quarter,
        {{ strict_sum('m.amount', 'm.effective_on <= p.year_before') }} as before_year,
        bool_or(m.is_estimate) as is_estimate
    from periods as p
    inner join amounts as m on p.tenant_id = m.tenant_id and p.vehicle_id = m.vehicle_id and p.period_end >= m.effective_on
    group by p.tenant_id, p.vehicle_id, p.period_end, m.investor_id, m.line
)
{%- endmacro %}

{#- Holders and periods of a section. What is nobody's own is a position with a blank investor. -#}
{% macro ilpa_positions() -%}
positions as materialized (
    select
        p.tenant_id,
        p.vehicle_id,
        p.period_end,
        p.quarter_before,
        p.year_before,
        h.investor_id,
        h.is_general_partner,
        h.is_affiliated
    from periods as p
    inner join holders as h on p.tenant_id = h.tenant_id and p.vehicle_id = h.vehicle_id
    union all
    select
        p.tenant_id,
        p.vehicle_id,
        p.period_end,
        p.quarter_before,
        p.year_before,
        '',
        false,
        false
    from periods as p
    where
        exists (
            select 1
            from spans as s
            where s.tenant_id = p.tenant_id and s.vehicle_id = p.vehicle_id and s.period_end = p.period_end and s.investor_id = ''
        )
)
{%- endmacro %}

{#- Rows "Other" of the template, which a footnote has to explain. -#}
{% macro ilpa_other_lines() -%}
    ('internal_other', 'external_other', 'external_other_2016', 'offset_other', 'offset_other_2016', 'other_income', 'received_other',
        'received_other_2016')
{%- endmacro %}

{#-
  What rows "Other" hold, for each holder: the sources' words for its own amounts and those of the fund as a whole, and how many of
  them the sources do not describe.
-#}
{% macro ilpa_footnotes() -%}
stated as materialized (
    select * from {{ ref('int_ilpa__amounts_stated') }}
    where line in {{ ilpa_other_lines() }} {{ for_tenants('and') }}
),

footnotes as materialized (
    select
        p.tenant_id,
        p.vehicle_id,
        p.investor_id,
        p.period_end,
        s.line,
        concat_ws(
            '; ',
            string_agg(distinct s.description, '; ' order by s.description),
            case count(*) filter (where s.description is null)
                when 0 then null
                when 1 then 'one amount that the source does not describe'
                else count(*) filter (where s.description is null) || ' amounts that the source does not describe'
            end
        ) as words
    from positions as p
    inner join stated as s
        on
            p.tenant_id = s.tenant_id
            and p.vehicle_id = s.vehicle_id
            and (s.investor_id = p.investor_id or s.investor_id is null)
            and p.period_end >= s.effective_on
    where p.investor_id <> ''
    group by p.tenant_id, p.vehicle_id, p.investor_id, p.period_end, s.line
)
{%- endmacro %}
