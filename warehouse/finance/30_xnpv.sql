-- finance.xnpv: the present value of dated flows at a given rate, as of the day of the first flow.
-- The state is text, the rate and ',amount,day' a row, so that days are summed in their order, whatever that of the rows.

create or replace function finance._xnpv_append(state text, rate double precision, amount numeric, on_date date) returns text
language plpgsql immutable parallel safe
as $$
begin
    if rate is null and amount is null and on_date is null then
        return state;
    end if;
    if state is null or rate is null or amount is null or on_date is null or amount in ('NaN', 'Infinity', '-Infinity') then
        return null;
    end if;
    if rate <= -1 or rate in ('NaN', 'Infinity') then
        raise numeric_value_out_of_range using
            message = format('finance.xnpv cannot discount at the rate %s', rate),
            hint = 'A rate is a fraction above -1: 0.09 is 9 %.';
    end if;
    if state = '' then
        state := rate;
    elsif not starts_with(state, rate || ',') then
        raise invalid_parameter_value using
            message = format('finance.xnpv was given two rates in one group, %s and %s', split_part(state, ',', 1), rate),
            hint = 'Group by the rate, or pass one rate for all rows of a group.';
    end if;
    return state || (',' || amount || ',' || (on_date - date '2000-01-01'));
end
$$;

comment on function finance._xnpv_append(text, double precision, numeric, date) is 'Internal. Transition function of finance.xnpv.';

create or replace function finance._xnpv_of(state text) returns double precision
language plpgsql immutable strict parallel safe
as $$
declare
    given constant numeric [] := ('{' || state || '}')::numeric [];
    u constant double precision := ln(1 + given[1]::double precision);
begin
    return (
        select sum(d.net::double precision * exp(-(d.day - d.first_day)::double precision / 365 * u) order by d.day)
        from (
            select
                given[k + 1] as day,
                sum(given[k]) as net,
                min(given[k + 1]) over () as first_day
            from generate_series(2, cardinality(given), 2) as k
            group by given[k + 1]
        ) as d
    );
end
$$;

comment on function finance._xnpv_of(text) is 'Internal. Final function of finance.xnpv.';

create or replace aggregate finance.xnpv(rate double precision, amount numeric, on_date date) (
    sfunc = finance._xnpv_append,
    stype = text,
    initcond = '',
    finalfunc = finance._xnpv_of,
    parallel = safe
);

comment on aggregate finance.xnpv(double precision, numeric, date) is
'Present value of dated flows on the day of the first row''s date, in the currency of amount, at one annual effective rate '
'(fraction above -1) for the whole group. Day count ACT/365 fixed. Null when a rate, amount or date is null, or without rows. '
'Source: METRICS 2.1 (xnpv-excel-doc).';

-- its functions before it kept its rows
drop function if exists finance._present_value_add(double precision [], double precision, numeric, date);
drop function if exists finance._present_value_of(double precision []);
