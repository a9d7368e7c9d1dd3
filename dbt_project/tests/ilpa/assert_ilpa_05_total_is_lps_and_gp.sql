{{ config(severity='warn') }}
-- In every row the total fund is the sum of its holders, the GP included.
-- Why: all three allocations must foot. A warning, since only data can break it: cash of investors, or amounts of a fund without
-- commitments, that no source gives to a holder. A returned row is a row of a fund with such an amount.
{% for mart in ['fct_ilpa_nav_reconciliation', 'fct_ilpa_commitment'] %}
select
    m.tenant_id,
    m.vehicle_id,
    m.period_end,
    m.line,
    {%- for span in ['qtd', 'ytd', 'itd'] %}
    max(m.total_{{ span }}_amount) - sum(m.investor_{{ span }}_amount) as {{ span }}_difference{{ ',' if not loop.last }}
    {%- endfor %}
from {{ ref(mart) }} as m
{{ for_tenants('where', 'm.tenant_id') }}
group by m.tenant_id, m.vehicle_id, m.period_end, m.line
having
    (count(m.investor_qtd_amount) = count(*) and max(m.total_qtd_amount) <> sum(m.investor_qtd_amount))
    or (count(m.investor_ytd_amount) = count(*) and max(m.total_ytd_amount) <> sum(m.investor_ytd_amount))
    or (count(m.investor_itd_amount) = count(*) and max(m.total_itd_amount) <> sum(m.investor_itd_amount))
{{ 'union all' if not loop.last }}
{% endfor %}
