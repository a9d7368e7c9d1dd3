{#-
  Every staging view reads the tenants of the run only, whatever its readers ask for: a condition on tenant_id does not reach
  through a CTE that is read twice, so one tenant's refresh would read everybody's rows. The scope is a setting of the
  transaction (`set_scope`, before each model); without one, in a psql session or a test, it is every tenant.
  `with_platform`: rows of the platform too, which are everybody's.
-#}
{% macro in_scope(column='tenant_id', with_platform=false) -%}
    {{ column }} = any(
        coalesce(nullif(current_setting('capstan.tenants', true), '')::integer [], (select array_agg(every.tenant_id) from control.tenant as every))
        {{- ' || 0' if with_platform }}
    )
{%- endmacro %}


{#- The tenants of this run as the scope of the transaction; empty means every tenant. -#}
{% macro set_scope() -%}
    {%- set ids = [] -%}
    {%- for tenant in var('tenants', []) -%}
        {%- do ids.append(tenant | int(-1)) -%}
    {%- endfor -%}
    select set_config('capstan.tenants', '{{ '{' ~ ids | join(',') ~ '}' if ids }}', true)
{%- endmacro %}
