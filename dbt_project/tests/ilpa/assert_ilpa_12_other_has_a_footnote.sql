{{ config(severity='warn') }}
-- A row "Other" that is not zero says in a footnote what it holds, beyond what no source splits (which the mart itself tells).
-- Why: ILPA asks for it. A warning, since the words can only come from the source's description. A returned row lacks them.
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
    m.line in ('internal_other', 'external_other', 'external_other_2016', 'offset_other', 'offset_other_2016', 'other_income',
        'received_other', 'received_other_2016')
    and m.footnote is null
    and (
        {%- for span in ['qtd', 'ytd', 'itd'] %}
        m.investor_{{ span }}_amount - {{ unsplit.format(span) }} <> 0{{ ' or' if not loop.last }}
        {%- endfor %}
    ) {{ for_tenants('and', 'm.tenant_id') }}
{{ 'union all' if not loop.last }}
{% endfor %}
