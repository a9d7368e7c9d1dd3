{#-
  The comparisons that keep an account in the index: aggregates over a series of (amount, on_date, level, nav), gross flows in
  `amount`, values held in `nav`. nav_age_days is the age of the values that modified PME rests on.
-#}
{% macro index_accounts_of_series() -%}
        finance.index_accounts(amount, on_date, level, nav) as accounts,
        max(nav_age_days) as mpme_nav_age_days
{%- endmacro %}

{#- Their columns, each with its status; what hinders all of them is said by the comparison of the performance mart. -#}
{% macro index_account_columns(p, r) -%}
    {%- for name in ('ln_pme', 'pme_plus', 'mpme') %}
    (({{ r }}.accounts).{{ name }}).{{ name }} as {{ name }},
    case
        when {{ p }}.pme_status in ('no_flows', 'no_benchmark', 'missing_nav') then {{ p }}.pme_status
        else (({{ r }}.accounts).{{ name }}).{{ name }}_status
    end as {{ name }}_status,
    (({{ r }}.accounts).{{ name }}).{{ name }}_spread as {{ name }}_spread,
    {%- endfor %}
    (({{ r }}.accounts).pme_plus).scale as pme_plus_scale,
    {{ r }}.mpme_nav_age_days
{%- endmacro %}
