{#-
  The tenants of this run as a condition. Every import CTE of a mart ends with it, so that the database sees the
  tenant at the start of each branch; one tenant becomes an equality, which the planner carries through joins.
  Ids are numbers by force (`| int`), so nothing of --vars can reach the SQL as text.
-#}
{% macro for_tenants(keyword='where', column='tenant_id') -%}
    {%- set tenants = var('tenants', []) -%}
    {%- if tenants | length == 1 -%}
        {{ keyword }} {{ column }} = {{ tenants[0] | int(-1) }}
    {%- elif tenants | length > 1 -%}
        {{ keyword }} {{ column }} in ({% for tenant in tenants %}{{ tenant | int(-1) }}{% if not loop.last %}, {% endif %}{% endfor %})
    {%- endif -%}
{%- endmacro %}
