-- Views with the number of the viewer's visit to the vehicle's rooms: a new visit starts after a pause without activity.
with paused as (
    select
        v.*,
        max(v.started_at + make_interval(secs => v.duration_seconds::double precision)) over (
            partition by v.tenant_id, v.vehicle_id, v.viewer, v.is_machine
            order by v.started_at, v.view_id
            rows between unbounded preceding and 1 preceding
        ) as last_active_at
    from {{ ref('int_engagement__views_classified') }} as v
)

select
    paused.*,
    count(*) filter (
        where last_active_at is null or started_at - last_active_at > interval '{{ var('visit_gap_minutes') }} minutes'
    ) over (
        partition by tenant_id, vehicle_id, viewer, is_machine
        order by started_at, view_id
    )::integer as visit_number
from paused
