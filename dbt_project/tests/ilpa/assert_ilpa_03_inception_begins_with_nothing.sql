-- Since inception, NAV, carried interest and offsets begin at zero and the unfunded commitment at the total commitment.
-- Why: what came before inception is nothing. A returned row is an opening balance that says otherwise.
select
    m.tenant_id,
    m.vehicle_id,
    m.investor_id,
    m.period_end,
    m.line,
    cell.column_group,
    cell.amount
from {{ ref('fct_ilpa_nav_reconciliation') }} as m
{{ ilpa_cells() }}
where
    m.line in ('beginning_nav', 'carry_start', 'unapplied_offsets_start')
    and cell.span = 'itd'
    and cell.amount is distinct from 0 {{ for_tenants('and', 'm.tenant_id') }}
union all
select
    m.tenant_id,
    m.vehicle_id,
    m.investor_id,
    m.period_end,
    'unfunded_start',
    cell.column_group,
    max(cell.amount) - min(cell.amount)
from {{ ref('fct_ilpa_commitment') }} as m
{{ ilpa_cells() }}
where m.line in ('unfunded_start', 'total_commitment') and cell.span = 'itd' {{ for_tenants('and', 'm.tenant_id') }}
group by m.tenant_id, m.vehicle_id, m.investor_id, m.period_end, cell.column_group
having min(cell.amount) <> max(cell.amount)
