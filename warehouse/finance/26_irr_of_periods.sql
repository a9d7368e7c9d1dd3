-- finance.irr and finance.irr_detail: a rate over times that are told in years, not dates: periods of a schedule, or years by
-- another day count than the ACT/365 fixed of finance.xirr.

create or replace function finance._times_append(state text, amount numeric, years double precision) returns text
language plpgsql immutable parallel safe
as $$
begin
    if amount is null and years is null then
        return state;
    end if;
    if years in ('NaN', 'Infinity', '-Infinity') or amount in ('NaN', 'Infinity', '-Infinity') then
        raise numeric_value_out_of_range using
            message = format('finance.irr was given the amount %s after %s years', amount, years),
            hint = 'Amounts and times are finite numbers; a row in which both are null is no flow.';
    end if;
    return state || (',' || amount || ',' || years);
end
$$;

comment on function finance._times_append(text, numeric, double precision) is
'Internal. Transition function of finance.irr: half a flow, once seen, makes the state null.';

create or replace function finance._irr_of_times_detail(state text) returns finance.irr_result
language plpgsql immutable strict parallel safe
as $$
declare
    flows constant record := finance._netted(('{' || substr(state, 2) || '}')::numeric [], 2);
    answer finance.irr_result;
begin
    answer := finance._irr_of_times(
        flows.amounts,
        array(select t - flows.times[1] from unnest(flows.times) with ordinality as x (t, k) order by x.k),
        flows.status_if_flat
    );
    answer.is_annualized := coalesce(flows.last_time - flows.times[1] >= 1, false);
    return answer;
end
$$;

comment on function finance._irr_of_times_detail(text) is 'Internal. Final function of finance.irr_detail.';

create or replace function finance._irr_of_times_rate(state text) returns double precision
language plpgsql immutable strict parallel safe
as $$
begin
    return (finance._irr_of_times_detail(state)).irr;
end
$$;

comment on function finance._irr_of_times_rate(text) is 'Internal. Final function of finance.irr.';

create or replace aggregate finance.irr_detail(amount numeric, years double precision) (
    sfunc = finance._times_append,
    stype = text,
    initcond = '',
    combinefunc = finance._flows_join,
    finalfunc = finance._irr_of_times_detail,
    parallel = safe
);

comment on aggregate finance.irr_detail(numeric, double precision) is
'Internal rate of return of flows at times in years, with its status and all roots, as finance.irr_result without dates. amount: '
'one currency, paid in negative, received and the value held positive; flows of one time are netted. years: from any start, '
'such as finance.year_fraction(day_count, first_on, on_date); or the number of a period, and the rate is then one a period. '
'is_annualized: false when the last time lies less than 1 after the first flow. Source: METRICS section 2.';

create or replace aggregate finance.irr(amount numeric, years double precision) (
    sfunc = finance._times_append,
    stype = text,
    initcond = '',
    combinefunc = finance._flows_join,
    finalfunc = finance._irr_of_times_rate,
    parallel = safe
);

comment on aggregate finance.irr(numeric, double precision) is
'Internal rate of return, a fraction a year (or a period, if years numbers periods), null where finance.irr_detail says why. '
'Arguments as there; half a flow makes the result null. Source: METRICS section 2 (xirr-mathworks-*, irr-npf-*).';
