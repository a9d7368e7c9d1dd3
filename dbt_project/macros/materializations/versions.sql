{#-
  History of published rows: what every mart with `meta.keeps_versions: true` said, and from when until when.

  Beside the mart stands `<mart>_versions`: the mart's columns, then
    known_from, known_to   the row was published from the first time until before the second; `end_of_knowledge()` = it still is
    data_version           the tenant's data version (control.data_version) that brought it
    seen_batch_seq         newest batch of the tenant that the last completed refresh had seen
    batch_seq              newest batch of the tenant that this row was computed from
    seen_platform_seq, platform_seq   the same of the platform's rates and index levels
    is_deployed            written by a deploy: the computation itself may have changed
    closing_seen_seq, closing_batch_seq   seen_batch_seq and batch_seq of the refresh that ended this version; null while it holds
  Batches in (seen, newest] are what can have moved the number. Numbers of batches and not times, because a load that began
  before a refresh may end after it.

  Written in the mart's own statement (differing_rows.sql). A row that stayed the same is not touched, so computing again without
  change writes nothing. The table is made and widened by a deploy only and never dropped; a column that left
  the contract stays in it, empty from then on. How models read versions is in macros/versions.
-#}
{% macro keeps_versions() -%}
    {{ return(config.get('meta', {}).get('keeps_versions', false)) }}
{%- endmacro %}


{% macro version_columns() -%}
    {{ return({
        'known_from': 'timestamptz not null', 'known_to': 'timestamptz not null', 'data_version': 'bigint not null',
        'seen_batch_seq': 'bigint not null', 'batch_seq': 'bigint not null', 'seen_platform_seq': 'bigint not null',
        'platform_seq': 'bigint not null', 'is_deployed': 'boolean not null', 'closing_seen_seq': 'bigint', 'closing_batch_seq': 'bigint'
    }) }}
{%- endmacro %}


{#- Only in a deploy, in a transaction of its own that is over before the mart is computed: the columns that the contract has
    gained. Readers of the history wait for no more than this. -#}
{% macro widen_versions(versions, columns) -%}
    {#- dbt commits only what a statement has begun. -#}
    {%- call statement('begin') -%} select 1 {%- endcall -%}
    {%- set there = version_columns_in_place(versions) -%}
    {%- set statements = [] -%}
    {%- set retyped = [] -%}
    {%- if there -%}
        {%- set spelled = types_as_spelled() -%}
        {%- for name in there if name not in columns and name not in version_columns() -%}
            {%- if there[name][1] -%}
                {%- do statements.append('alter column ' ~ name ~ ' drop not null') -%}
            {%- endif -%}
        {%- endfor -%}
        {%- for column in model.columns.values() -%}
            {%- if column.name not in there -%}
                {%- do statements.append('add column ' ~ column.name ~ ' ' ~ column.data_type) -%}
            {%- elif there[column.name][0] != spelled[column.data_type] -%}
                {%- do retyped.append(column.name) -%}
                {%- do statements.append(
                    'alter column ' ~ column.name ~ ' type ' ~ column.data_type ~ ' using ' ~ column.name ~ '::' ~ column.data_type) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if statements -%}
        {%- do run_query("select guard.take_over('" ~ versions ~ "')") -%}
        {%- if retyped -%}
            {%- do drop_versions_views_of(versions) -%}
        {%- endif -%}
        {%- call statement('widen_versions') -%}
            alter table {{ versions }} {{ statements | join(', ') }}
        {%- endcall -%}
    {%- endif -%}
    {%- do adapter.commit() -%}
    {#- The driver begins by itself only once: without this, all that follows would be committed statement by statement. -#}
    {%- do run_query('begin') -%}
{%- endmacro %}


{#- Only in a deploy: the table where there is none yet, made like `relation`; its indexes and grants. -#}
{% macro deploy_versions(versions, relation, key) -%}
    {%- set statements -%}
        {%- if not version_columns_in_place(versions) -%}
        create table {{ versions }} (
            like {{ relation }},
            {%- for name, type in version_columns().items() %}
            {{ name }} {{ type }},
            {%- endfor %}
            check (known_from < known_to)
        );
        create unique index on {{ versions }} ({{ key | join(', ') }}, known_from) nulls not distinct;
        create unique index on {{ versions }} ({{ key | join(', ') }}) nulls not distinct where known_to = {{ end_of_knowledge() }};
        create index on {{ versions }} (tenant_id, known_to);
        {%- for indexed in config.get('meta', {}).get('indexes', []) %}
        create index on {{ versions }} ({{ indexed | join(', ') }});
        {%- endfor %}
        comment on table {{ versions }} is 'Every row of {{ this.identifier }} as it was published: known_from <= T and T < known_to gives the mart as known at T.';
        {%- endif %}
        {{ mart_grants(versions) }}
    {%- endset -%}
    {%- do run_query(statements) -%}
{%- endmacro %}


{#- The types of the contract's columns as the server spells them: timestamptz is `timestamp with time zone` to it. -#}
{% macro types_as_spelled() -%}
    {%- set types = model.columns.values() | map(attribute='data_type') | unique | list -%}
    {%- set found = run_query("select t, to_regtype(t)::text from unnest(array['" ~ types | join("', '") ~ "']) as t") -%}
    {%- set spelled = {} -%}
    {%- for row in found.rows -%}
        {%- do spelled.update({row[0]: row[1]}) -%}
    {%- endfor -%}
    {{ return(spelled) }}
{%- endmacro %}


{#- By name of column, in order: the type, and whether it may not be blank; empty where there is no table of versions. -#}
{% macro version_columns_in_place(versions) -%}
    {%- set found = run_query(
        "select attname, format_type(atttypid, atttypmod), attnotnull from pg_attribute where attrelid = to_regclass('"
        ~ versions.include(database=false) ~ "') and attnum > 0 and not attisdropped order by attnum") -%}
    {%- set columns = {} -%}
    {%- for row in found.rows -%}
        {%- do columns.update({row[0]: [row[1], row[2]]}) -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}


{#-
  Only in a deploy, which may have made the mart or its versions anew: brings the open versions of the tenants of this run to the rows
  that the mart has now.
-#}
{% macro catch_up_versions(versions, relation, columns, key) -%}
    {%- set names = columns | join(', ') -%}
    {%- set open = 'select ctid as place, ' ~ names ~ ' from ' ~ versions ~ ' where known_to = ' ~ end_of_knowledge() ~ ' ' ~ for_tenants('and') -%}
with {{ differing_rows(open, '(select ' ~ names ~ ' from ' ~ relation ~ ' ' ~ for_tenants() ~ ')', columns, key) }},

{{ changed_versions(versions, columns, key, 'differing') }}

select count(*) from opened
{%- endmacro %}


{#-
  CTEs that close the versions standing at `place` of the CTE `closing` and open one for each computed row of `differing`. The time of
  the publication is later than any before, even where the clock was set back; it is asked for only where a row is written.
-#}
{% macro changed_versions(versions, columns, key, closing) -%}
moment as materialized (
    select greatest(clock_timestamp(), max(known_from) + interval '1 microsecond') as published_at
    from {{ versions }} {{ for_tenants() }}
),

refresh as materialized (
    select
        s.tenant_id,
        s.version + 1 as data_version,
        s.batch_seq as seen_batch_seq,
        {{ newest_batch_seq('s.tenant_id') }} as batch_seq,
        p.batch_seq as seen_platform_seq,
        {{ newest_batch_seq(0) }} as platform_seq
    from control.data_version as s
    inner join control.data_version as p on p.tenant_id = 0
    {{ for_tenants('where', 's.tenant_id') }}
),

closed as (
    update {{ versions }} as v
    set known_to = (select published_at from moment), closing_seen_seq = r.seen_batch_seq, closing_batch_seq = r.batch_seq
    from refresh as r
    where v.tenant_id = r.tenant_id and v.ctid = any(array(select place from {{ closing }} where place is not null))
    returning 1
),

opened as (
    insert into {{ versions }} ({{ columns | join(', ') }}, {{ version_columns() | join(', ') }})
    select
        {% for name in columns %}d.{{ name }}, {% endfor %}
        (select published_at from moment),
        {{ end_of_knowledge() }},
        r.data_version,
        r.seen_batch_seq,
        r.batch_seq,
        r.seen_platform_seq,
        r.platform_seq,
        {{ 'true' if var('deploy', false) else 'false' }},
        null,
        null
    from differing as d
    inner join refresh as r on d.tenant_id = r.tenant_id
    where d.is_computed and (select count(*) from closed) >= 0
    order by {% for name in key %}d.{{ name }}{{ ', ' if not loop.last }}{% endfor %}
    returning 1
)
{%- endmacro %}


{% macro newest_batch_seq(tenant_id) -%}
    coalesce((select max(b.batch_seq) from raw.batch as b where b.tenant_id = {{ tenant_id }}), 0)
{%- endmacro %}
