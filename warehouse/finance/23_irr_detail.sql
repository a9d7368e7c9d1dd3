-- The decision of METRICS section A: from flows in time to one rate, a status and every root.

create or replace function finance._netted(
    given numeric [], width integer,
    out amounts double precision [], out times double precision [], out first_time double precision, out last_time double precision,
    out status_if_flat text
)
language plpgsql immutable strict parallel safe
as $$
begin
    select
        array_agg(d.net::double precision order by d.time) filter (where d.net <> 0),
        array_agg(d.time::double precision order by d.time) filter (where d.net <> 0),
        min(d.time),
        max(d.time),
        finance._status_without_sign_change(
            coalesce(sum(d.entries), 0)::bigint,
            count(*) filter (where d.entries > 0),
            count(*) filter (where d.net <> 0),
            bool_and(d.net <= 0),
            max(d.place) filter (where d.net = 0),
            max(d.place) filter (where d.net <> 0)
        )
    into amounts, times, first_time, last_time, status_if_flat
    from (
        select
            given[k + 1] as time,
            sum(given[k]) as net,
            count(*) filter (where given[k] <> 0) as entries,
            (row_number() over (order by given[k + 1]))::integer as place
        from generate_series(1, cardinality(given) - 1, width) as k
        group by given[k + 1]
    ) as d;
end
$$;

comment on function finance._netted(numeric [], integer) is
'Internal. Flows in any order (amount and time lead every width elements) netted by time in exact arithmetic: those that are left, '
'rising, the first and last time given, and what to say when there is no second sign.';

create or replace function finance._irr_of_times(
    amounts double precision [], years double precision [], status_if_flat text
) returns finance.irr_result
language plpgsql immutable parallel safe
as $$
declare
    -- amounts are netted, none of them zero; years rise from 0. status_if_flat: what to say when there is no second sign.
    lowest constant double precision := -36.7;  -- exp(-36.7) - 1 is the last double precision value above -100 %
    highest constant double precision := ln(10001::double precision) + 1e-12;  -- +1,000,000 %
    n constant integer := coalesce(cardinality(amounts), 0);
    answer finance.irr_result;
    scaled double precision [] := '{}';
    largest double precision := 0;
    smallest double precision := 'Infinity';
    shift double precision := 0;
    sign_changes integer := 0;
    search record;
    has_roots boolean;
    falling integer;
    touching integer;
    headline integer;
begin
    answer.irr_roots := '{}';
    answer.is_annualized := false;
    for i in 1..n loop
        largest := greatest(largest, abs(amounts[i]));
        smallest := least(smallest, abs(amounts[i]));
        if i > 1 and (amounts[i] > 0) <> (amounts[i - 1] > 0) then
            sign_changes := sign_changes + 1;
        end if;
    end loop;
    if sign_changes = 0 then
        answer.irr_status := status_if_flat;
        return answer;
    end if;
    if ln(largest) - ln(smallest) < 92 then
        for i in 1..n loop
            scaled := scaled || amounts[i] / largest;
        end loop;
    else
        -- forty digits apart, and more than the search can weigh: brought together by the growth that the last amount has over
        -- the first, sum of a * exp(-t * u) = sum of (a * exp(-t * shift)) * exp(-t * (u - shift))
        shift := (ln(abs(amounts[n])) - ln(abs(amounts[1]))) / years[n];
        select array_agg(sign(w.a) * exp(greatest(w.log_size - w.largest, -300)) order by w.t)
        into scaled
        from (
            select
                f.a,
                f.t,
                ln(abs(f.a)) - f.t * shift as log_size,
                max(ln(abs(f.a)) - f.t * shift) over () as largest
            from unnest(amounts, years) as f (a, t)
        ) as w;
    end if;

    if sign_changes = 2 and shift = 0 then
        select * into search from finance._two_roots(scaled, years, lowest, highest);
        has_roots := search.is_settled;
    end if;
    if has_roots is not true then
        select * into search from finance._irr_roots(scaled, years, lowest - shift, highest - shift);
    end if;
    answer.irr_roots := coalesce((select array_agg(exp(u + shift) - 1 order by k) from unnest(search.roots) with ordinality as r (u, k)), '{}');
    if not search.is_settled then
        answer.irr_status := 'not_converged';
        return answer;
    end if;
    if cardinality(search.roots) = 0 then
        -- NPV has the sign of the first flow for ever higher rates and of the last one towards -100 %
        answer.irr_status := case
            when finance._npv_sign(scaled, years, highest - shift) <> sign(amounts[1])
                or finance._npv_sign(scaled, years, lowest - shift) <> sign(amounts[n]) then 'out_of_range'
            else 'none'
        end;
        return answer;
    end if;
    falling := cardinality(array_positions(search.turns, -1));
    touching := cardinality(array_positions(search.turns, 0));
    headline := case
        when cardinality(search.roots) = 1 and touching = 0 then 1
        when falling = 1 then array_position(search.turns, -1)
    end;
    if headline is null then
        answer.irr_status := case when touching = cardinality(search.roots) and touching = 1 then 'tangent' else 'multiple' end;
        return answer;
    end if;
    answer.irr_status := 'ok';
    answer.irr := answer.irr_roots[headline];
    answer.period_return := finance._growth((search.roots[headline] + shift) * years[n]);
    return answer;
end
$$;

comment on function finance._irr_of_times(double precision [], double precision [], text) is
'Internal. The IRR of netted flows (distributions positive) at times in years, without its dates.';

create or replace function finance._irr_of_series(
    amounts double precision [], days integer [], first_given integer, last_given integer, status_if_flat text
) returns finance.irr_result
language plpgsql immutable parallel safe
as $$
declare
    -- days ascending (since 2000-01-01); first_given and last_given include days whose flows net to zero
    epoch constant date := date '2000-01-01';
    years double precision [] := '{}';
    answer finance.irr_result;
begin
    for i in 1..coalesce(cardinality(days), 0) loop
        years := years || (days[i] - days[1]) / 365.0::double precision;
    end loop;
    answer := finance._irr_of_times(amounts, years, status_if_flat);
    answer.first_on := epoch + coalesce(days[1], first_given);
    answer.last_on := epoch + last_given;
    answer.is_annualized := coalesce(last_given - days[1] >= 365, false);
    return answer;
end
$$;

comment on function finance._irr_of_series(double precision [], integer [], integer, integer, text) is
'Internal. The IRR of flows netted by day: amounts (distributions positive), days since 2000-01-01 ascending.';

create or replace function finance._npv_sign(
    amounts double precision [], years double precision [], u double precision
) returns double precision
language sql immutable strict parallel safe
as $$
    select sign((finance._discounted_moments(amounts, years, array[u])).npv[1])
$$;

comment on function finance._npv_sign(double precision [], double precision [], double precision) is
'Internal. Sign of NPV at u = ln(1+rate).';
