-- Years between two dates under the day counts that agreements name. Negative when the second date is earlier.

create or replace function finance.years_act_365f(from_date date, to_date date) returns double precision
language sql immutable strict parallel safe
as $$
    select (to_date - from_date) / 365.0::double precision
$$;

comment on function finance.years_act_365f(date, date) is 'Years, ACT/365 fixed: days / 365. The day count of finance.xirr.';

create or replace function finance.years_act_360(from_date date, to_date date) returns double precision
language sql immutable strict parallel safe
as $$
    select (to_date - from_date) / 360.0::double precision
$$;

comment on function finance.years_act_360(date, date) is 'Years, ACT/360: days / 360, the money-market day count.';

create or replace function finance.years_30_360(from_date date, to_date date) returns double precision
language sql immutable strict parallel safe
as $$
    -- bond basis (30/360 US without the end-of-February rule): day 31 counts as 30, the second only after a first of 30
    select (
        360 * (extract(year from to_date) - extract(year from from_date))
        + 30 * (extract(month from to_date) - extract(month from from_date))
        + case
            when extract(day from to_date) = 31 and extract(day from from_date) >= 30 then 30
            else extract(day from to_date)
        end
        - least(extract(day from from_date), 30)
    )::double precision / 360
$$;

comment on function finance.years_30_360(date, date) is
'Years, 30/360 bond basis (ISDA 2006 4.16(f)): months of 30 days. Not additive over dates: do not use it for an IRR''s root.';

create or replace function finance.years_30e_360(from_date date, to_date date) returns double precision
language sql immutable strict parallel safe
as $$
    select (
        360 * (extract(year from to_date) - extract(year from from_date))
        + 30 * (extract(month from to_date) - extract(month from from_date))
        + least(extract(day from to_date), 30) - least(extract(day from from_date), 30)
    )::double precision / 360
$$;

comment on function finance.years_30e_360(date, date) is
'Years, 30E/360 Eurobond basis (ISDA 2006 4.16(g)): months of 30 days, every day 31 counts as 30.';

create or replace function finance.years_act_act_isda(from_date date, to_date date) returns double precision
language sql immutable strict parallel safe
as $$
    -- whole years between the two years, plus each date's share of its own year of 365 or 366 days
    select
        extract(year from to_date)::double precision - extract(year from from_date)::double precision
        + (to_date - date_trunc('year', to_date)::date)
        / (extract(doy from (date_trunc('year', to_date) + interval '1 year - 1 day')))::double precision
        - (from_date - date_trunc('year', from_date)::date)
        / (extract(doy from (date_trunc('year', from_date) + interval '1 year - 1 day')))::double precision
$$;

comment on function finance.years_act_act_isda(date, date) is
'Years, ACT/ACT ISDA: days in leap years over 366, the others over 365.';

create or replace function finance._days_without_leap_days(from_date date, to_date date) returns integer
language sql immutable strict parallel safe
as $$
    -- leap days up to a date are those of the years before the one that 307 days later is: 29 February + 307 is 1 January
    select to_date - from_date - (t.years / 4 - t.years / 100 + t.years / 400) + (f.years / 4 - f.years / 100 + f.years / 400)
    from
        (select extract(year from to_date + 307)::integer - 1 as years) as t,
        (select extract(year from from_date + 307)::integer - 1 as years) as f
$$;

comment on function finance._days_without_leap_days(date, date) is 'Internal. Days after from_date up to to_date that are no 29 February.';

create or replace function finance._days_by_months_of_30(day_count text, from_date date, to_date date) returns integer
language plpgsql immutable strict parallel safe
as $$
declare
    first_day integer := extract(day from from_date);
    last_day integer := extract(day from to_date);
    starts_at_month_end constant boolean := extract(day from from_date + 1) = 1;
    ends_at_month_end constant boolean := extract(day from to_date + 1) = 1;
    is_february_end constant boolean := starts_at_month_end and extract(month from from_date) = 2;
begin
    case day_count
        when '30U/360' then
            if is_february_end and ends_at_month_end and extract(month from to_date) = 2 then
                last_day := 30;
            end if;
            first_day := case when is_february_end then 30 else least(first_day, 30) end;
            last_day := case when last_day = 31 and first_day = 30 then 30 else last_day end;
        when '30E+/360' then
            -- a 31st at the end is the first of the next month, which is one day after the 30th
            first_day := least(first_day, 30);
        when '30E/360 ISDA' then
            first_day := case when starts_at_month_end then 30 else first_day end;
            last_day := case when ends_at_month_end then 30 else last_day end;
    end case;
    return 360 * (extract(year from to_date) - extract(year from from_date))
        + 30 * (extract(month from to_date) - extract(month from from_date))
        + last_day - first_day;
end
$$;

comment on function finance._days_by_months_of_30(text, date, date) is
'Internal. Days between two dates with months of 30 days, by the day counts that have no function of their own.';
