-- Each stage an investor has been in (a move names it as where it came to or where it came from), and whether it later
-- reached a further one. `position` orders moves: the stage a move leaves is held just before it, the one it reaches after.
with moves as (
    select
        m.tenant_id,
        m.vehicle_id,
        m.investor_id,
        m.occurred_at,
        m.move_number * 2 as position,
        m.from_stage,
        m.to_stage
    from {{ ref('int_funnel__moves_ordered') }} as m
),

held as (
    select
        tenant_id,
        vehicle_id,
        investor_id,
        to_stage as stage,
        position,
        occurred_at as entered_at
    from moves
    union all
    select
        tenant_id,
        vehicle_id,
        investor_id,
        from_stage,
        position - 1,
        null
    from moves
    where from_stage is not null
),

entered as (
    select
        h.tenant_id,
        h.vehicle_id,
        h.investor_id,
        h.stage,
        s.stage_order,
        min(h.position) as position,
        (array_agg(h.entered_at order by h.position))[1] as entered_at
    from held as h
    inner join {{ ref('int_funnel__stages') }} as s on h.stage = s.stage
    group by h.tenant_id, h.vehicle_id, h.investor_id, h.stage, s.stage_order
),

reached as (
    select
        moves.*,
        s.stage_order as to_order
    from moves
    inner join {{ ref('int_funnel__stages') }} as s on moves.to_stage = s.stage
    where moves.to_stage <> 'passed'
)

select
    e.tenant_id,
    e.vehicle_id,
    e.investor_id,
    e.stage,
    e.stage_order,
    e.entered_at,
    min(m.occurred_at) as advanced_at
from entered as e
left join reached as m
    on
        e.tenant_id = m.tenant_id
        and e.vehicle_id = m.vehicle_id
        and e.investor_id = m.investor_id
        and e.position < m.position
        and e.stage_order < m.to_order
group by e.tenant_id, e.vehicle_id, e.investor_id, e.stage, e.stage_order, e.entered_at
