{#- Where the versions of a mart are: for models that read them and for the materialization. -#}
{% macro versions_of(relation) -%}
    {{ return(relation.incorporate(path={'identifier': relation.identifier ~ '_versions'})) }}
{%- endmacro %}


{#- A day that no client library fails on, unlike 'infinity'. -#}
{% macro end_of_knowledge() -%}
    timestamptz '9999-12-31 00:00:00+00'
{%- endmacro %}
