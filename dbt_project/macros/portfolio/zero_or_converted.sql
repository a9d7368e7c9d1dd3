{#- An amount at a rate of `fx_join`; nothing is nothing in every currency, also where the rate is missing. -#}
{% macro zero_or_converted(amount, alias) -%}
    case when {{ amount }} = 0 then 0 else {{ converted(amount, alias) }} end
{%- endmacro %}
