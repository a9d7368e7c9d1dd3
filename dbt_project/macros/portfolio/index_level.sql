{#-
  The benchmark's total-return level on a date: the last one on or before it, at most `rate_max_weekdays` business days
  old. Adds a lateral row named `alias` with `level` and `level_on`; no row is interpolated or looked up ahead.
-#}
{% macro index_level_join(alias, index_code, on_date) -%}
    left join lateral (
        select i.level, i.on_date as level_on
        from {{ ref('stg_capstan__index_levels') }} as i
        where i.index_code = {{ index_code }} and {{ is_recent('i', on_date) }}
        order by i.on_date desc
        limit 1
    ) as {{ alias }} on true
{%- endmacro %}
