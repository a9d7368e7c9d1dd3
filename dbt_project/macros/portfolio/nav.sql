{#-
  How a value stands at a date (METRICS section A): `closed` counts 0; `missing` is not 0 but unknown; `reported` is dated
  that day; an older one is `rolled` by the flows since, and `refused` where that ends below zero.
-#}
{% macro nav_status(is_closed, nav_as_of, as_of, valued_amount, rolled_amount) -%}
    case
        when {{ is_closed }} then 'closed'
        when {{ nav_as_of }} is null or {{ valued_amount }} is null then 'missing'
        when {{ nav_as_of }} = {{ as_of }} then 'reported'
        when {{ rolled_amount }} is null then 'missing'
        when {{ rolled_amount }} < 0 then 'refused'
        else 'rolled'
    end
{%- endmacro %}

{% macro nav_amount(is_closed, nav_as_of, as_of, valued_amount, rolled_amount) -%}
    case {{ nav_status(is_closed, nav_as_of, as_of, valued_amount, rolled_amount) }}
        when 'closed' then 0
        when 'reported' then {{ valued_amount }}
        when 'rolled' then {{ rolled_amount }}
    end
{%- endmacro %}
