{#- Sum over the rows that satisfy the condition: 0 where there are none, null where one of them is unknown. -#}
{% macro sum_or_null(amount, condition) -%}
    case
        when count(*) filter (where ({{ condition }}) and ({{ amount }}) is null) = 0
            then coalesce(sum({{ amount }}) filter (where {{ condition }}), 0)
    end
{%- endmacro %}

{#- Of a left join: 0 where no row was found, else the value found, which may be unknown. -#}
{% macro known_or_zero(found, amount) -%}
    case when {{ found }} is null then 0 else {{ amount }} end
{%- endmacro %}
