-- A row "Other" that is not zero says in a footnote what it holds, beyond what no source splits (which the mart itself tells).
-- Why: ILPA asks for it. That the source's own words are in it is asked by assert_ilpa_others_are_described.
-- A returned row is a row of the template without a footnote.
{% for mart in ['fct_ilpa_nav_reconciliation', 'fct_ilpa_source_allocation'] %}
{%- set unsplit = 'm.unsplit_{}_amount' if mart == 'fct_ilpa_nav_reconciliation' else '0' %}
select
    m.tenant_id,
    m.vehicle_id,
    m.investor_id,
    m.period_end,
    m.line
from {{ ref(mart) }} as m
where
    m.line in {{ ilpa_other_lines() }}
    and m.footnote is null
    and (
        {%- for span in ['qtd', 'ytd', 'itd'] %}
        m.investor_{{ span }}_amount - {{ unsplit.format(span) }} <> 0{{ ' or' if not loop.last }}
        {%- endfor %}
    ) {{ for_tenants('and', 'm.tenant_id') }}
{{ 'union all' if not loop.last }}
{% endfor %}
