{#- The key of a model is unique; blank parts count as equal. Only the tenants of the run are looked at. -#}
{% test unique_key(model, columns) %}
select
    {{ columns | join(', ') }},
    count(*) as rows_with_this_key
from {{ model }}
{{ for_tenants() }}
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}
