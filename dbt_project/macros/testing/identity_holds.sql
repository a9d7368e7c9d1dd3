{#- An accounting identity that every row (that satisfies `condition`) keeps; a returned row breaks it or leaves it unknown. -#}
{% test identity_holds(model, expression, condition='true') %}
select *
from {{ model }}
where ({{ condition }}) and ({{ expression }}) is not true {{ for_tenants('and') }}
{% endtest %}
