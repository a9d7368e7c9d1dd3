-- stream: views
-- prelude: _events.sql
-- Durations are engaged time as Snowplow's model counts it: 5 s for the visit and 10 s (its heartbeat) for each
-- further ping; a view without pings lasted an unknown, short time: 0.
select
    views._row_number,
    views.page_view_id as view_id,
    views.document_id,
    views.derived_tstamp::timestamp at time zone 'UTC' as started_at,
    case when count(pings.event_id) = 0 then 0 else 5 + 10 * (count(distinct pings.event_id) - 1) end as duration_seconds,
    views.useragent as user_agent
from events as views
left join events as pings
    on views.page_view_id = pings.page_view_id and pings.event_name = 'page_ping'
where views.is_page_view
group by all
