{#-
  CTEs that fill a section of the template and add the recipients up. After `ilpa_imports` and `ilpa_positions`; `parts` (tenant_id,
  vehicle_id, investor_id, period_end, part, qtd, ytd, itd, is_estimate) are the amounts of holders. `groups` are the columns that
  stand beside the holder's own: name -> which positions they add up. Gives `filled`, a row of the section for every position, zeros
  included (null is an amount that is not known), and `published`: the columns that the marts of all sections share, holders only.
-#}
{% macro filled_rows(groups) -%}
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
            and p.investor_id = a.investor_id
            and t.line = a.line
),

grouped as materialized (
    select
        tenant_id,
        vehicle_id,
        period_end,
        line,
        {%- for name, positions in groups.items() %}{% set is_last = loop.last %}
        {%- for span in ['qtd', 'ytd', 'itd'] %}
        {{ strict_sum(span, positions) }} as {{ name }}_{{ span }}_amount{{ ',' if not (is_last and loop.last) }}
        {%- endfor %}
        {%- endfor %}
    from filled
    group by tenant_id, vehicle_id, period_end, line
),

published as not materialized (
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
        {%- for name in groups %}
        {%- for span in ['qtd', 'ytd', 'itd'] %}
        g.{{ name }}_{{ span }}_amount,
        {%- endfor %}
        {%- endfor %}
        f.is_estimate,
        d.currency_code
    from filled as f
    inner join periods as d on f.tenant_id = d.tenant_id and f.vehicle_id = d.vehicle_id and f.period_end = d.period_end
    inner join holders as h on f.tenant_id = h.tenant_id and f.vehicle_id = h.vehicle_id and f.investor_id = h.investor_id
    inner join template as t on f.line = t.line
    inner join grouped as g
        on f.tenant_id = g.tenant_id and f.vehicle_id = g.vehicle_id and f.period_end = g.period_end and f.line = g.line
)
{%- endmacro %}
