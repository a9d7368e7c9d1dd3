{#-
  Versions that need no table because they follow from others: a view `<name>_versions` with the columns of a mart and `known_from`,
  `known_to`. `name` is the mart's, or `<mart>__<part>` where parts of it have readers of their own (`audience`); readers of a known time
  see all parts that are granted to them. For a `post_hook`: written by a deploy only, and only where its text has changed (the name of the database apart).
-#}
{% macro versions_view(name, audience, sql) -%}
    {%- if execute and var('deploy', false) -%}
        {%- set view = versions_of(this.incorporate(path={'identifier': name}, type='view')) -%}
        {%- set place = view.include(database=false) -%}
        {%- set text = sql | replace(adapter.quote(this.database) ~ '.', '') -%}
        {%- set made_from = 'Versions that follow from those of other marts. Made from ' ~ local_md5(text) -%}
        {%- set found = run_query(
            "select to_regclass('" ~ place ~ "')::text, obj_description(to_regclass('" ~ place ~ "'), 'pg_class')").rows[0] -%}
        {%- if found[1] != made_from -%}
            {%- if found[0] -%}
                {%- do run_query("select guard.take_over('" ~ place ~ "'); drop view " ~ place) -%}
            {%- endif -%}
            {%- do run_query('create view ' ~ view ~ ' as ' ~ sql ~ '; comment on view ' ~ view ~ " is '" ~ made_from ~ "'") -%}
        {%- endif -%}
        {%- do run_query(mart_grants(view, audience)) -%}
    {%- endif -%}
{%- endmacro %}


{#- Drops the views of versions that stand in the way of a change to `relation`; the deploy that changes it makes them again. -#}
{% macro drop_versions_views_of(relation) -%}
    {%- set found = run_query(
        "select string_agg(distinct c.oid::regclass::text, ', ') from pg_depend as d"
        ~ " inner join pg_rewrite as w on d.classid = 'pg_rewrite'::regclass and d.objid = w.oid inner join pg_class as c on w.ev_class = c.oid"
        ~ " where d.refclassid = 'pg_class'::regclass and d.refobjid = to_regclass('" ~ relation.include(database=false)
        ~ "') and c.relkind = 'v' and right(c.relname, 9) = '_versions'") -%}
    {%- if found.rows[0][0] -%}
        {%- do run_query('drop view ' ~ found.rows[0][0]) -%}
    {%- endif -%}
{%- endmacro %}


{#- Of a mart that says `known_from` itself and whose rows, once published, stay: as known at a time they are those known by then. -#}
{% macro versions_of_what_is_never_revised() -%}
select
    m.*,
    {{ end_of_knowledge() }} as known_to
from {{ this }} as m
{%- endmacro %}
