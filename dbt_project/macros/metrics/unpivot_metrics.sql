{#-
  Columns of a mart as rows (metric, unit, value, status). `metrics` is a list of (column, unit, status expression); the
  metric's name is the column's. Units: money, multiple, fraction, count, days.
-#}
{% macro unpivot_metrics(relation, entity_type, entity_id, vehicle_id, investor_id, as_of, currency_code, metrics) -%}
    select
        m.tenant_id,
        {{ entity_type }} as entity_type,
        {{ entity_id if entity_id.startswith("'") else 'm.' ~ entity_id }} as entity_id,
        {{ vehicle_id if '::' in vehicle_id else 'm.' ~ vehicle_id }} as vehicle_id,
        {{ investor_id if '::' in investor_id else 'm.' ~ investor_id }} as investor_id,
        {{ as_of if '::' in as_of else 'm.' ~ as_of }} as as_of,
        m.{{ currency_code }},
        long.metric,
        long.unit,
        long.value,
        long.status
    from {{ relation }} as m
    cross join lateral (
        values
        {%- for name, unit, status in metrics %}
        ('{{ name }}', '{{ unit }}', m.{{ name }}::double precision, {{ status ~ '::text' if status == 'null' else 'm.' ~ status }}){% if not loop.last %},{% endif %}
        {%- endfor %}
    ) as long (metric, unit, value, status)
    {{ for_tenants('where', 'm.tenant_id') }}
{%- endmacro %}
