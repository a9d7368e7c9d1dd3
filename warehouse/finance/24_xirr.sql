-- finance.xirr and finance.xirr_detail as aggregates. The state is text, 'amount,day,' a row: appending to it costs two
-- thirds of appending to numeric[], and amounts stay exact until same-day flows are netted. An array is made of it by
-- closing it with an element that is no flow: cutting off the last comma would take longer, since it counts characters.

create or replace function finance._flows_compact(state text) returns text
language plpgsql immutable strict parallel safe
as $$
declare
    -- Each append copies the state, so a long one is netted by day whenever it has doubled; a state that stays longer than
    -- half of its bound is padded to it, which moves the next netting to the next bound.
    bound constant integer := 16384 * (2 ^ floor(ln(octet_length(state) / 16384.0::double precision) / ln(2::double precision)))::integer;
    given numeric [];
    netted text;
begin
    if octet_length(state) - bound > 64 then
        return state;
    end if;
    given := ('{' || state || '0}')::numeric [];
    -- a day of several flows keeps two, so that it is still seen to have had more than one
    select coalesce(string_agg(d.flow || ',' || d.day || ',', '' order by d.day), '')
    into netted
    from (
        select
            g.day,
            unnest(case when count(*) = 1 then array[sum(g.amount)] else array[min(g.amount), sum(g.amount) - min(g.amount)] end) as flow
        from (select given[k] as amount, given[k + 1] as day from generate_series(1, cardinality(given) - 1, 2) as k) as g
        group by g.day
    ) as d;
    return case when octet_length(netted) > bound / 2 then rpad(netted, bound + 65) else netted end;
end
$$;

comment on function finance._flows_compact(text) is 'Internal. A state of finance.xirr with at most two flows a day, once it has doubled.';

create or replace function finance._flows_append(state text, amount numeric, on_date date) returns text
language plpgsql immutable parallel safe
as $$
begin
    -- half a flow is unknown, not zero, and makes the answer unknown (null); a row with neither (an outer join's) is no flow
    return case
        when octet_length(state) < 16384 then coalesce(
            state || (amount || ',' || (on_date - date '2000-01-01') || ','),
            case when amount is null and on_date is null then state end
        )
        when amount is null and on_date is null then state
        else finance._flows_compact(state) || (amount || ',' || (on_date - date '2000-01-01') || ',')
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

create or replace function finance._status_without_sign_change(
    entries bigint, days_with_flows bigint, days_left bigint, only_paid_in boolean, last_zero_day integer, last_flow_day integer
) returns text
language sql immutable parallel safe
as $$
    select case
        when entries = 0 then 'no_flows'
        when only_paid_in and last_zero_day > last_flow_day then 'total_loss'
        when days_with_flows = 1 and entries > 1 then 'same_day_only'
        when days_left = 0 then 'no_flows'
        when days_left = 1 then 'single_flow'
        else 'no_sign_change'
    end
$$;

comment on function finance._status_without_sign_change(bigint, bigint, bigint, boolean, integer, integer) is
'Internal. Why there can be no rate: entries counts flows other than zero, days_with_flows their dates, days_left the dates '
'that do not net to zero; a value of zero given after the last payment is a total loss.';

create or replace function finance._irr_of_any_flows(state text) returns finance.irr_result
language plpgsql immutable strict parallel safe
as $$
declare
    flows constant record := finance._netted(('{' || state || '0}')::numeric [], 2);
begin
    return finance._irr_of_series(
        flows.amounts, flows.times::integer [], flows.first_time::integer, flows.last_time::integer, flows.status_if_flat
    );
end
$$;

comment on function finance._irr_of_any_flows(text) is
'Internal. The result for flows in any order, netted by day in exact arithmetic.';

create or replace function finance._irr_of_single_root(single double precision []) returns finance.irr_result
language plpgsql immutable strict parallel safe
as $$
begin
    return (
        exp(single[1]) - 1,
        'ok',
        array[exp(single[1]) - 1],
        single[4] - single[2] >= 365,
        finance._growth(single[1] / 365 * (single[3] - single[2])),
        date '2000-01-01' + single[2]::integer,
        date '2000-01-01' + single[4]::integer
    )::finance.irr_result;
end
$$;

comment on function finance._irr_of_single_root(double precision []) is
'Internal. The result for an answer of finance._single_root with its days.';

create or replace function finance._xirr_detail_of(state text) returns finance.irr_result
language plpgsql immutable strict parallel safe
as $$
declare
    flows constant double precision [] := ('{' || state || '0}')::double precision [];
    single constant double precision [] := finance._single_root(flows, true);
begin
    if single[1] between -36.7 and 9.21 then
        return finance._irr_of_single_root(single);
    end if;
    return finance._irr_of_any_flows(state);
end
$$;

comment on function finance._xirr_detail_of(text) is 'Internal. Final function of finance.xirr_detail.';

create or replace function finance._xirr_of(state text) returns double precision
language plpgsql immutable strict parallel safe
as $$
declare
    flows constant double precision [] := ('{' || state || '0}')::double precision [];
    u constant double precision := (finance._single_root(flows, false))[1];
begin
    if u between -36.7 and 9.21 then
        return exp(u) - 1;
    end if;
    return (finance._irr_of_any_flows(state)).irr;
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
