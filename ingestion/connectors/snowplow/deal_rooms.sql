-- stream: deal_rooms
-- prelude: _events.sql
-- One room a host.
select
    min(_row_number) as _row_number,
    page_urlhost as room_id,
    'snowplow-site' as vehicle_id,
    page_urlhost as name,
    cast(min(derived_tstamp::timestamp) as date) as opened_on
from events
where is_page_view
group by page_urlhost
