{#- Reasons after which trying the same means of payment again is pointless or forbidden by the card networks. -#}
{% macro hard_decline_pattern() -%}
    (stolen|lost.card|pickup.card|pick.up.card|do.not.honor|do.not.honour|fraud|account.closed|invalid.account|revocation|revoked)
{%- endmacro %}
