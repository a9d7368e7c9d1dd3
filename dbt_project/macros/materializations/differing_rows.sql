{#-
  Makes the rows of a mart those that its model computes: one statement that writes the difference and nothing else, and answers
  with how many rows were computed and how many the mart has after it (they differ where two rows have one key). Where `versions`
  is given, rows that went close their version and rows that came open one.
-#}
{% macro replace_rows(relation, columns, key, sql, versions=none) -%}
    {%- set names = columns | join(', ') -%}
with replacement as materialized (
{{ sql }}
),

{{ differing_rows('select ctid as place, ' ~ names ~ ' from ' ~ relation ~ ' ' ~ for_tenants(), 'replacement', columns, key) }},

gone as (
    delete from {{ relation }}
    where ctid = any(array(select place from differing where place is not null))
    returning 1
),

-- After the deletion, whose rows have the same keys: counting it makes it happen first.
came as (
    insert into {{ relation }} ({{ names }})
    select {{ names }}
    from differing
    where is_computed and (select count(*) from gone) >= 0
    order by {{ key | join(', ') }}
    returning 1
),

{% if versions -%}
open_versions as materialized (
    select v.place
    from differing as d
    cross join lateral (
        select one.ctid as place
        from {{ versions }} as one
        where one.known_to = {{ end_of_knowledge() }} and {{ same_key('one', 'd', key) }}
        limit 1
    ) as v
),

{{ changed_versions(versions, columns, key, 'open_versions') }},
{%- endif %}

counted as (
    select
        (select count(*) from replacement) as computed,
        (select count(*) from {{ relation }} {{ for_tenants() }}) - (select count(*) from gone) + (select count(*) from came) as written
)

select computed, written from counted
{%- endmacro %}


{#-
  A CTE `differing`: the rows of either side that the other one has not, matched by the key and compared column by column. `old` is a
  query with the columns and `place`, where each row stands; `place` is null for rows that are new, `is_computed` is false for rows that
  went. A full join and not two anti-joins: both sides are read once.
-#}
{% macro differing_rows(old, new, columns, key) -%}
    {%- set of_old = [] -%}
    {%- set of_new = [] -%}
    {%- for name in columns -%}
        {%- do of_old.append('o.' ~ name) -%}
        {%- do of_new.append('n.' ~ name) -%}
    {%- endfor -%}
differing as materialized (
    select
        o.place,
        n.tenant_id is not null as is_computed,
        {%- for name in columns %}
        {{ 'coalesce(o.' ~ name ~ ', n.' ~ name ~ ') as ' ~ name if name in key else 'n.' ~ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from ({{ old }}) as o
    full join {{ new }} as n on {{ same_key('o', 'n', key) }}
    where ({{ of_old | join(', ') }}) is distinct from ({{ of_new | join(', ') }})
)
{%- endmacro %}


{#- Whether two rows have the same key. Parts that may be blank are equal where both are; as texts they are hashed like the others. -#}
{% macro same_key(a, b, key) -%}
    {%- for name in key -%}
        {%- set column = model.columns[name] -%}
        {%- if not loop.first %} and {% endif -%}
        {%- if column.constraints | selectattr('type', 'equalto', 'not_null') | list -%}
            {{ a }}.{{ name }} = {{ b }}.{{ name }}
        {%- else -%}
            {%- if column.data_type == 'text' -%}
                coalesce({{ a }}.{{ name }}, '') = coalesce({{ b }}.{{ name }}, '') and {% endif -%}
            {{ a }}.{{ name }} is not distinct from {{ b }}.{{ name }}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}
