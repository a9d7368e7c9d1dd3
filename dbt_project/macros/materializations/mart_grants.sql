{#- Readers of this mart: `gp` reads every mart of the tenant, `lp` those with an investor_id that say so. Which login
    roles these are is the guard's to say: a tenant's own schema has its own. -#}
{% macro mart_grants(relation, audience=none) -%}
    {%- set audience = config.get('meta', {}).get('audience', []) if audience is none else audience -%}
    {%- if 'lp' in audience and 'investor_id' not in model.columns -%}
        {%- do exceptions.raise_compiler_error(model.name ~ ': audience lp needs a column investor_id') -%}
    {%- endif -%}
    {%- set readers = run_query(
        "select gp_role, lp_role from guard.assigned_schema where nspname = '" ~ relation.schema ~ "'").rows[0] -%}
    {%- for reader in audience %}
    grant select on {{ relation }} to {{ {'gp': readers[0], 'lp': readers[1]}[reader] }};
    {%- endfor %}
{%- endmacro %}
