{#-
  Columns of a capital account for the year and for the time since inception, from those of its quarters. `account` is a row
  per quarter (opening_amount, contributions_amount, distributions_amount, fees_amount, closing_amount), `key` names the account.
  All three periods land on the closing amount of the quarter; the gain is what balances each.
-#}
{% macro account_periods(account, key) -%}
    {%- set year = 'partition by ' ~ key ~ ", date_trunc('year', quarter::timestamp) order by quarter" -%}
    {%- set life = 'partition by ' ~ key ~ ' order by quarter' -%}
    select
        {{ account }}.*,
        first_value(opening_amount) over ({{ year }}) as ytd_opening_amount,
        {{ sum_so_far('contributions_amount', year) }} as ytd_contributions_amount,
        {{ sum_so_far('distributions_amount', year) }} as ytd_distributions_amount,
        {{ sum_so_far('fees_amount', year) }} as ytd_fees_amount,
        0::numeric as itd_opening_amount,
        {{ sum_so_far('contributions_amount', life) }} as itd_contributions_amount,
        {{ sum_so_far('distributions_amount', life) }} as itd_distributions_amount,
        {{ sum_so_far('fees_amount', life) }} as itd_fees_amount
    from {{ account }}
{%- endmacro %}

{#- Null where one of the quarters so far is unknown. -#}
{% macro sum_so_far(amount, period) -%}
    case when count({{ amount }}) over ({{ period }}) = count(*) over ({{ period }}) then sum({{ amount }}) over ({{ period }}) end
{%- endmacro %}

{#- What the value gained in a period (prefix '', 'ytd_' or 'itd_'): the item that makes it foot. -#}
{% macro gain_of_period(prefix) -%}
    closing_amount - {{ prefix }}opening_amount - {{ prefix }}contributions_amount + {{ prefix }}distributions_amount + {{ prefix }}fees_amount
{%- endmacro %}
