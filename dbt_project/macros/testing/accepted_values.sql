{#- dbt's own test of this name, for the tenants of the run only: one tenant's check neither reads nor fails for another's rows. -#}
{% test accepted_values(model, column_name, values, quote=true) %}
select
    {{ column_name }} as value_field,
    count(*) as n_records
from {{ model }}
where
    {{ column_name }} not in (
        {%- for value in values %}{{ "'" ~ value ~ "'" if quote else value }}{{ ', ' if not loop.last }}{% endfor -%}
    )
    {{ for_tenants('and') }}
group by {{ column_name }}
{% endtest %}
