-- What the market comparisons of 42 to 44 share: gross flows with the fund's values and the index's levels, put in order by
-- day. The aggregates have one transition function, so Postgres gathers the rows once for all of them.

create or replace function finance._valued_compact(state text) returns text
language plpgsql immutable strict parallel safe
as $$
declare
    -- as finance._flows_compact does it: payments and receipts of a day and level become one row each
    bound constant integer := 16384 * (2 ^ floor(ln(octet_length(state) / 16384.0::double precision) / ln(2::double precision)))::integer;
    given numeric [];
    shorter text;
begin
    if octet_length(state) - bound > 128 then
        return state;
    end if;
    given := ('{' || substr(state, 2) || '}')::numeric [];
    select string_agg(',' || d.flow || ',' || d.day || ',' || d.level || ',' || d.nav, '' order by d.day, d.level, d.direction)
    into shorter
    from (
        select
            given[k + 1] as day,
            given[k + 2] as level,
            sign(given[k]) as direction,
            sum(given[k]) as flow,
            coalesce(sum(given[k + 3]) filter (where given[k + 3] <> 'NaN'), 'NaN') as nav
        from generate_series(1, cardinality(given), 4) as k
        group by given[k + 1], given[k + 2], sign(given[k])
    ) as d;
    return case when octet_length(shorter) > bound / 2 then rpad(shorter, bound + 129) else shorter end;
end
$$;

comment on function finance._valued_compact(text) is
'Internal. A state of the market comparisons with one row a day, level and direction, once it has doubled.';

create or replace function finance._valued_append(
    state text, amount numeric, on_date date, level double precision, nav numeric
) returns text
language plpgsql immutable parallel safe
as $$
begin
    -- a row without date, amount and value (an outer join's) is none; half a row is unknown and makes the answer unknown
    if amount is null and nav is null and on_date is null then
        return state;
    end if;
    if state is null or on_date is null or (amount is null and nav is null) then
        return null;
    end if;
    if octet_length(state) >= 16384 then
        state := finance._valued_compact(state);
    end if;
    return state || (
        ',' || coalesce(amount, 0) || ',' || (on_date - date '2000-01-01')
        || ',' || case when level > 0 and level < 'infinity' then level else 'NaN' end
        || ',' || coalesce(nav, 'NaN')
    );
end
$$;

comment on function finance._valued_append(text, numeric, date, double precision, numeric) is
'Internal. Transition function of the market comparisons: amount, day, level and value of a row, NaN for what is not there.';

create or replace function finance._irr_of_any_days(
    paid double precision [], received double precision [], days integer []
) returns finance.irr_result
language sql immutable strict parallel safe
as $$
    select
        finance._irr_of_series(
            array_agg(d.net order by d.day) filter (where d.is_left),
            array_agg(d.day order by d.day) filter (where d.is_left),
            min(d.day),
            max(d.day),
            finance._status_without_sign_change(
                coalesce(sum((d.paid <> 0)::integer + (d.received <> 0)::integer), 0),
                count(*) filter (where d.paid <> 0 or d.received <> 0),
                count(*) filter (where d.is_left),
                coalesce(bool_and(d.net < 0) filter (where d.is_left), true),
                max(d.day) filter (where not d.is_left),
                max(d.day) filter (where d.is_left)
            )
        )
    from (
        select
            f.*,
            f.received - f.paid as net,
            abs(f.received - f.paid) > 1e-14 * (f.paid + f.received) as is_left
        from unnest(paid, received, days) as f (paid, received, day)
    ) as d
$$;

comment on function finance._irr_of_any_days(double precision [], double precision [], integer []) is
'Internal. finance._irr_of_days where the short way to one root does not answer.';

create or replace function finance._irr_of_days(
    paid double precision [], received double precision [], days integer []
) returns finance.irr_result
language plpgsql immutable strict parallel safe
as $$
declare
    n constant integer := coalesce(cardinality(days), 0);
    net double precision;
    pairs double precision [] := '{}';
    single double precision [];
    u double precision;
    answer finance.irr_result;
begin
    for i in 1..n loop
        net := received[i] - paid[i];
        -- receipts scaled to the index undo payments but for the rounding of doubles: that is nothing left, not a flow
        if abs(net) > 1e-14 * (paid[i] + received[i]) then
            -- one element at a time: an array that is joined to another is copied
            pairs := pairs || net;
            pairs := pairs || days[i]::double precision;
        end if;
    end loop;
    single := finance._single_root(pairs);
    u := single[1];
    if not coalesce(u between -36.7 and 9.21, false) then
        return finance._irr_of_any_days(paid, received, days);
    end if;
    answer.irr := exp(u) - 1;
    answer.irr_status := 'ok';
    answer.irr_roots := array[answer.irr];
    answer.is_annualized := days[n] - single[2] >= 365;
    answer.period_return := finance._growth(u / 365 * (single[3] - single[2]));
    answer.first_on := date '2000-01-01' + single[2]::integer;
    answer.last_on := date '2000-01-01' + days[n];
    return answer;
end
$$;

comment on function finance._irr_of_days(double precision [], double precision [], integer []) is
'Internal. The IRR of what was paid and received (both positive) on days that rise (since 2000-01-01); values held are receipts.';

create or replace function finance._irr_with_value(
    paid double precision [], received double precision [], days integer [], value_held double precision
) returns finance.irr_result
language plpgsql immutable parallel safe
as $$
declare
    n constant integer := cardinality(days);
    answer finance.irr_result;
begin
    if value_held is null then
        answer.irr_status := 'missing_nav';
        return answer;
    end if;
    received[n] := received[n] + value_held;
    return finance._irr_of_days(paid, received, days);
end
$$;

comment on function finance._irr_with_value(double precision [], double precision [], integer [], double precision) is
'Internal. finance._irr_of_days with a value held on the last day; irr_status missing_nav when that is null.';

create or replace function finance._valued_flows_of(state text) returns finance._valued_flows
language plpgsql immutable strict parallel safe
as $$
declare
    -- levels, days and values are read as double precision; money stays exact until a day is complete
    given constant double precision [] := ('{' || substr(state, 2) || '}')::double precision [];
    money constant numeric [] := ('{' || substr(state, 2) || '}')::numeric [];
    epoch constant date := date '2000-01-01';
    places constant integer [] := (
        select array_agg(k order by given[k + 1])
        from generate_series(1, cardinality(given), 4) as k
    );
    n constant integer := coalesce(cardinality(places), 0);
    k integer;
    day integer;
    level double precision;
    day_paid numeric := 0;
    day_received numeric := 0;
    day_nav numeric;
    has_paid boolean := false;
    has_received boolean := false;
    has_mixed boolean := false;
    days integer [] := '{}';
    paid double precision [] := '{}';
    received double precision [] := '{}';
    levels double precision [] := '{}';
    navs double precision [] := '{}';
    answer finance._valued_flows;
begin
    for i in 1..n loop
        k := places[i];
        day := given[k + 1];
        if given[k] < 0 then
            day_paid := day_paid - money[k];
        elsif given[k] > 0 then
            day_received := day_received + money[k];
        end if;
        if given[k + 2] <> 'NaN' then
            has_mixed := has_mixed or level <> given[k + 2];
            level := given[k + 2];
        end if;
        if given[k + 3] <> 'NaN' then
            -- several values of a day (of several holders) add up, as several flows do
            day_nav := coalesce(day_nav, 0) + money[k + 3];
        end if;
        continue when i < n and given[places[i + 1] + 1] = day;
        -- a value on a day without flows counts on the last day only
        if day_paid <> 0 or day_received <> 0 or i = n then
            days := days || day;
            paid := paid || day_paid::double precision;
            received := received || day_received::double precision;
            levels := levels || level;
            navs := navs || day_nav::double precision;
            has_paid := has_paid or day_paid <> 0;
            has_received := has_received or day_received <> 0;
            if level is null then
                answer.missing_on := coalesce(answer.missing_on, epoch + day);
            end if;
        end if;
        day_paid := 0;
        day_received := 0;
        day_nav := null;
        level := null;
    end loop;
    answer.status := case
        when not has_paid then case when has_received then 'no_contributions' else 'no_flows' end
        when has_mixed then 'mixed_levels'
        when answer.missing_on is not null then 'missing_level'
    end;
    if n > 0 then
        answer.own := finance._irr_with_value(paid, received, days, navs[cardinality(navs)]);
    end if;
    answer.days := days;
    answer.paid := paid;
    answer.received := received;
    answer.levels := levels;
    answer.navs := navs;
    return answer;
end
$$;

comment on function finance._valued_flows_of(text) is
'Internal. A state of the market comparisons put in order by day, with the fund''s own IRR.';
