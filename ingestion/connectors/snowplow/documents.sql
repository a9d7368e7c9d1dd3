-- stream: documents
-- prelude: _events.sql
-- A page is a document: its host and path. When it was put there is not known: the first view stands for it.
select
    min(_row_number) as _row_number,
    document_id,
    page_urlhost as room_id,
    coalesce(arg_min(page_title, derived_tstamp), document_id) as name,
    'other' as type,
    min(derived_tstamp::timestamp) at time zone 'UTC' as uploaded_at
from events
where is_page_view
group by document_id, page_urlhost
