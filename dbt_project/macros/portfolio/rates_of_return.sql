{#-
  A CTE `returns`: the rate of return (`irr_detail`) of each of `positions` (`keys`, as_of, nav_amount) that has a value, from the
  `flows` with its keys (effective_on, and `amount` in the investor's sign) up to its date, with the value as the last one. One pass over
  flows and dates in their order: a join would list each flow once for every later date, to be sorted and gathered anew for each.
-#}
{% macro rates_of_return(positions, flows, keys, amount) -%}
returns as materialized (
    select
        {%- for key in keys %}
        {{ key }},
        {%- endfor %}
        on_date as as_of,
        finance.xirr_detail(amounts_before || amount, dates_before || on_date) as irr_detail
    from (
        select
            *,
            array_agg(amount) filter (where not is_position) over so_far as amounts_before,
            array_agg(on_date) filter (where not is_position) over so_far as dates_before
        from (
            select
                {%- for key in keys %}
                {{ key }},
                {%- endfor %}
                effective_on as on_date,
                {{ amount }} as amount,
                false as is_position
            from {{ flows }}
            union all
            select
                {%- for key in keys %}
                {{ key }},
                {%- endfor %}
                as_of,
                nav_amount,
                true
            from {{ positions }}
            where nav_amount is not null
        ) as events
        -- a fixed order, since doubles are added: building again must give the same last digit
        window so_far as (partition by {{ keys | join(', ') }} order by on_date, is_position, amount)
    ) as moments
    where is_position
)
{%- endmacro %}
