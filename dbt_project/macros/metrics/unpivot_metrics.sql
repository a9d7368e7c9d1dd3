{#-
  Columns of a mart as rows (metric, unit, value, status). `metrics` is a list of (column, unit, status expression); the
  metric's name is the column's. Units: money, multiple, fraction, count, days. `versions`: of its versions, with what they add.
-#}
{% macro unpivot_metrics(mart, entity_type, entity_id, vehicle_id, investor_id, as_of, currency_code, metrics, versions=false) -%}
    select
        m.tenant_id,
        long.metric,
        {{ entity_type }} as entity_type,
        {{ entity_id if entity_id.startswith("'") else 'm.' ~ entity_id }} as entity_id,
        m.{{ as_of }} as as_of,
        {{ vehicle_id if '::' in vehicle_id else 'm.' ~ vehicle_id }} as vehicle_id,
        {{ investor_id if '::' in investor_id else 'm.' ~ investor_id }} as investor_id,
        long.unit,
        long.value,
        case when long.unit = 'money' then m.{{ currency_code }} end as currency_code,
        long.status
        {%- if versions -%}
        {%- for name in version_columns() %},
        m.{{ name }}
        {%- endfor %}
        {%- endif %}
    from {{ versions_of(mart) if versions else mart }} as m
    cross join lateral (
        values
        {%- for name, unit, status in metrics %}
        ('{{ name }}', '{{ unit }}', m.{{ name }}::double precision, {{ status ~ '::text' if status == 'null' else 'm.' ~ status }}){% if not loop.last %},{% endif %}
        {%- endfor %}
    ) as long (metric, unit, value, status)
    where m.{{ as_of }} is not null {{ for_tenants('and', 'm.tenant_id') if not versions }}
{%- endmacro %}
