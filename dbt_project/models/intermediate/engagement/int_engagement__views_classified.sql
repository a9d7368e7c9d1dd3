-- Every view with its document, room and vehicle: who looked, how much of it, and whether it was a machine or our own team.
-- A view that names no investor is that of the one investor of the tenant with the viewer's address; one shared by several proves nothing.
with addresses as (
    select
        tenant_id,
        lower(trim(email)) as email,
        min(investor_id) as investor_id
    from {{ ref('stg_capstan__investors') }}
    where trim(email) <> ''
    group by tenant_id, lower(trim(email))
    having count(*) = 1
),

views as (
    select
        w.tenant_id,
        w.view_id,
        r.vehicle_id,
        d.room_id,
        w.document_id,
        coalesce(w.investor_id, a.investor_id) as investor_id,
        d.name as document_name,
        d.type as document_type,
        d.pages,
        w.viewer_email,
        coalesce('investor ' || coalesce(w.investor_id, a.investor_id), 'mail ' || w.viewer_email, 'view ' || w.view_id) as viewer,
        w.started_at,
        w.duration_seconds,
        w.page_seconds,
        w.downloaded,
        w.user_agent,
        w._batch_id as batch_id,
        w._row_number as source_row
    from {{ ref('stg_capstan__views') }} as w
    inner join {{ ref('stg_capstan__documents') }} as d on w.tenant_id = d.tenant_id and w.document_id = d.document_id
    inner join {{ ref('stg_capstan__deal_rooms') }} as r on d.tenant_id = r.tenant_id and d.room_id = r.room_id
    left join addresses as a on w.tenant_id = a.tenant_id and trim(w.viewer_email) = a.email
),

surrounded as (
    select
        views.*,
        count(*) filter (where duration_seconds = 0) over burst as empty_views_in_burst,
        coalesce(bool_or(duration_seconds > 0) over opened_after, false) as is_opened_after
    from views
    window
        burst as (
            partition by tenant_id, vehicle_id, viewer order by started_at
            range between interval '10 seconds' preceding and interval '10 seconds' following
        ),
        opened_after as (
            partition by tenant_id, document_id, viewer order by started_at
            range between current row and interval '10 seconds' following
        )
)

select
    s.tenant_id,
    s.view_id,
    s.vehicle_id,
    s.room_id,
    s.document_id,
    s.investor_id,
    s.document_name,
    s.document_type,
    s.pages,
    s.viewer_email,
    s.viewer,
    s.started_at,
    s.duration_seconds,
    s.page_seconds,
    s.downloaded,
    s.batch_id,
    s.source_row,
    case
        when s.page_seconds is not null
            then (
                select count(*)::integer
                from jsonb_array_elements_text(s.page_seconds) with ordinality as page (seconds, number)
                where page.seconds::numeric > 0 and (s.pages is null or page.number <= s.pages)
            )
    end as pages_viewed,
    {{ is_machine_user_agent('s.user_agent') }}
    or (s.duration_seconds = 0 and not s.downloaded and (s.empty_views_in_burst >= 3 or s.is_opened_after)) as is_machine,
    s.investor_id is null and team.domain is not null as is_own_team
from surrounded as s
left join {{ ref('stg_control__email_domains') }} as team
    on s.tenant_id = team.tenant_id and split_part(s.viewer_email, '@', 2) = team.domain
