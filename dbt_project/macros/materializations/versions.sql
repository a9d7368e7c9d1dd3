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

  Written in the mart's own transaction and from its one snapshot. A row that stayed the same is not touched, so computing
  again without change writes nothing. The table is made and widened by a deploy only and never dropped; a column that left
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
    {%- if there -%}
        {%- for name in there if name not in columns and name not in version_columns() -%}
            {%- if there[name][1] -%}
                {%- do statements.append('alter column ' ~ name ~ ' drop not null') -%}
            {%- endif -%}
        {%- endfor -%}
        {%- for column in model.columns.values() -%}
            {%- if column.name not in there -%}
                {%- do statements.append('add column ' ~ column.name ~ ' ' ~ column.data_type) -%}
            {%- elif there[column.name][0] != column.data_type | lower -%}
                {%- do statements.append(
                    'alter column ' ~ column.name ~ ' type ' ~ column.data_type ~ ' using ' ~ column.name ~ '::' ~ column.data_type) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if statements -%}
        {%- call statement('widen_versions') -%}
            select guard.take_over('{{ versions }}');
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
  Closes the versions that changed or vanished and adds the new ones, for the tenants of this run. Rows are compared as
  wholes: joined by a hash of all columns, then compared column by column, so that no collision hides a change.
-#}
{% macro write_versions(versions, relation, columns) -%}
    {%- set moment = version_moment(versions) -%}
    update {{ versions }} as v
    set
        known_to = {{ moment }},
        closing_seen_seq = s.batch_seq,
        closing_batch_seq = {{ newest_batch_seq('s.tenant_id') }}
    from control.data_version as s
    where v.tenant_id = s.tenant_id and v.known_to = {{ end_of_knowledge() }} {{ for_tenants('and', 'v.tenant_id') }}
        and not exists (
            select 1 from {{ relation }} as m
            where {{ same_row('m', 'v', columns) }} {{ for_tenants('and', 'm.tenant_id') }}
        );
    insert into {{ versions }} ({{ columns | join(', ') }}, {{ version_columns() | join(', ') }})
    select
        {% for name in columns %}m.{{ name }}, {% endfor %}
        {{ moment }},
        {{ end_of_knowledge() }},
        s.version + 1,
        s.batch_seq,
        {{ newest_batch_seq('s.tenant_id') }},
        p.batch_seq,
        {{ newest_batch_seq(0) }},
        {{ 'true' if var('deploy', false) else 'false' }},
        null,
        null
    from {{ relation }} as m
    inner join control.data_version as s on m.tenant_id = s.tenant_id
    inner join control.data_version as p on p.tenant_id = 0
    where not exists (
        select 1 from {{ versions }} as v
        where v.known_to = {{ end_of_knowledge() }} and {{ same_row('m', 'v', columns) }} {{ for_tenants('and', 'v.tenant_id') }}
    ) {{ for_tenants('and', 'm.tenant_id') }}
    order by {{ config.require('unique_key') | join(', ') }}
{%- endmacro %}


{% macro newest_batch_seq(tenant_id) -%}
    coalesce((select max(b.batch_seq) from raw.batch as b where b.tenant_id = {{ tenant_id }}), 0)
{%- endmacro %}


{% macro same_row(a, b, columns) -%}
    {%- set of_a = [] -%}
    {%- set of_b = [] -%}
    {%- for name in columns -%}
        {%- do of_a.append(a ~ '.' ~ name) -%}
        {%- do of_b.append(b ~ '.' ~ name) -%}
    {%- endfor -%}
    {{ a }}.tenant_id = {{ b }}.tenant_id
            and hash_record_extended(row({{ of_a | join(', ') }}), 0) = hash_record_extended(row({{ of_b | join(', ') }}), 0)
            and ({{ of_a | join(', ') }}) is not distinct from ({{ of_b | join(', ') }})
{%- endmacro %}


{#- The time of this publication, as a literal: later than any before, even where the clock was set back. -#}
{% macro version_moment(versions) -%}
    {%- set found = run_query(
        "select greatest(clock_timestamp(), max(known_from) + interval '1 microsecond') at time zone 'UTC' from " ~ versions
        ~ ' ' ~ for_tenants()) -%}
    {{ return("timestamptz '" ~ found.rows[0][0].isoformat(sep=' ') ~ "+00'") }}
{%- endmacro %}
