-- The course of cumulative net cash: how deep it went, and when it came back.

create or replace function finance._j_curve_of(state text) returns finance.j_curve_result
language plpgsql immutable strict parallel safe
as $$
declare
    given constant numeric [] := ('{' || state || '0}')::numeric [];
    epoch constant date := date '2000-01-01';
    day record;
    balance numeric := 0;
    has_flows boolean := false;
    answer finance.j_curve_result;
begin
    for day in
        select
            given[k + 1]::integer as number,
            sum(given[k]) as net
        from generate_series(1, cardinality(given) - 1, 2) as k
        where given[k] <> 0
        group by given[k + 1]
        order by given[k + 1]
    loop
        has_flows := true;
        balance := balance + day.net;
        if balance < coalesce(answer.trough_amount, 0) then
            answer.trough_amount := balance;
            answer.trough_on := epoch + day.number;
        elsif balance >= 0 and answer.trough_on is not null then
            answer.break_even_on := coalesce(answer.break_even_on, epoch + day.number);
        end if;
    end loop;
    answer.net_amount := balance;
    answer.j_curve_status := case
        when not has_flows then 'no_flows'
        when answer.trough_on is null then 'never_below'
        when answer.break_even_on is null then 'open'
        else 'ok'
    end;
    return answer;
end
$$;

comment on function finance._j_curve_of(text) is 'Internal. Final function of finance.j_curve.';

create or replace aggregate finance.j_curve(amount numeric, on_date date) (
    sfunc = finance._flows_append,
    stype = text,
    initcond = '',
    combinefunc = finance._flows_join,
    finalfunc = finance._j_curve_of,
    parallel = safe
);

comment on aggregate finance.j_curve(numeric, date) is
'Trough and break-even of cumulative net cash: see finance.j_curve_result. amount: cash of one currency, paid in negative, '
'received positive, without values held; flows of a day count together. Half a flow makes the result null. '
'Source: METRICS section 5.';
