-- finance.modified_dietz: a period's return from two values and the dated flows between them. METRICS section 4.

create or replace function finance._dietz_append(
    state text, amount numeric, on_date date, opening_value numeric, closing_value numeric, period_start date, period_end date
) returns text
language plpgsql immutable parallel safe
as $$
declare
    header text := concat_ws(',', opening_value, closing_value, period_start - date '2000-01-01', period_end - date '2000-01-01');
begin
    if state is null or opening_value is null or closing_value is null or period_start is null or period_end is null
        or (amount is null) <> (on_date is null) then
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
    return state || ',' || amount || ',' || (on_date - date '2000-01-01');
end
$$;

comment on function finance._dietz_append(text, numeric, date, numeric, numeric, date, date) is
'Internal. Transition function of finance.modified_dietz.';

create or replace function finance._dietz_of(state text) returns double precision
language plpgsql immutable strict parallel safe
as $$
declare
    given constant numeric [] := ('{' || state || '}')::numeric [];
    flows record;
    average_capital numeric;
begin
    if cardinality(given) = 0 or given[4] <= given[3] then
        return null;
    end if;
    -- investor's signs: what was paid in is negative and raises capital
    select
        coalesce(-sum(given[k]), 0) as added,
        coalesce(-sum(given[k] * (given[4] - given[k + 1])), 0) / (given[4] - given[3]) as added_for_the_time
    into flows
    from generate_series(5, cardinality(given), 2) as k;
    average_capital := given[1] + flows.added_for_the_time;
    if average_capital <= 0 then
        return null;
    end if;
    return (given[2] - given[1] - flows.added) / average_capital;
end
$$;

comment on function finance._dietz_of(text) is 'Internal. Final function of finance.modified_dietz.';

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
'period_start and period_end, the same on each row. Null when average capital is not positive. Source: METRICS section 4.';
