-- How old an index level may be: the last one on or before the date, at most five business days (Monday to Friday) back.

create or replace function finance.business_days_between(from_date date, to_date date) returns integer
language sql immutable strict parallel safe
as $$
    -- weekdays in (from_date, to_date], negative when to_date is earlier; 1 January 1900 was a Monday
    select (w.upto_to - w.upto_from)::integer
    from (
        select
            (to_date - date '1900-01-01') / 7 * 5 + least((to_date - date '1900-01-01') % 7 + 1, 5) as upto_to,
            (from_date - date '1900-01-01') / 7 * 5 + least((from_date - date '1900-01-01') % 7 + 1, 5) as upto_from
    ) as w
$$;

comment on function finance.business_days_between(date, date) is
'Monday-to-Friday days after from_date up to and including to_date, without a holiday calendar. Dates from 1900 on.';

create or replace function finance.is_fresh_level(level_date date, on_date date) returns boolean
language sql immutable strict parallel safe
as $$
    select level_date <= on_date and finance.business_days_between(level_date, on_date) <= 5
$$;

comment on function finance.is_fresh_level(date, date) is
'Whether a level of level_date may stand for on_date: not after it, at most 5 business days old. Source: METRICS section A, PME.';

create or replace function finance.index_level(index_code text, on_date date) returns double precision
language plpgsql stable strict parallel safe
as $$
declare
    found record;
begin
    select
        l.on_date,
        l.level
    into found
    from raw.capstan__index_levels as l
    where
        l.tenant_id = 0
        and l.index_code = index_level.index_code
        and l.on_date <= index_level.on_date
        and l._superseded_at = 'infinity'
    order by l.on_date desc
    limit 1;
    return case when finance.is_fresh_level(found.on_date, on_date) then found.level end;
end
$$;

comment on function finance.index_level(text, date) is
'The level of the total-return index on the date or the last one before it, null when that is more than 5 business days old '
'or there is none. Reads the platform''s index levels, so only dbt_builder and the admin can call it; marts carry its result.';

-- raw is closed to everybody else anyhow; so closed, the rule that readers' functions read no table has no exception
revoke execute on function finance.index_level(text, date) from public;
grant execute on function finance.index_level(text, date) to dbt_builder;
