-- Contributions, distributions and a reported ending NAV are those of the capital account; calls and recalls since inception are
-- those of the performance of the investor.
-- Why: ILPA asks that the template, the capital account and the notices agree; they are computed on different ways here.
-- A returned row is a holder and quarter where they do not.
select
    a.tenant_id,
    a.vehicle_id,
    a.investor_id,
    m.period_end,
    m.line,
    m.investor_qtd_amount as template_amount,
    case m.line
        when 'contributions' then a.contributions_amount
        when 'distributions' then -a.distributions_amount
        else a.closing_amount
    end as account_amount
from {{ ref('fct_ilpa_nav_reconciliation') }} as m
inner join {{ ref('fct_capital_account') }} as a
    on
        m.tenant_id = a.tenant_id and m.vehicle_id = a.vehicle_id and m.investor_id = a.investor_id
        and m.period_end = a.closing_on
where
    m.line in ('contributions', 'distributions', 'ending_nav_net')
    and (m.line <> 'ending_nav_net' or (m.nav_status = 'reported' and a.nav_status = 'reported'))
    and m.investor_qtd_amount <> case m.line
        when 'contributions' then a.contributions_amount
        when 'distributions' then -a.distributions_amount
        else a.closing_amount
    end {{ for_tenants('and', 'm.tenant_id') }}
union all
select
    p.tenant_id,
    p.vehicle_id,
    p.investor_id,
    m.period_end,
    m.line,
    m.investor_itd_amount,
    case m.line when 'commitment_contributions' then -p.called_amount else p.recallable_amount end
from {{ ref('fct_ilpa_commitment') }} as m
inner join {{ ref('fct_investor_performance') }} as p
    on
        m.tenant_id = p.tenant_id and m.vehicle_id = p.vehicle_id and m.investor_id = p.investor_id
        and m.period_end = p.as_of
where
    m.line in ('commitment_contributions', 'commitment_recallable')
    and m.investor_itd_amount
    <> case m.line when 'commitment_contributions' then -p.called_amount else p.recallable_amount end {{ for_tenants('and', 'm.tenant_id') }}
