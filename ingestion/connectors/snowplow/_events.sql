-- The events that count, one row an event, each told whether it is the one of its page view that counts as the view.
-- A page view counts once: the first of its event id, and the first of its page view id. Left out are events without a
-- page view id or session, events that the device sent more than three days after it made them (its clock is wrong), and
-- events more than three days into a session (a session id that never ends): the limits of Snowplow's own model.
with received as (
    select
        *,
        json_extract_string(contexts_com_snowplowanalytics_snowplow_web_page_1_0_0, '$[0].id') as page_view_id,
        row_number() over (partition by event_id order by collector_tstamp, _row_number) as occurrence
    from input
),

timely as (
    select *
    from received
    where
        occurrence = 1
        and page_view_id is not null
        and domain_sessionid is not null
        and dvce_sent_tstamp::timestamp <= dvce_created_tstamp::timestamp + interval 3 day
),

in_session as (
    select *
    from timely
    qualify
        derived_tstamp::timestamp
        <= min(derived_tstamp::timestamp) over (partition by domain_sessionid) + interval 3 day
)

select
    *,
    page_urlhost || coalesce(page_urlpath, '/') as document_id,
    event_name = 'page_view'
    and row_number() over (partition by page_view_id, event_name order by derived_tstamp, _row_number) = 1
        as is_page_view
from in_session
