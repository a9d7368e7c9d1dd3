-- Every move of an investor in a round, in order, with the stage it left, since when, and the amount as last spoken of.
with moves as (
    select
        e.tenant_id,
        e.vehicle_id,
        e.investor_id,
        e.event_id,
        e.from_stage,
        e.to_stage,
        e.occurred_at,
        e.actor,
        e.reason,
        e._batch_id as batch_id,
        e._row_number as source_row,
        v.name as vehicle_name,
        v.currency_code as vehicle_currency_code,
        coalesce(e.currency_code, v.currency_code) as currency_code,
        e.amount,
        {{ converted('e.amount', 'amount_rate') }} as vehicle_amount,
        amount_rate.reason as fx_reason,
        row_number() over oldest_first as move_number,
        count(*) over whole as moves,
        lag(e.to_stage) over oldest_first as previous_stage,
        lag(e.occurred_at) over oldest_first as previous_at
    from {{ ref('stg_capstan__stage_events') }} as e
    inner join {{ ref('stg_capstan__vehicles') }} as v on e.tenant_id = v.tenant_id and e.vehicle_id = v.vehicle_id
    left join {{ ref('int_funnel__stages') }} as left_stage on e.from_stage = left_stage.stage
    left join {{ ref('int_funnel__stages') }} as new_stage on e.to_stage = new_stage.stage
    {{ fx_join('amount_rate', 'coalesce(e.currency_code, v.currency_code)', 'v.currency_code', 'e.occurred_at::date') }}
    window
        -- moves of one instant in the order of the stages that they leave: a chain entered in one go ends where it leads
        oldest_first as (
            partition by e.tenant_id, e.vehicle_id, e.investor_id
            order by e.occurred_at, coalesce(left_stage.stage_order, 0), new_stage.stage_order, e.event_id
        ),
        whole as (partition by e.tenant_id, e.vehicle_id, e.investor_id)
)

select
    tenant_id,
    vehicle_id,
    investor_id,
    event_id,
    vehicle_name,
    coalesce(from_stage, previous_stage) as from_stage,
    to_stage,
    occurred_at,
    case when previous_stage = coalesce(from_stage, previous_stage) then previous_at end as entered_at,
    actor,
    reason,
    batch_id,
    source_row,
    amount,
    currency_code,
    vehicle_amount,
    vehicle_currency_code,
    fx_reason,
    move_number,
    move_number = moves as is_current
from moves
