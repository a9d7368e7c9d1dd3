-- finance.mirr: a rate with payments financed at one rate and receipts reinvested at another; it always has one answer.

create or replace function finance._mirr_append(
    state text, amount numeric, on_date date, finance_rate double precision, reinvest_rate double precision
) returns text
language plpgsql immutable parallel safe
as $$
begin
    if amount is null and on_date is null then
        return state;
    end if;
    -- no number is unknown, as in a waterfall
    if amount in ('NaN', 'Infinity', '-Infinity') then
        return null;
    end if;
    if least(finance_rate, reinvest_rate) <= -1 then
        raise numeric_value_out_of_range using
            message = format('finance.mirr cannot discount at the rate %s', least(finance_rate, reinvest_rate)),
            hint = 'Rates are fractions above -1: 0.1 is 10 %.';
    end if;
    return state || (',' || amount || ',' || (on_date - date '2000-01-01') || ',' || finance_rate || ',' || reinvest_rate);
end
$$;

comment on function finance._mirr_append(text, numeric, date, double precision, double precision) is
'Internal. Transition function of finance.mirr: amount, day and both rates of a row; null, once seen, stays.';

create or replace function finance._mirr_detail_of(state text) returns finance.mirr_result
language plpgsql immutable strict parallel safe
as $$
declare
    epoch constant date := date '2000-01-01';
    given constant numeric [] := ('{' || substr(state, 2) || '}')::numeric [];
    n constant integer := cardinality(given);
    u_finance double precision;
    u_reinvest double precision;
    flows record;
    paid double precision := 0;
    received double precision := 0;
    answer finance.mirr_result;
begin
    if exists (select from generate_series(3, n, 4) as k where given[k] <> given[3] or given[k + 1] <> given[4]) then
        raise invalid_parameter_value using
            message = 'finance.mirr was given two different rates in one group',
            hint = 'Group by the rates, or pass one pair for all rows of a group.';
    end if;
    u_finance := ln(1 + given[3]::double precision);
    u_reinvest := ln(1 + given[4]::double precision);
    flows := finance._netted(given, 4);
    answer.first_on := epoch + flows.times[1]::integer;
    answer.last_on := epoch + flows.last_time::integer;
    answer.is_annualized := coalesce(flows.last_time - flows.times[1] >= 365, false);
    for i in 1..coalesce(cardinality(flows.times), 0) loop
        if flows.amounts[i] < 0 then
            paid := paid - flows.amounts[i] * exp(-u_finance * (flows.times[i] - flows.times[1]) / 365);
        else
            received := received + flows.amounts[i] * exp(u_reinvest * (flows.last_time - flows.times[i]) / 365);
        end if;
    end loop;
    if paid = 0 or received = 0 then
        answer.mirr_status := flows.status_if_flat;
        return answer;
    end if;
    answer.mirr := exp(ln(received / paid) * 365 / (flows.last_time - flows.times[1])) - 1;
    answer.mirr_status := 'ok';
    return answer;
end
$$;

comment on function finance._mirr_detail_of(text) is 'Internal. Final function of finance.mirr_detail.';

create or replace function finance._mirr_of(state text) returns double precision
language plpgsql immutable strict parallel safe
as $$
begin
    return (finance._mirr_detail_of(state)).mirr;
end
$$;

comment on function finance._mirr_of(text) is 'Internal. Final function of finance.mirr.';

create or replace aggregate finance.mirr_detail(
    amount numeric, on_date date, finance_rate double precision, reinvest_rate double precision
) (
    sfunc = finance._mirr_append,
    stype = text,
    initcond = '',
    combinefunc = finance._flows_join,
    finalfunc = finance._mirr_detail_of,
    parallel = safe
);

comment on aggregate finance.mirr_detail(numeric, date, double precision, double precision) is
'Modified internal rate of return of dated flows with its status: see finance.mirr_result. amount: one currency, paid in '
'negative, received and the value held positive, netted by day. finance_rate: annual rate at which payments are discounted to '
'the first day; reinvest_rate: at which receipts grow to the last date given; fractions above -1, the same on each row. '
'ACT/365 fixed. Source: METRICS section 2 (mirr-excel).';

create or replace aggregate finance.mirr(
    amount numeric, on_date date, finance_rate double precision, reinvest_rate double precision
) (
    sfunc = finance._mirr_append,
    stype = text,
    initcond = '',
    combinefunc = finance._flows_join,
    finalfunc = finance._mirr_of,
    parallel = safe
);

comment on aggregate finance.mirr(numeric, date, double precision, double precision) is
'Modified internal rate of return, annual, a fraction; null where finance.mirr_detail says why. Arguments as there. '
'Source: METRICS section 2.';
