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

{#-
  What cancelled promises set free: what had not been called of them. `uncalled` is all that was promised, cancelled promises
  included, less what was called of it; as in fct_investor_performance. Null where a part of it is not known.
-#}
{% macro released_of(cancelled, uncalled) -%}
    case
        when {{ cancelled }} = 0 then 0
        when ({{ uncalled }}) is not null then least({{ cancelled }}, greatest({{ uncalled }}, 0))
    end
{%- endmacro %}

{#- How much of the charges of a quarter its calls paid for; never below zero. Null where either is not known. -#}
{% macro charged_to_calls(called, charged) -%}
    case when ({{ called }}) is not null and ({{ charged }}) is not null then greatest(least({{ called }}, {{ charged }}), 0) end
{%- endmacro %}
