-- Break points of a peer group, and where a member stands in it. A pooled return is not among them: it is finance.xirr over
-- the flows of all members.

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
