-- Every amount that a source states on a line of the template, in the vehicle's currency, signed by its effect on the holder's
-- wealth. A vehicle with allocations takes its costs and income from them alone; one without takes them from its movements of cash.
with allocated as (
    select
        a.tenant_id,
        a.vehicle_id,
        a.investor_id,
        a.allocation_id,
        a.line,
        a.effective_on,
        {{ converted('a.amount', 'vehicle_rate') }} as amount,
        a.offset_rate,
        a.description
    from {{ ref('stg_capstan__allocations') }} as a
    inner join {{ ref('stg_capstan__vehicles') }} as v on a.tenant_id = v.tenant_id and a.vehicle_id = v.vehicle_id
    {{ fx_join('vehicle_rate', 'a.currency_code', 'v.currency_code', 'a.effective_on') }}
    where a.amount <> 0
),

-- Where the source states a fee received with its current offset rate and nothing on that offset's own line.
implied as (
    select
        f.tenant_id,
        f.vehicle_id,
        f.investor_id,
        f.allocation_id,
        'offset_' || substr(f.line, 10) as line,
        f.effective_on,
        f.amount * f.offset_rate as amount,
        f.description
    from allocated as f
    where
        f.line like 'received\_%'
        and f.offset_rate is not null
        and not exists (
            select 1
            from {{ ref('stg_capstan__allocations') }} as o
            where
                o.tenant_id = f.tenant_id and o.vehicle_id = f.vehicle_id and o.amount <> 0
                and o.line = 'offset_' || substr(f.line, 10)
        )
),

charged as (
    select
        f.tenant_id,
        f.vehicle_id,
        f.investor_id,
        f.transaction_id,
        coalesce(
            f.category,
            case
                when f.kind = 'fee' then 'management_fees'
                when f.kind = 'tax' then 'external_taxes'
                when f.kind = 'interest' then 'interest_income'
                when f.purpose = 'organizational_expenses' then 'external_organization'
                else 'external_other'
            end
        ) as line,
        f.effective_on,
        case when f.kind = 'interest' then f.vehicle_amount else -f.vehicle_amount end as amount,
        f.description
    from {{ ref('int_portfolio__flows_converted') }} as f
    where
        (f.kind in ('fee', 'expense', 'tax') or (f.kind = 'interest' and f.investor_id is null))
        and f.amount <> 0
        and not exists (
            select 1
            from {{ ref('stg_capstan__allocations') }} as a
            where a.tenant_id = f.tenant_id and a.vehicle_id = f.vehicle_id and a.amount <> 0
        )
)

select
    tenant_id,
    vehicle_id,
    investor_id,
    'a ' || allocation_id as stated_in,
    line,
    effective_on,
    amount,
    offset_rate,
    description
from allocated
union all
select
    tenant_id,
    vehicle_id,
    investor_id,
    'o ' || allocation_id,
    line,
    effective_on,
    amount,
    null,
    description
from implied
union all
select
    tenant_id,
    vehicle_id,
    investor_id,
    't ' || transaction_id,
    line,
    effective_on,
    amount,
    null,
    description
from charged
union all
select
    tenant_id,
    vehicle_id,
    investor_id,
    'f ' || transaction_id,
    case kind when 'contribution' then 'contributions' else 'distributions' end,
    effective_on,
    case kind when 'contribution' then vehicle_amount else -vehicle_amount end,
    null,
    null
from {{ ref('int_portfolio__flows_converted') }}
where is_performance_flow and amount <> 0
union all
select
    tenant_id,
    vehicle_id,
    investor_id,
    'c ' || transaction_id,
    case kind when 'contribution' then 'commitment_contributions' else 'commitment_recallable' end,
    effective_on,
    case kind when 'contribution' then -vehicle_amount else vehicle_amount end,
    null,
    null
from {{ ref('int_portfolio__flows_converted') }}
where (is_within_commitment or is_recallable) and amount <> 0
