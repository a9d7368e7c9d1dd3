{#-
  Currency conversion by dated rates. `fx_join` adds a lateral row named `alias` with
    numerator, divisor    the quoted rates by which an amount is multiplied and divided: see `converted`
    rate                  numerator / divisor, rounded: units of `to_currency` for one of `from_currency`, null where none is known
    reason                null, or the sentence that names the pair and the date
  The rate is the last one on or before the date, at most `rate_max_weekdays` business days old: the pair itself in
  either direction, else the cross through the euro (both legs from the same table). Same currency: exactly 1.
  A missing rate is never 1: amounts become null and carry the reason.
-#}
{% macro fx_join(alias, from_currency, to_currency, on_date) -%}
    left join lateral (
        select
            quoted.numerator,
            quoted.divisor,
            case when quoted.divisor = 1 then quoted.numerator else quoted.numerator / quoted.divisor end as rate,
            case
                when quoted.numerator is null or quoted.divisor is null
                    then 'No rate from ' || {{ from_currency }} || ' to ' || {{ to_currency }} || ' on '
                        || to_char({{ on_date }}, 'YYYY-MM-DD') || ' or within {{ var('rate_max_weekdays') }} business days before it'
            end as reason
        from (
            select
                case
                    when {{ from_currency }} = {{ to_currency }} then 1::numeric
                    when {{ alias }}_pair.divisor is not null then {{ alias }}_pair.numerator
                    else {{ alias }}_to.rate
                end as numerator,
                case
                    when {{ from_currency }} = {{ to_currency }} then 1::numeric
                    else coalesce({{ alias }}_pair.divisor, nullif({{ alias }}_from.rate, 0))
                end as divisor
            from (select 1) as {{ alias }}_one
            left join lateral (
                select candidate.numerator, candidate.divisor
                from (
                    select r.on_date, r.rate as numerator, 1::numeric as divisor, 1 as preference
                    from {{ ref('stg_capstan__fx_rates') }} as r
                    where r.base_currency_code = {{ from_currency }} and r.quote_currency_code = {{ to_currency }} and {{ is_recent('r', on_date) }}
                    union all
                    select r.on_date, 1::numeric, nullif(r.rate, 0), 2
                    from {{ ref('stg_capstan__fx_rates') }} as r
                    where r.base_currency_code = {{ to_currency }} and r.quote_currency_code = {{ from_currency }} and {{ is_recent('r', on_date) }}
                ) as candidate
                where {{ from_currency }} <> {{ to_currency }}
                order by candidate.on_date desc, candidate.preference
                limit 1
            ) as {{ alias }}_pair on true
            left join lateral ({{ euro_leg(from_currency, from_currency, to_currency, on_date) }}) as {{ alias }}_from on true
            left join lateral ({{ euro_leg(to_currency, from_currency, to_currency, on_date) }}) as {{ alias }}_to on true
        ) as quoted
    ) as {{ alias }} on true
{%- endmacro %}

{#-
  An amount at the rate of `fx_join`: multiplied first and divided by the quoted rate last, to 20 decimals, so that 108.43 USD at
  1.0843 USD a euro are 100 EUR. Multiplying by 1 / rate, which is rounded, would leave dust: 99.99999999999999998.
-#}
{% macro converted(amount, alias) -%}
    case
        when {{ alias }}.divisor = 1 then {{ amount }} * {{ alias }}.numerator
        else trim_scale(({{ amount }} * {{ alias }}.numerator)::numeric(60, 20) / {{ alias }}.divisor)
    end
{%- endmacro %}

{#- A row of rates or levels that may stand for the date: not after it, and not older than the bound. -#}
{% macro is_recent(relation, on_date) -%}
    {{ relation }}.on_date between {{ on_date }} - {{ (var('rate_max_weekdays') | int) + 2 * ((var('rate_max_weekdays') | int) // 5 + 1) }} and {{ on_date }}
                    and {{ weekdays_between(relation ~ '.on_date', on_date) }} <= {{ var('rate_max_weekdays') }}
{%- endmacro %}

{% macro euro_leg(currency, from_currency, to_currency, on_date) -%}
            select r.rate
            from {{ ref('stg_capstan__fx_rates') }} as r
            where r.base_currency_code = 'EUR'
                and r.quote_currency_code = {{ currency }}
                and {{ is_recent('r', on_date) }}
                and {{ from_currency }} <> {{ to_currency }}
                and 'EUR' not in ({{ from_currency }}, {{ to_currency }})
            order by r.on_date desc
            limit 1
{%- endmacro %}
