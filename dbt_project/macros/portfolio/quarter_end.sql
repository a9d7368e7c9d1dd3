{#- The last day of the quarter of a date. -#}
{% macro quarter_end(on_date) -%}
    (date_trunc('quarter', ({{ on_date }})::timestamp) + interval '3 months' - interval '1 day')::date
{%- endmacro %}
