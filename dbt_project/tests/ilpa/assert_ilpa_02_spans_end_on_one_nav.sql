-- QTD, YTD and ITD end on the same NAV, net and gross of carried interest, and on the same unfunded commitment.
-- Why: ILPA asks for it; a span that begins or sums wrongly shows here. A returned row is a column whose spans differ;
-- a span that begins with a value nobody knows has no end either and is passed over.
with cells as (
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
    where m.line in ('ending_nav_net', 'ending_nav_gross', 'carry_end', 'unapplied_offsets_end') {{ for_tenants('and', 'm.tenant_id') }}
    union all
    select
        m.tenant_id,
        m.vehicle_id,
        m.investor_id,
        m.period_end,
        m.line,
        cell.column_group,
        cell.amount
    from {{ ref('fct_ilpa_commitment') }} as m
    {{ ilpa_cells() }}
    where m.line in ('total_commitment', 'unfunded_end') {{ for_tenants('and', 'm.tenant_id') }}
)

select
    tenant_id,
    vehicle_id,
    investor_id,
    period_end,
    line,
    column_group,
    max(amount) - min(amount) as difference
from cells
group by tenant_id, vehicle_id, investor_id, period_end, line, column_group
having min(amount) <> max(amount)
