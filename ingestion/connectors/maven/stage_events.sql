-- stream: stage_events
-- Prospecting = contacted, Engaging = meeting, Won = committed, Lost = passed; days begin at 00:00 UTC.
--
-- A deal with an engage_date entered "meeting" on that day; when it was contacted is not in the file and not invented.
-- A Prospecting row has no date at all: known is only that it stood there when the extract was made, so its event is
-- dated with the newest date of the file. Lost deals carry a value of 0, which is no amount: it stays blank.
with extract_day as (
    select max(greatest(coalesce(engage_date, close_date), coalesce(close_date, engage_date))) as newest_date
    from input
),

contacted as (
    select
        _row_number,
        opportunity_id,
        'contacted' as to_stage,
        null as from_stage,
        newest_date as on_date,
        null as amount
    from input
    cross join extract_day
    where deal_stage = 'Prospecting'
),

meeting as (
    select
        _row_number,
        opportunity_id,
        'meeting' as to_stage,
        'contacted' as from_stage,
        engage_date as on_date,
        null as amount
    from input
    where deal_stage <> 'Prospecting'
),

closed as (
    select
        _row_number,
        opportunity_id,
        case deal_stage when 'Won' then 'committed' when 'Lost' then 'passed' else deal_stage end as to_stage,
        'meeting' as from_stage,
        close_date as on_date,
        case when deal_stage = 'Won' then close_value end as amount
    from input
    where deal_stage not in ('Prospecting', 'Engaging')
),

moves as (
    select * from contacted
    union all
    select * from meeting
    union all
    select * from closed
)

select
    moves._row_number,
    moves.opportunity_id || ':' || moves.to_stage as event_id,
    'maven-pipeline' as vehicle_id,
    moves.opportunity_id as investor_id,
    moves.from_stage,
    moves.to_stage,
    moves.amount,
    case when moves.amount is not null then 'USD' end as currency_code,
    moves.on_date || 'T00:00:00Z' as occurred_at,
    input.sales_agent as actor,
    input.product as reason
from moves
inner join input on moves._row_number = input._row_number
