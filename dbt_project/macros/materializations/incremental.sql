{#-
  How a served mart is written. The strategy `replace_tenants` makes the rows of the tenants of this run those that the model
  computes, in one statement: what differs is deleted and inserted, ordered by the key, and what stayed the same is not touched.
  Readers never wait, and see the old rows or the new ones. How rows are compared is in differing_rows.sql.

  Unlike dbt's own incremental there is no temporary table and, outside a deploy, no DDL at all: a tenant run only
  needs the table to be there with the columns of the contract. A deploy (var `deploy`) creates the table empty with
  the contract's columns, its unique index and its grants before the first row; the guard of the warehouse adds the
  row policies in the same transaction. Changed columns, also only in a deploy, fill a new table beside the old one, which
  takes its name as the last step of the transaction: only that step needs the old table for itself, and it waits for its
  readers in short attempts between which others pass (guard.take_over). What a mart with `meta.keeps_versions` said before is kept
  beside it: in the same statement, or in a deploy, where the table may be a new one, in a second one (versions.sql).
-#}
{% materialization incremental, adapter='postgres' -%}
    {%- if config.get('incremental_strategy') != 'replace_tenants' -%}
        {%- do exceptions.raise_compiler_error(model.name ~ ': marts are written with incremental_strategy replace_tenants') -%}
    {%- endif -%}
    {%- if not config.get('contract').enforced -%}
        {%- do exceptions.raise_compiler_error(model.name ~ ': a mart needs an enforced contract') -%}
    {%- endif -%}
    {%- do require_the_runner() -%}
    {%- set relation = this.incorporate(type='table') -%}
    {%- set columns = model.columns.values() | map(attribute='name') | list -%}
    {%- set key = config.require('unique_key') -%}
    {%- if key[0] != 'tenant_id' or columns[0] != 'tenant_id' -%}
        {%- do exceptions.raise_compiler_error(model.name ~ ': tenant_id must be the first column and the first of unique_key') -%}
    {%- endif -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {%- if var('deploy', false) and keeps_versions() -%}
        {%- do widen_versions(versions_of(relation), columns) -%}
    {%- endif -%}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {#- One snapshot for the mart and for what is written down of its history. -#}
    {%- call statement('snapshot') -%} set transaction isolation level repeatable read; {{ set_scope() }} {%- endcall -%}
    {%- set found = mart_columns(relation) -%}
    {%- set is_in_place = found == contract_columns() -%}
    {%- set is_replaced = found is not none and not is_in_place -%}
    {%- set written = api.Relation.create(
        database=relation.database, schema=relation.schema, identifier=relation.identifier ~ '__new', type='table'
    ) if is_replaced else relation -%}
    {%- if var('deploy', false) -%}
        {%- do get_assert_columns_equivalent(sql) -%}
        {%- if not is_in_place -%}
            {%- set new_table -%}
                create table {{ written }} {{ get_table_columns_and_constraints() }};
                {{ mart_indexes(written, key) }}
            {%- endset -%}
            {%- do run_query(new_table) -%}
        {%- endif -%}
        {%- do run_query(mart_grants(written)) -%}
        {%- if keeps_versions() -%}
            {%- do deploy_versions(versions_of(relation), written, key) -%}
        {%- endif -%}
    {%- elif not is_in_place or (keeps_versions() and not version_columns_in_place(versions_of(relation))) -%}
        {%- do exceptions.raise_compiler_error(
            relation ~ ' is missing or has other columns than its contract: deploy the dbt project before refreshing tenants') -%}
    {%- endif -%}

    {%- set versions = versions_of(relation) if keeps_versions() and not var('deploy', false) else none -%}
    {% call statement('main', fetch_result=True) -%}
        {{ replace_rows(written, columns, key, sql, versions) }}
    {%- endcall %}
    {%- set counted = load_result('main')['data'][0] -%}
    {%- if counted[0] != counted[1] -%}
        {%- do exceptions.raise_compiler_error(
            relation ~ ': ' ~ counted[0] ~ ' rows were computed and ' ~ counted[1] ~ ' written: several have the key ' ~ key | join(', ')) -%}
    {%- endif -%}
    {%- if keeps_versions() and var('deploy', false) -%}
        {%- do run_query(catch_up_versions(versions_of(relation), written, columns, key)) -%}
    {%- endif -%}
    {%- if is_replaced -%}
        {%- do run_query("select guard.take_over('" ~ relation ~ "')") -%}
        {%- do drop_versions_views_of(relation) -%}
        {%- do run_query(
            "drop table " ~ relation
            ~ "; alter table " ~ written ~ " rename to " ~ adapter.quote(relation.identifier)) -%}
    {%- endif %}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do adapter.commit() %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [relation]}) }}
{%- endmaterialization %}


{#- The columns of the contract in their order, each blank only where it may be: as mart_columns gives those of a table. -#}
{% macro contract_columns() -%}
    {%- set contract = [] -%}
    {%- for column in model.columns.values() -%}
        {%- set required = column.constraints | selectattr('type', 'equalto', 'not_null') | list -%}
        {%- do contract.append(column.name ~ (' not null' if required else '')) -%}
    {%- endfor -%}
    {{ return(contract | join(',')) }}
{%- endmacro %}


{#- The columns that the table has; none where it is missing. -#}
{% macro mart_columns(relation) -%}
    {%- set found = run_query(
        "select string_agg(attname || case when attnotnull then ' not null' else '' end, ',' order by attnum)"
        ~ " from pg_attribute where attrelid = to_regclass('"
        ~ relation.include(database=false) ~ "') and attnum > 0 and not attisdropped") -%}
    {{ return(found.rows[0][0]) }}
{%- endmacro %}


{#- One unique index over the key (blank parts are equal), and what `meta.indexes` lists. -#}
{% macro mart_indexes(relation, key) -%}
    create unique index on {{ relation }} ({{ key | join(', ') }}) nulls not distinct;
    {%- for columns in config.get('meta', {}).get('indexes', []) %}
    create index on {{ relation }} ({{ columns | join(', ') }});
    {%- endfor %}
{%- endmacro %}
