{#- Words by which tenants say that a holding is no longer held; from its last flow on it is worth 0 unless valued later. -#}
{% macro exited_statuses() -%}
    ('exited', 'realised', 'realized', 'sold', 'written off', 'written_off', 'written-off', 'liquidated')
{%- endmacro %}
