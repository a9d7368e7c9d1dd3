{#- Schemas are named in dbt_project.yml and used as they are: no prefix from the target. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name if custom_schema_name else target.schema }}
{%- endmacro %}
