-- What a group of funds or positions looks like: quartiles of peers, concentration, losses, the course of net cash.
-- A pooled return needs no function of its own: it is finance.xirr over the flows of all members.

create or replace function finance._quartiles_of(state double precision []) returns finance.quartile_result
language plpgsql immutable strict parallel safe
as $$
declare
    fewest constant integer := 8;
    breaks double precision [];
    answer finance.quartile_result;
begin
    select
        count(*) filter (where v <> 'NaN'),
        count(*) filter (where v = 'NaN' or v is null),
        percentile_cont(array[0.25, 0.5, 0.75]) within group (order by v) filter (where v <> 'NaN'),
        avg(v order by v) filter (where v <> 'NaN'),
        min(v) filter (where v <> 'NaN'),
        max(v) filter (where v <> 'NaN')
    into answer.members, answer.unknown, breaks, answer.mean, answer.lowest, answer.highest
    from unnest(state) as v;
    if answer.members < fewest then
        answer.mean := null;
        answer.lowest := null;
        answer.highest := null;
        answer.quartile_status := 'too_few';
        return answer;
    end if;
    answer.p25 := breaks[1];
    answer.median := breaks[2];
    answer.p75 := breaks[3];
    answer.quartile_status := 'ok';
    return answer;
end
$$;

comment on function finance._quartiles_of(double precision []) is 'Internal. Final function of finance.quartiles.';

create or replace aggregate finance.quartiles(value double precision) (
    sfunc = array_append,
    stype = double precision [],
    initcond = '{}',
    combinefunc = array_cat,
    finalfunc = finance._quartiles_of,
    parallel = safe
);

comment on aggregate finance.quartiles(double precision) is
'Quartile break points of a peer group (PERCENTILE.INC), suppressed under 8 members: see finance.quartile_result. Null and NaN '
'are no members. Group by vintage, strategy and currency at one as-of date, or use it over a window beside each member. '
'Source: METRICS sections A and 5.';

create or replace function finance.quartile_of(value double precision, peers finance.quartile_result) returns integer
language sql immutable parallel safe
as $$
    select case
        when value is null or value = 'NaN' or (peers).quartile_status is distinct from 'ok' then null
        when value >= (peers).p75 then 1
        when value >= (peers).median then 2
        when value >= (peers).p25 then 3
        else 4
    end
$$;

comment on function finance.quartile_of(double precision, finance.quartile_result) is
'The quartile of a value among its peers: 1 is the top one (at or above the 75th percentile), 4 the bottom. Null for an unknown '
'value and for suppressed peers. For a measure of which less is better pass its negative to both. Source: METRICS section 5.';

create or replace function finance._concentration_of_shares(given numeric [], capital numeric) returns finance.concentration_result
language plpgsql immutable parallel safe
as $$
declare
    answer finance.concentration_result;
    lowest numeric;
    has_unknown boolean;
begin
    select
        count(*) filter (where a <> 0),
        min(a),
        coalesce(bool_or(a is null), false)
    into answer.positions, lowest, has_unknown
    from unnest(given) as a;
    answer.concentration_status := case
        when has_unknown then 'missing_value'
        when answer.positions = 0 then 'no_positions'
        when lowest < 0 then 'negative_value'
        when capital is null or capital <= 0 then 'no_capital'
        else 'ok'
    end;
    if answer.concentration_status <> 'ok' then
        return answer;
    end if;
    select
        sum(p.a) / capital,
        sum(p.a) filter (where p.place <= 1) / capital,
        sum(p.a) filter (where p.place <= 5) / capital,
        sum(p.a) filter (where p.place <= 10) / capital,
        sum(p.a * p.a) / (capital * capital)
    into answer.total_share, answer.top_1_share, answer.top_5_share, answer.top_10_share, answer.hhi
    from (select a, row_number() over (order by a desc) as place from unnest(given) as a) as p;
    answer.effective_positions := 1 / answer.hhi;
    return answer;
end
$$;

comment on function finance._concentration_of_shares(numeric [], numeric) is
'Internal. Concentration of the values given, as shares of capital.';

create or replace function finance._concentration_of(state numeric []) returns finance.concentration_result
language sql immutable strict parallel safe
as $$
    select finance._concentration_of_shares(state, (select sum(a) from unnest(state) as a))
$$;

comment on function finance._concentration_of(numeric []) is 'Internal. Final function of finance.concentration(amount).';

create or replace function finance._two_append(state numeric [], first_value numeric, second_value numeric) returns numeric []
language plpgsql immutable parallel safe
as $$
begin
    return state || array[first_value, second_value];
end
$$;

comment on function finance._two_append(numeric [], numeric, numeric) is
'Internal. Transition function of aggregates over two numbers a row.';

create or replace function finance._concentration_in_capital_of(state numeric []) returns finance.concentration_result
language plpgsql immutable strict parallel safe
as $$
declare
    given numeric [];
    lowest numeric;
    highest numeric;
    answer finance.concentration_result;
begin
    select
        array_agg(state[k]),
        min(state[k + 1]),
        max(state[k + 1])
    into given, lowest, highest
    from generate_series(1, cardinality(state), 2) as k
    where num_nonnulls(state[k], state[k + 1]) > 0;
    answer := finance._concentration_of_shares(given, highest);
    if lowest <> highest then
        answer := null;
        answer.concentration_status := 'mixed_capital';
    end if;
    return answer;
end
$$;

comment on function finance._concentration_in_capital_of(numeric []) is
'Internal. Final function of finance.concentration(amount, capital).';

create or replace aggregate finance.concentration(amount numeric) (
    sfunc = array_append,
    stype = numeric [],
    initcond = '{}',
    combinefunc = array_cat,
    finalfunc = finance._concentration_of,
    parallel = safe
);

comment on aggregate finance.concentration(numeric) is
'Concentration of positions in their own total: see finance.concentration_result. amount: the value of a position, one '
'currency; a null one is unknown and makes the result so (filter rows of an outer join away). Source: METRICS section 7.';

create or replace aggregate finance.concentration(amount numeric, capital numeric) (
    sfunc = finance._two_append,
    stype = numeric [],
    initcond = '{}',
    combinefunc = array_cat,
    finalfunc = finance._concentration_in_capital_of,
    parallel = safe
);

comment on aggregate finance.concentration(numeric, numeric) is
'Concentration of positions in a capital that is the same on each row, such as partners'' capital (ASC 946-210-50-6): shares '
'need not sum to 1. A row of two nulls is none. See finance.concentration_result. Source: METRICS section 7.';

create or replace function finance._top_share_of(state numeric []) returns double precision
language plpgsql immutable strict parallel safe
as $$
declare
    places constant numeric := state[2];
    given record;
begin
    if exists (select from generate_series(2, cardinality(state), 2) as k where state[k] is distinct from places or state[k] < 1) then
        raise invalid_parameter_value using
            message = 'finance.top_share was given no number of positions, one below 1, or two different ones in one group',
            hint = 'The second argument is a count such as 5, the same on each row.';
    end if;
    select
        sum(p.a) as total,
        sum(p.a) filter (where p.place <= places) as top,
        bool_and(p.a >= 0) and not bool_or(p.a is null) as is_known
    into given
    from (
        select
            state[k] as a,
            row_number() over (order by state[k] desc nulls last) as place
        from generate_series(1, cardinality(state), 2) as k
    ) as p;
    return case when given.is_known and given.total > 0 then given.top / given.total end;
end
$$;

comment on function finance._top_share_of(numeric []) is 'Internal. Final function of finance.top_share.';

create or replace aggregate finance.top_share(amount numeric, positions numeric) (
    sfunc = finance._two_append,
    stype = numeric [],
    initcond = '{}',
    combinefunc = array_cat,
    finalfunc = finance._top_share_of,
    parallel = safe
);

comment on aggregate finance.top_share(numeric, numeric) is
'The share, a fraction, that the largest positions have in the sum of all. amount: value of a position, one currency; positions: '
'how many are the largest. Null when a value is unknown or negative or the sum is not positive: finance.concentration says '
'which. Source: METRICS section 7.';

create or replace function finance._loss_ratio_of(state numeric []) returns finance.loss_result
language plpgsql immutable strict parallel safe
as $$
declare
    given record;
    answer finance.loss_result;
begin
    select
        coalesce(sum(d.cost), 0) as invested,
        coalesce(sum(d.cost) filter (where d.worth < d.cost), 0) as cost_at_loss,
        coalesce(sum(d.cost - d.worth) filter (where d.worth < d.cost), 0) as lost,
        count(*) filter (where d.cost > 0) as deals,
        count(*) filter (where d.cost > 0 and d.worth < d.cost) as deals_at_loss,
        coalesce(bool_or(d.cost is null or d.worth is null), false) as has_unknown,
        coalesce(min(d.cost) < 0, false) as has_negative
    into given
    from (
        select
            state[k] as cost,
            state[k + 1] as worth
        from generate_series(1, cardinality(state), 2) as k
        where num_nonnulls(state[k], state[k + 1]) > 0
    ) as d;
    answer.deals := given.deals;
    answer.loss_status := case
        when given.has_unknown then 'missing_value'
        when given.has_negative then 'negative_cost'
        when given.deals = 0 then 'no_deals'
        else 'ok'
    end;
    if answer.loss_status <> 'ok' then
        return answer;
    end if;
    answer.deals_at_loss := given.deals_at_loss;
    answer.invested_amount := given.invested;
    answer.lost_amount := given.lost;
    answer.loss_ratio_cost := given.cost_at_loss / given.invested;
    answer.loss_ratio_amount := given.lost / given.invested;
    answer.loss_ratio_count := given.deals_at_loss::double precision / given.deals;
    return answer;
end
$$;

comment on function finance._loss_ratio_of(numeric []) is 'Internal. Final function of finance.loss_ratio.';

create or replace aggregate finance.loss_ratio(cost numeric, total_value numeric) (
    sfunc = finance._two_append,
    stype = numeric [],
    initcond = '{}',
    combinefunc = array_cat,
    finalfunc = finance._loss_ratio_of,
    parallel = safe
);

comment on aggregate finance.loss_ratio(numeric, numeric) is
'Loss ratio of a group of deals by all three conventions: see finance.loss_result. cost: invested in the deal, zero or more; '
'total_value: proceeds and remaining value, same currency. A row of two nulls is none; one null makes the result unknown. A '
'deal without cost is no deal. Source: METRICS section 7.';

create or replace function finance._j_curve_of(state text) returns finance.j_curve_result
language plpgsql immutable strict parallel safe
as $$
declare
    given constant numeric [] := ('{' || substr(state, 2) || '}')::numeric [];
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
        from generate_series(1, cardinality(given), 2) as k
        where given[k] <> 0
        group by given[k + 1]
        order by given[k + 1]
    loop
        has_flows := true;
        balance := balance + day.net;
        if balance < coalesce(answer.trough_amount, 0) then
            answer.trough_amount := balance;
            answer.trough_on := epoch + day.number;
            answer.break_even_on := null;
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
