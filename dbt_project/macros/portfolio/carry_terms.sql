{#- Carried interest by the agreement, as the terms of finance.waterfall; `terms` is an alias of stg_capstan__vehicle_terms. -#}
{% macro carry_terms(terms) -%}
    jsonb_build_object(
            'carry_rate', {{ terms }}.carry_rate, 'hurdle_rate', {{ terms }}.hurdle_rate, 'compounding', {{ terms }}.hurdle_compounding,
            'day_count', {{ terms }}.day_count, 'catch_up_rate', {{ terms }}.catch_up_rate
        )
{%- endmacro %}
