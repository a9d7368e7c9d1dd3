{#- Sum of a group that is null as soon as one part is unknown. -#}
{% macro strict_sum(amount, condition='true') -%}
    case when coalesce(bool_or(({{ amount }}) is null) filter (where {{ condition }}), false) then null
        else coalesce(sum({{ amount }}) filter (where {{ condition }}), 0) end
{%- endmacro %}

{#- The three spans of a template as columns: `expression` holds the word SPAN where qtd, ytd and itd go. -#}
{% macro each_span(expression, prefix='', suffix='') -%}
    {%- for span in ['qtd', 'ytd', 'itd'] %}
    {{ expression | replace('SPAN', span) }} as {{ prefix }}{{ span }}{{ suffix }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- The amounts of a mart of the template as rows: (column_group, span, amount) beside the columns of `m`. -#}
{% macro ilpa_cells(columns=['investor', 'total', 'gp']) -%}
    cross join lateral (
        values
        {%- for column in columns %}{% set last_column = loop.last %}
        {%- for span in ['qtd', 'ytd', 'itd'] %}
        ('{{ column }}', '{{ span }}', m.{{ column }}_{{ span }}_amount){{ ',' if not (last_column and loop.last) }}
        {%- endfor %}
        {%- endfor %}
    ) as cell (column_group, span, amount)
{%- endmacro %}
