-- stream: vehicles
-- prelude: _events.sql
-- The site is read as one vehicle's deal room; its currency is not in the events: US dollars are assumed.
select
    min(_row_number) as _row_number,
    'snowplow-site' as vehicle_id,
    'Website' as name,
    'priced_round' as kind,
    'USD' as currency_code,
    'active' as status
from events
where is_page_view
having count(*) > 0
