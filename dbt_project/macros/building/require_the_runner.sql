{#-
  Refuses what orchestration.lib.dbt_runner did not start: only the runner holds the locks under which builds follow one
  another, and gives each schema the tenants that live in it. By hand, `dbt run` would write every tenant into `marts`, also
  those with a schema of their own.
-#}
{% macro require_the_runner() -%}
    {%- if not var('locks_are_held', false) -%}
        {%- do exceptions.raise_compiler_error(
            model.name ~ ' was not built: run `capstan refresh` instead of dbt by hand, which takes no lock against other builds and '
            ~ 'would write tenants with a schema of their own into the shared one') -%}
    {%- endif -%}
{%- endmacro %}
