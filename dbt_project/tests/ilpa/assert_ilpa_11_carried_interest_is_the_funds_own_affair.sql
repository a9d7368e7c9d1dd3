{{ config(severity='warn') }}
-- In the total column carried interest accrued or earned is zero: what the LPs owe is what the GP is owed.
-- Why: an accrual entered on one side only makes the gross NAV of the fund wrong. A warning, since only data can break it; carried
-- interest paid out of the fund or returned to it may leave a total. A returned row is a one-sided accrual.
select
    m.tenant_id,
    m.vehicle_id,
    m.period_end,
    m.line,
    max(m.total_itd_amount) as itd_amount
from {{ ref('fct_ilpa_nav_reconciliation') }} as m
where
    m.line in ('carry_accrued_unrealized', 'carry_earned_realized', 'carry_accrued_and_earned')
    and (m.total_qtd_amount <> 0 or m.total_ytd_amount <> 0 or m.total_itd_amount <> 0) {{ for_tenants('and', 'm.tenant_id') }}
group by m.tenant_id, m.vehicle_id, m.period_end, m.line
