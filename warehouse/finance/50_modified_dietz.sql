-- finance.modified_dietz: a period's return from two values and the dated flows between them. METRICS section 4.

create or replace function finance._dietz_append_at(
    state text, amount numeric, on_date date, opening_value numeric, closing_value numeric, period_start date, period_end date,
    flow_time text
) returns text
language plpgsql immutable parallel safe
as $$
declare
    header text := concat_ws(',', opening_value, closing_value, period_start - date '2000-01-01', period_end - date '2000-01-01');
begin
    if flow_time not in ('end_of_day', 'start_of_day') then
        raise invalid_parameter_value using
            message = format('finance.modified_dietz does not know the time of a flow %L', flow_time),
            hint = 'A flow happens at end_of_day (weight: the days after it) or start_of_day (its own day too).';
    end if;
    if state is null or opening_value is null or closing_value is null or period_start is null or period_end is null
        or flow_time is null or (amount is null) <> (on_date is null) or amount in ('NaN', 'Infinity', '-Infinity') then
        return null;
    end if;
    if state = '' then
        state := header;
    elsif not starts_with(state, header || ',') and state <> header then
        raise invalid_parameter_value using
            message = 'finance.modified_dietz was given two different periods or values in one group',
            hint = 'Group by whatever distinguishes them; values and dates of the period are the same on each row.';
    end if;
    -- flows outside (start, end] are no part of the period: a value is end of day and holds the flows of its day
    if amount is null or on_date <= period_start or on_date > period_end then
        return state;
    end if;
    -- the start of a day is the end of the day before
    return state || ',' || amount || ',' || (on_date - date '2000-01-01' - (flow_time = 'start_of_day')::integer);
end
$$;

comment on function finance._dietz_append_at(text, numeric, date, numeric, numeric, date, date, text) is
'Internal. Transition function of finance.modified_dietz with the time of a flow.';

create or replace function finance._dietz_append(
    state text, amount numeric, on_date date, opening_value numeric, closing_value numeric, period_start date, period_end date
) returns text
language sql immutable parallel safe
as $$
    select finance._dietz_append_at(
        state, amount, on_date, opening_value, closing_value, period_start, period_end, 'end_of_day'
    )
$$;

comment on function finance._dietz_append(text, numeric, date, numeric, numeric, date, date) is
'Internal. Transition function of finance.modified_dietz.';

create or replace function finance._dietz_detail_of(state text) returns finance.modified_dietz_result
language plpgsql immutable strict parallel safe
as $$
declare
    given constant numeric [] := ('{' || state || '}')::numeric [];
    opening constant numeric := given[1];
    closing constant numeric := given[2];
    first_day numeric := given[3];
    last_day constant numeric := given[4];
    flows record;
    answer finance.modified_dietz_result;
begin
    if cardinality(given) = 0 then
        return answer;
    end if;
    -- investor's signs: what was paid in is negative and raises capital
    select
        coalesce(-sum(given[k]), 0) as added,
        coalesce(-sum(given[k] * (last_day - given[k + 1])), 0) as added_days,
        min(given[k + 1]) as first_flow_day
    into flows
    from generate_series(5, cardinality(given), 2) as k
    where given[k] <> 0;
    -- nothing held at the start: the clock runs from the first flow
    if opening = 0 then
        first_day := coalesce(flows.first_flow_day, first_day);
    end if;
    answer.first_on := date '2000-01-01' + first_day::integer;
    answer.gain_amount := closing - opening - flows.added;
    if last_day <= given[3] then
        answer.dietz_status := 'no_period';
        return answer;
    end if;
    answer.average_capital := case when last_day > first_day then opening + flows.added_days / (last_day - first_day) else 0 end;
    if answer.average_capital <= 0 then
        answer.dietz_status := 'no_capital';
        return answer;
    end if;
    answer.modified_dietz := answer.gain_amount / answer.average_capital;
    answer.dietz_status := 'ok';
    return answer;
end
$$;

comment on function finance._dietz_detail_of(text) is 'Internal. Final function of finance.modified_dietz_detail.';

create or replace function finance._dietz_of(state text) returns double precision
language plpgsql immutable strict parallel safe
as $$
begin
    return (finance._dietz_detail_of(state)).modified_dietz;
end
$$;

comment on function finance._dietz_of(text) is 'Internal. Final function of finance.modified_dietz.';

create or replace aggregate finance.modified_dietz_detail(
    amount numeric, on_date date, opening_value numeric, closing_value numeric, period_start date, period_end date
) (
    sfunc = finance._dietz_append,
    stype = text,
    initcond = '',
    finalfunc = finance._dietz_detail_of,
    parallel = safe
);

comment on aggregate finance.modified_dietz_detail(numeric, date, numeric, numeric, date, date) is
'Modified Dietz return of a period with its parts and a status: see finance.modified_dietz_result. Arguments as in '
'finance.modified_dietz. Source: METRICS section 4.';

create or replace aggregate finance.modified_dietz(
    amount numeric, on_date date, opening_value numeric, closing_value numeric, period_start date, period_end date
) (
    sfunc = finance._dietz_append,
    stype = text,
    initcond = '',
    finalfunc = finance._dietz_of,
    parallel = safe
);

comment on aggregate finance.modified_dietz(numeric, date, numeric, numeric, date, date) is
'Modified Dietz return of a period, a fraction, not annualized: gain over average capital, flows weighted by the days left '
'(end of day). amount: paid in negative, received positive; opening_value and closing_value are end-of-day values at '
'period_start and period_end, the same on each row; with nothing held at the start the period runs from the first flow. '
'Null when average capital is not positive: finance.modified_dietz_detail says so. Source: METRICS section 4.';

create or replace aggregate finance.modified_dietz_detail(
    amount numeric, on_date date, opening_value numeric, closing_value numeric, period_start date, period_end date,
    flow_time text
) (
    sfunc = finance._dietz_append_at,
    stype = text,
    initcond = '',
    finalfunc = finance._dietz_detail_of,
    parallel = safe
);

comment on aggregate finance.modified_dietz_detail(numeric, date, numeric, numeric, date, date, text) is
'The same with the time of each flow, end_of_day or start_of_day: see finance.modified_dietz. With nothing held at the start, first_on '
'is then the day at whose end the period starts, the one before a first flow at start_of_day.';

create or replace aggregate finance.modified_dietz(
    amount numeric, on_date date, opening_value numeric, closing_value numeric, period_start date, period_end date,
    flow_time text
) (
    sfunc = finance._dietz_append_at,
    stype = text,
    initcond = '',
    finalfunc = finance._dietz_of,
    parallel = safe
);

comment on aggregate finance.modified_dietz(numeric, date, numeric, numeric, date, date, text) is
'The same with the time of each flow: end_of_day, weight (days of the period - day) / days; or start_of_day, (days - day + 1) / days, a '
'flow that earns on its own day too. Source: METRICS section 4.';
