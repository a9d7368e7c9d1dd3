{#-
  Multiples from sums, never from rounded parts: TVPI = (distributions + NAV) / paid-in, PIC = paid-in / commitment.
  Null where the denominator is 0 or a part is unknown.
-#}
{% macro multiples(p) -%}
    {{ ratio(p ~ '.distributed_amount', p ~ '.contributed_amount') }} as dpi,
    {{ ratio(p ~ '.nav_amount', p ~ '.contributed_amount') }} as rvpi,
    {{ ratio(p ~ '.distributed_amount + ' ~ p ~ '.nav_amount', p ~ '.contributed_amount') }} as tvpi,
    {{ ratio(p ~ '.contributed_amount', p ~ '.commitment_amount') }} as pic
{%- endmacro %}

{#-
  The other convention for recallable distributions: they reduce paid-in instead of counting as distributed. Null where
  nothing remains paid in.
-#}
{% macro netted_multiples(p) -%}
    {{ ratio(p ~ '.distributed_amount - ' ~ p ~ '.recallable_amount', p ~ '.contributed_amount - ' ~ p ~ '.recallable_amount') }} as dpi_netted,
    {{ ratio(
        p ~ '.distributed_amount - ' ~ p ~ '.recallable_amount + ' ~ p ~ '.nav_amount', p ~ '.contributed_amount - ' ~ p ~ '.recallable_amount'
    ) }} as tvpi_netted
{%- endmacro %}

{#-
  What may still be called: what was promised, less what was called of it, with what may be called again, less what was released.
  Where no promise is known (`is_uncommitted`) nobody knows: not 0, and not what was paid in below zero.
-#}
{% macro unfunded(p) -%}
    case
        when not {{ p }}.is_uncommitted
            then {{ p }}.commitment_amount + {{ p }}.cancelled_amount - {{ p }}.called_amount + {{ p }}.recallable_amount - {{ p }}.released_amount
    end
{%- endmacro %}

{% macro unfunded_status(p) -%}
    case
        when {{ p }}.is_uncommitted then 'no_commitment'
        when {{ p }}.commitment_amount + {{ p }}.cancelled_amount - {{ p }}.called_amount + {{ p }}.recallable_amount - {{ p }}.released_amount is null then 'missing_rate'
        else 'ok'
    end
{%- endmacro %}

{#-
  Aggregates over a series of (amount, on_date, level, is_value, is_compared): the rate of return, and what the market would have
  made of it where the vehicle names a benchmark; a value held below zero is no payment to it. Both add doubles, so the order is fixed: building again must give the same last digit,
  whatever plan it is built by.
-#}
{% macro returns_of_series() -%}
        finance.xirr_detail(amount, on_date order by on_date, amount) as irr_detail,
        finance.pme_detail(
            case when not is_value then amount end, on_date, level, case when is_value then amount end order by on_date, amount
        ) filter (where is_compared) as pme
{%- endmacro %}

{#-
  The columns of a return. Without a value at the date nothing is known of it: irr, irr_status and the comparison with the
  market are null (nav_status says why), except that no flow at all is `no_flows`.
-#}
{% macro return_columns(r, nav_amount, flows, benchmark_code) -%}
    ({{ r }}.irr_detail).irr as irr,
    case when {{ flows }} = 0 then 'no_flows' else ({{ r }}.irr_detail).irr_status end as irr_status,
    ({{ r }}.irr_detail).irr_roots as irr_roots,
    ({{ r }}.irr_detail).is_annualized as is_annualized,
    ({{ r }}.irr_detail).period_return as period_return,
    ({{ r }}.pme).ks_pme as ks_pme,
    ({{ r }}.pme).direct_alpha as direct_alpha,
    case
        when {{ flows }} = 0 then 'no_flows'
        when {{ benchmark_code }} is null then 'no_benchmark'
        when {{ nav_amount }} is null then 'missing_nav'
        else ({{ r }}.pme).pme_status
    end as pme_status
{%- endmacro %}
