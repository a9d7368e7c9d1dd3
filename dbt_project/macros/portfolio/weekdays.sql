{#- How many Mondays to Fridays lie after `earlier` and up to `later`: the age of a rate in business days (no holidays). -#}
{% macro weekdays_between(earlier, later) -%}
    ({{ weekday_number(later) }} - {{ weekday_number(earlier) }})
{%- endmacro %}

{#- Weekdays since Sunday 1800-01-05. -#}
{% macro weekday_number(on_date) -%}
    ((({{ on_date }}) - date '1800-01-05') / 7 * 5 + least((({{ on_date }}) - date '1800-01-05') % 7, 5))
{%- endmacro %}
