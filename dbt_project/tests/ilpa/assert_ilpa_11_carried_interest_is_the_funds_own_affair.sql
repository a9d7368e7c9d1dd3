-- In the total column carried interest accrued or earned is zero: what the LPs owe is what the GP is owed.
-- Why: an accrual entered on one side only makes the gross NAV of the fund wrong; carried interest paid out of the fund or returned to
-- it may leave a total. One side may split what the other does not, so the three rows count together. A returned row is a holder and
-- quarter in whose template they do not sum to zero.
select
    m.tenant_id,
    m.vehicle_id,
    m.investor_id,
    m.period_end,
    {%- for span in ['qtd', 'ytd', 'itd'] %}
    sum(m.total_{{ span }}_amount) as {{ span }}_amount{{ ',' if not loop.last }}
    {%- endfor %}
from {{ ref('fct_ilpa_nav_reconciliation') }} as m
where m.line in ('carry_accrued_unrealized', 'carry_earned_realized', 'carry_accrued_and_earned') {{ for_tenants('and', 'm.tenant_id') }}
group by m.tenant_id, m.vehicle_id, m.investor_id, m.period_end
having sum(m.total_qtd_amount) <> 0 or sum(m.total_ytd_amount) <> 0 or sum(m.total_itd_amount) <> 0
