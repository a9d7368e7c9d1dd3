{#- Days between two instants, with their fraction; null where one is unknown. -#}
{% macro days_between(earlier, later) -%}
    (extract(epoch from {{ later }} - {{ earlier }}) / 86400)::double precision
{%- endmacro %}
