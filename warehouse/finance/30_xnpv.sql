-- finance.xnpv: the present value of dated flows at a given rate, as of the day of the first flow.

create or replace function finance._present_value_add(
    state double precision [], rate double precision, amount numeric, on_date date
) returns double precision []
language plpgsql immutable parallel safe
as $$
declare
    -- state: first day so far, sum of amounts discounted to that day, ln(1 + rate)
    day constant double precision := on_date - date '2000-01-01';
    u double precision;
begin
    if rate is null and amount is null and on_date is null then
        return state;
    end if;
    if state is null or rate is null or amount is null or on_date is null then
        return null;
    end if;
    if rate <= -1 then
        raise numeric_value_out_of_range using
            message = format('finance.xnpv cannot discount at the rate %s', rate),
            hint = 'A rate is a fraction above -1: 0.09 is 9 %.';
    end if;
    u := ln(1 + rate);
    if cardinality(state) = 0 then
        return array[day, amount, u];
    end if;
    if state[3] <> u then
        raise invalid_parameter_value using
            message = format('finance.xnpv was given two rates in one group, %s and %s', exp(state[3]) - 1, rate),
            hint = 'Group by the rate, or pass one rate for all rows of a group.';
    end if;
    if day < state[1] then
        return array[day, state[2] * exp(-(state[1] - day) / 365 * u) + amount, u];
    end if;
    return array[state[1], state[2] + amount::double precision * exp(-(day - state[1]) / 365 * u), u];
end
$$;

comment on function finance._present_value_add(double precision [], double precision, numeric, date) is
'Internal. Transition function of finance.xnpv.';

create or replace function finance._present_value_of(state double precision []) returns double precision
language sql immutable strict parallel safe
as $$
    select state[2]
$$;

comment on function finance._present_value_of(double precision []) is 'Internal. Final function of finance.xnpv.';

create or replace aggregate finance.xnpv(rate double precision, amount numeric, on_date date) (
    sfunc = finance._present_value_add,
    stype = double precision [],
    initcond = '{}',
    finalfunc = finance._present_value_of,
    parallel = safe
);

comment on aggregate finance.xnpv(double precision, numeric, date) is
'Present value of dated flows on the day of the first row''s date, in the currency of amount, at one annual effective rate '
'(fraction above -1) for the whole group. Day count ACT/365 fixed. Null when a rate, amount or date is null, or without rows. '
'Source: METRICS 2.1 (xnpv-excel-doc).';
