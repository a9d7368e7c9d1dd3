-- How much of the capital lies in few positions. The transition function over two numbers a row serves 73 too.

create or replace function finance._two_append(state numeric [], first_value numeric, second_value numeric) returns numeric []
language plpgsql immutable parallel safe
as $$
begin
    return state || array[first_value, second_value];
end
$$;

comment on function finance._two_append(numeric [], numeric, numeric) is
'Internal. Transition function of aggregates over two numbers a row.';

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
