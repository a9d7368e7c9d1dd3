-- Time-weighted return: sub-periods between valued days, linked; and the linking and annualizing of returns by themselves.

create or replace function finance._twr_append(state text, amount numeric, on_date date, nav numeric) returns text
language plpgsql immutable parallel safe
as $$
begin
    return finance._valued_append(state, amount, on_date, null, nav);
end
$$;

comment on function finance._twr_append(text, numeric, date, numeric) is 'Internal. Transition function of finance.twr.';

create or replace function finance._twr_detail_of(state text) returns finance.twr_result
language plpgsql immutable strict parallel safe
as $$
declare
    epoch constant date := date '2000-01-01';
    given constant numeric [] := ('{' || substr(state, 2) || '}')::numeric [];
    day record;
    opening double precision;  -- value at the start of the sub-period, flows of its day included; null before the first day
    opening_day integer;
    added double precision := 0;  -- flows between valued days, and their sum weighted by day
    added_days double precision := 0;
    has_unvalued_day boolean := false;
    unvalued_on date;
    capital double precision;
    closing double precision;
    linked double precision := 1;
    answer finance.twr_result;
begin
    answer.sub_periods := 0;
    for day in
        select
            given[k + 1]::integer as number,
            -sum(given[k])::double precision as added,
            sum(given[k + 3]) filter (where given[k + 3] <> 'NaN')::double precision as nav
        from generate_series(1, cardinality(given), 4) as k
        group by given[k + 1]
        having sum(given[k]) <> 0 or bool_or(given[k + 3] <> 'NaN')
        order by given[k + 1]
    loop
        answer.first_on := coalesce(answer.first_on, epoch + day.number);
        answer.last_on := epoch + day.number;
        if day.nav < 0 then
            answer.twr_status := 'negative_nav';
        elsif opening is null and day.nav is not null then
            -- the first value contains the flows of its day and what was before
            opening := day.nav;
            opening_day := day.number;
        elsif coalesce(opening, 0) = 0 and added = 0 and day.nav is null then
            -- out of nothing: what is paid in is worth what was paid, until the next value
            answer.twr_status := case when day.added < 0 then 'no_capital' end;
            opening := day.added;
            opening_day := day.number;
        elsif day.nav is null then
            added := added + day.added;
            added_days := added_days + day.added * day.number;
            has_unvalued_day := true;
            unvalued_on := coalesce(unvalued_on, epoch + day.number);
        else
            if opening = 0 and day.added > 0 then
                capital := day.added;
                closing := day.nav;
            elsif has_unvalued_day then
                capital := opening + (added * day.number - added_days) / (day.number - opening_day);
                closing := capital + day.nav - day.added - opening - added;
            else
                capital := opening;
                closing := day.nav - day.added;
            end if;
            if capital > 0 then
                -- what rounding leaves of a value paid out in full is nothing
                closing := case when abs(closing) <= 1e-13 * (capital + abs(day.added)) then 0 else closing end;
                answer.twr_status := case when closing < 0 then 'below_total_loss' end;
                linked := linked * (closing / capital);
            elsif capital < 0 or closing <> 0 then
                answer.twr_status := 'no_capital';
            end if;
            answer.sub_periods := answer.sub_periods + 1;
            opening := day.nav;
            opening_day := day.number;
            added := 0;
            added_days := 0;
            has_unvalued_day := false;
        end if;
        if answer.twr_status is not null then
            answer.problem_on := epoch + day.number;
            return answer;
        end if;
    end loop;

    if answer.first_on is null then
        answer.twr_status := 'no_flows';
        return answer;
    end if;
    if has_unvalued_day or epoch + opening_day <> answer.last_on or answer.sub_periods = 0 then
        answer.twr_status := 'missing_nav';
        answer.problem_on := coalesce(unvalued_on, answer.last_on);
        return answer;
    end if;
    answer.linked_dietz := linked - 1;
    answer.annualized_linked_dietz := finance.annualized_return(linked - 1, (answer.last_on - answer.first_on) / 365.0::double precision);
    if unvalued_on is not null then
        answer.twr_status := 'missing_nav';
        answer.problem_on := unvalued_on;
        return answer;
    end if;
    answer.twr_status := 'ok';
    answer.twr := answer.linked_dietz;
    answer.annualized_twr := answer.annualized_linked_dietz;
    return answer;
end
$$;

comment on function finance._twr_detail_of(text) is 'Internal. Final function of finance.twr_detail.';

create or replace function finance._twr_of(state text) returns double precision
language plpgsql immutable strict parallel safe
as $$
begin
    return (finance._twr_detail_of(state)).twr;
end
$$;

comment on function finance._twr_of(text) is 'Internal. Final function of finance.twr.';

create or replace function finance._linked_dietz_of(state text) returns double precision
language plpgsql immutable strict parallel safe
as $$
begin
    return (finance._twr_detail_of(state)).linked_dietz;
end
$$;

comment on function finance._linked_dietz_of(text) is 'Internal. Final function of finance.linked_dietz.';

create or replace aggregate finance.twr_detail(amount numeric, on_date date, nav numeric) (
    sfunc = finance._twr_append,
    stype = text,
    initcond = '',
    combinefunc = finance._flows_join,
    finalfunc = finance._twr_detail_of,
    parallel = safe
);

comment on aggregate finance.twr_detail(numeric, date, numeric) is
'Time-weighted return with its status: see finance.twr_result. amount: external flows of one currency, paid in negative, '
'received positive; nav: the value held at the end of on_date, after that day''s flows, null on rows of flows (amount null or 0 '
'on rows of values); several of a day add up. Starts at the first value, or at cost with the first payment. Half a row makes '
'the result null. Source: METRICS section 4.';

create or replace aggregate finance.twr(amount numeric, on_date date, nav numeric) (
    sfunc = finance._twr_append,
    stype = text,
    initcond = '',
    combinefunc = finance._flows_join,
    finalfunc = finance._twr_of,
    parallel = safe
);

comment on aggregate finance.twr(numeric, date, numeric) is
'Time-weighted return of the whole time, a fraction, not annualized; null unless there is a value on every day of a flow: '
'finance.twr_detail says why. Arguments as there. Source: METRICS section 4.';

create or replace aggregate finance.linked_dietz(amount numeric, on_date date, nav numeric) (
    sfunc = finance._twr_append,
    stype = text,
    initcond = '',
    combinefunc = finance._flows_join,
    finalfunc = finance._linked_dietz_of,
    parallel = safe
);

comment on aggregate finance.linked_dietz(numeric, date, numeric) is
'Modified Dietz returns between valued days, linked: a fraction, not annualized; what finance.twr is approximated by where flows '
'fall between values. Arguments as in finance.twr_detail. Source: METRICS section 4.';

create or replace function finance._linked_return_of(state double precision []) returns double precision
language plpgsql immutable strict parallel safe
as $$
declare
    linked double precision := 1;
    r double precision;
begin
    -- rising order, so that the order of rows does not reach the last digit
    for r in select v from unnest(state) as v order by v loop
        if r is null then
            return null;
        end if;
        if r < -1 or r = 'NaN' then
            raise numeric_value_out_of_range using
                message = format('finance.linked_return cannot link the return %s', r),
                hint = 'A return is a fraction of -1 or more: -1 is the loss of everything.';
        end if;
        linked := linked * (1 + r);
    end loop;
    return case when cardinality(state) > 0 then linked - 1 end;
end
$$;

comment on function finance._linked_return_of(double precision []) is 'Internal. Final function of finance.linked_return.';

create or replace aggregate finance.linked_return(period_return double precision) (
    sfunc = array_append,
    stype = double precision [],
    initcond = '{}',
    combinefunc = array_cat,
    finalfunc = finance._linked_return_of,
    parallel = safe
);

comment on aggregate finance.linked_return(double precision) is
'Returns of adjoining periods linked: product of (1 + return), less 1; fractions, not annualized. One of -1 makes it -1 for good. '
'Null when one is unknown or there are none. Source: METRICS section 4.';

create or replace function finance.annualized_return(
    period_return double precision, years double precision, is_young_allowed boolean default false
) returns double precision
language plpgsql immutable strict parallel safe
as $$
begin
    if period_return < -1 or period_return = 'NaN' then
        raise numeric_value_out_of_range using
            message = format('finance.annualized_return cannot annualize the return %s', period_return),
            hint = 'A return is a fraction of -1 or more: -1 is the loss of everything.';
    end if;
    return case when years > 0 and (years >= 1 or is_young_allowed) then power(1 + period_return, 1 / years) - 1 end;
end
$$;

comment on function finance.annualized_return(double precision, double precision, boolean) is
'A return of a whole time per year, fractions: (1 + return) ^ (1 / years) - 1. Null under one year, as GIPS asks, unless '
'is_young_allowed, and without time. years: by a day count, such as finance.years_act_365f. Source: METRICS section 4.';
