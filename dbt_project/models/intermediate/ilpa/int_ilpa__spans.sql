-- What moved on each line for each holder: in the quarter, in the year to date and since inception, up to each period end.
select
    p.tenant_id,
    p.vehicle_id,
    p.period_end,
    m.investor_id,
    m.line as part,
    {{ strict_sum('m.amount', 'm.effective_on > p.quarter_before') }} as qtd,
    {{ strict_sum('m.amount', 'm.effective_on > p.year_before') }} as ytd,
    {{ strict_sum('m.amount') }} as itd,
    bool_or(m.is_estimate) as is_estimate
from {{ ref('int_ilpa__periods') }} as p
inner join {{ ref('int_ilpa__movements') }} as m
    on p.tenant_id = m.tenant_id and p.vehicle_id = m.vehicle_id and p.period_end >= m.effective_on
group by p.tenant_id, p.vehicle_id, p.period_end, m.investor_id, m.line
