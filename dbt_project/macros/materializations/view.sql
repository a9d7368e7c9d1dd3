{#-
  Staging and intermediate views: dropped with what hangs on them and created anew, in the order of the graph. Only a
  deploy does this, alone and one view at a time; nobody but models reads these views, and the marts keep their rows.
-#}
{% materialization view, adapter='postgres' -%}
    {%- do require_the_runner() -%}
    {%- set relation = this.incorporate(type='view') -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% call statement('main') -%}
        drop view if exists {{ relation }} cascade;
        create view {{ relation }} as
        {{ sql }}
    {%- endcall %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do adapter.commit() %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [relation]}) }}
{%- endmaterialization %}
