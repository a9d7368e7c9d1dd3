{#-
  A multiple or share as double precision: divided exactly (30 decimals) and rounded once, so that it equals the
  nearest double of the true ratio. Null where the denominator is null or 0.
-#}
{% macro ratio(numerator, denominator) -%}
    (({{ numerator }})::numeric(60, 30) / nullif({{ denominator }}, 0))::double precision
{%- endmacro %}
