-- The versions that are open are the rows of the mart, each once and nothing else, in every mart that keeps versions.
-- Why: "as known at now" has to be what everybody reads now; a change that was not written down would show here.
-- A returned row is a mart with rows on one side only.
{#- The graph knows no schema of a tenant's own; a mart that is referred to does. -#}
{%- set beside = ref('fct_investor_performance') %}
{%- set marts = [] -%}
{%- if execute -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.config.get('meta', {}).get('keeps_versions') -%}
        {%- do marts.append(node) -%}
    {%- endfor -%}
{%- endif %}
{%- for node in marts %}
{%- set relation = beside.incorporate(path={'identifier': node.alias}) %}
{%- set columns = node.columns.keys() | join(', ') %}
select
    '{{ node.name }}' as mart,
    count(*) as differing
from (
    (
        select {{ columns }} from {{ relation }} {{ for_tenants() }}
        except all
        select {{ columns }} from {{ versions_of(relation) }} where known_to = {{ end_of_knowledge() }} {{ for_tenants('and') }}
    )
    union all
    (
        select {{ columns }} from {{ versions_of(relation) }} where known_to = {{ end_of_knowledge() }} {{ for_tenants('and') }}
        except all
        select {{ columns }} from {{ relation }} {{ for_tenants() }}
    )
) as one_side
having count(*) > 0
{%- if not loop.last %}
union all
{%- endif %}
{%- else %}
select null as mart
where false
{%- endfor %}
