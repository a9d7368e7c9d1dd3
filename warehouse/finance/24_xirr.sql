-- finance.xirr and finance.xirr_detail as aggregates. The state is text, ',amount,day' a row: appending to it costs a third
-- of appending to numeric[], and it keeps the amounts exact until same-day flows are netted.

create or replace function finance._flows_append(state text, amount numeric, on_date date) returns text
language plpgsql immutable parallel safe
as $$
begin
    -- half a flow is unknown, not zero, and makes the answer unknown (null); a row with neither (an outer join's) is no flow
    return case
        when amount is null and on_date is null then state
        else state || ',' || amount || ',' || (on_date - date '2000-01-01')
    end;
end
$$;

comment on function finance._flows_append(text, numeric, date) is 'Internal. Transition function of finance.xirr.';

create or replace function finance._flows_join(state text, other text) returns text
language plpgsql immutable parallel safe
as $$
begin
    return state || other;
end
$$;

comment on function finance._flows_join(text, text) is 'Internal. Combine function of finance.xirr: null, once seen, stays.';

create or replace function finance._xirr_detail_of(state text) returns finance.irr_result
language plpgsql immutable strict parallel safe
as $$
declare
    given constant numeric [] := ('{' || substr(state, 2) || '}')::numeric [];
    flows record;
begin
    select
        array_agg(d.net::double precision order by d.day) filter (where d.net <> 0) as amounts,
        array_agg(d.day order by d.day) filter (where d.net <> 0) as days,
        min(d.day) as first_day,
        max(d.day) as last_day,
        coalesce(sum(d.entries), 0) as entries,
        count(*) filter (where d.entries > 0) as days_with_flows,
        max(d.day) filter (where d.entries = 0 or d.net = 0) as last_zero_day,
        max(d.day) filter (where d.net <> 0) as last_flow_day,
        bool_and(d.net <= 0) as only_paid_in
    into flows
    from (
        select
            given[2 * i]::integer as day,
            sum(given[2 * i - 1]) as net,
            count(*) filter (where given[2 * i - 1] <> 0) as entries
        from generate_series(1, cardinality(given) / 2) as i
        group by 1
    ) as d;
    return finance._irr_of_series(
        flows.amounts, flows.days, flows.first_day, flows.last_day,
        case
            when flows.entries = 0 then 'no_flows'
            when flows.only_paid_in and flows.last_zero_day > flows.last_flow_day then 'total_loss'
            when flows.days_with_flows = 1 and flows.entries > 1 then 'same_day_only'
            when coalesce(cardinality(flows.amounts), 0) = 0 then 'no_flows'
            when cardinality(flows.amounts) = 1 then 'single_flow'
            else 'no_sign_change'
        end
    );
end
$$;

comment on function finance._xirr_detail_of(text) is 'Internal. Final function of finance.xirr_detail.';

create or replace function finance._xirr_of(state text) returns double precision
language plpgsql immutable strict parallel safe
as $$
begin
    return (finance._xirr_detail_of(state)).irr;
end
$$;

comment on function finance._xirr_of(text) is 'Internal. Final function of finance.xirr.';

create or replace aggregate finance.xirr_detail(amount numeric, on_date date) (
    sfunc = finance._flows_append,
    stype = text,
    initcond = '',
    combinefunc = finance._flows_join,
    finalfunc = finance._xirr_detail_of,
    parallel = safe
);

comment on aggregate finance.xirr_detail(numeric, date) is
'Annual effective internal rate of return of dated flows with its status and all roots. amount: one currency, paid in '
'negative, received and the value held positive. Day count ACT/365 fixed from the first day whose flows do not net to zero. '
'See finance.irr_result and docs/metrics/irr.md. Source: METRICS section A.';

create or replace aggregate finance.xirr(amount numeric, on_date date) (
    sfunc = finance._flows_append,
    stype = text,
    initcond = '',
    combinefunc = finance._flows_join,
    finalfunc = finance._xirr_of,
    parallel = safe
);

comment on aggregate finance.xirr(numeric, date) is
'Annual effective internal rate of return as a fraction (0.125 is 12.5 %), null where there is not exactly one investment '
'root: finance.xirr_detail says why. amount: one currency, paid in negative, received and the value held positive; a null '
'amount or date makes the result null. Source: METRICS section A.';
